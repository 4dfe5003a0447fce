"""What a partner sees of a year: totals, and no small count."""

from datetime import datetime

from app.api.fields import View
from app.vocabulary.domain import Language


class Number(View):
    """count: None when it is suppressed, because it is small or would tell of a small one."""

    count: int | None
    suppressed: bool


class NumberRow(Number):
    """code: None for reports that stand in no other table."""

    code: str | None
    label: str


class ReportNumbers(View):
    """by_domain adds up to the total. A report can name several grounds: by_ground does not."""

    total: Number
    by_domain: list[NumberRow]
    by_ground: list[NumberRow]


class CaseNumbers(View):
    """Cases closed in the year; by_outcome adds up to the total."""

    total: Number
    by_outcome: list[NumberRow]


class OwnReferralNumbers(View):
    """Referrals that we were offered in the year and could see when they were counted, once."""

    as_of: datetime
    received: Number
    answered: Number
    median_days_to_answer: float | None


class PartnerFiguresView(View):
    """as_of: when the year was counted, once, when somebody first asked; it never changes."""

    year: int
    as_of: datetime
    language: Language
    notes: list[str]
    reports: ReportNumbers
    cases_closed: CaseNumbers
    own_referrals: OwnReferralNumbers
