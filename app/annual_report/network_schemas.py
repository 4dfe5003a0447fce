"""The figures of the partner network in a year."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from app.activities.domain import NormState
from app.api.fields import View
from app.partners.domain import CooperationKind


class PartnerCodeCount(View):
    """code: None for partners without a tier."""

    code: str | None
    label: str
    partners: int


class PartnersView(View):
    """in_force: on `on`. new, ended: whose first or last day lies in the year up to then; one that
    ends on that very day is still in force."""

    in_force: int
    new: int
    ended: int
    by_kind: list[PartnerCodeCount]
    by_tier: list[PartnerCodeCount]


class MeetingNormView(View):
    """state: not_due while the year runs and the norm is not met yet."""

    kind: str
    label: str
    held: Annotated[
        int,
        Field(
            description="days of the year, not after today, with a meeting of this kind; one a day "
            "counts at most"
        ),
    ]
    norm: int
    state: NormState


class ActivityCodeCount(View):
    code: str
    label: str
    activities: int


class ActionPointsView(View):
    """set, done: in the year. done_in_time: of those done, by their day. overdue: due in the year
    and not done yet. open: set and not done on `on`."""

    set: int
    done: int
    done_in_time: int
    overdue: int
    open: int


class ReferralPartnerCount(View):
    partner_id: UUID
    partner: str
    referrals: int


class ReferralCodeCount(View):
    code: str
    label: str
    referrals: int


class ReferralsView(View):
    """Referrals made in the year, as they stand; of reports whose reporter agreed to statistics.
    A report with two grounds stands in two rows of by_ground."""

    total: int
    by_partner: list[ReferralPartnerCount]
    by_ground: list[ReferralCodeCount]
    by_status: list[ReferralCodeCount]
    answered: int
    median_days_to_answer: float | None


class ReferralsOutView(ReferralsView):
    """by_outcome: of those completed. accepted_share: of those answered, 0..1, four decimals."""

    by_outcome: list[ReferralCodeCount]
    accepted: int
    accepted_share: float | None


class AgreementKindCount(View):
    kind: CooperationKind
    in_force: int
    begun: int
    ended: int


class CooperationView(View):
    """in_force, begun and ended as of partners."""

    in_force: int
    begun: int
    ended: int
    by_kind: list[AgreementKindCount]


class AreaAgreementCount(View):
    agreement_id: UUID
    partner_id: UUID
    partner: str
    reports: int


class ServiceAreaCounts(View):
    """Reports by where they happened, else where the reporter lives, on the day they came in.
    by_agreement: those inside because an agreement extends the area; also agreements with none."""

    counted: int
    inside: int
    in_own_municipality: int
    by_agreement: list[AreaAgreementCount]
    outside: int
    unknown: int


class NetworkFiguresView(View):
    """on: the last day of the year, or today while it runs. referrals_in: answered is when the
    bureau answered the report."""

    on: date
    partners: PartnersView
    agreements: CooperationView
    meetings: list[MeetingNormView]
    activities: list[ActivityCodeCount]
    action_points: ActionPointsView
    referrals_out: ReferralsOutView
    referrals_in: ReferralsView
    service_area: ServiceAreaCounts
