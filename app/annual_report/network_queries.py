"""What the figures of the partner network are counted from: one statement for all years each."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, case, cast, func, literal_column, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.annual_report.domain import SEPARATOR
from app.annual_report.network_domain import AgreementFact, PartnerFact, ReferralFacets
from app.annual_report.queries import COUNTED, plain_rows
from app.intake.models import Report
from app.partners.domain import TierPeriod
from app.partners.models import CooperationAgreement, Partner, PartnerTier
from app.referrals.domain import ReferralDirection
from app.referrals.models import Referral


def partners(session: Session) -> list[PartnerFact]:
    """The whole register: who left is named by the referrals of its time."""
    tiers: dict[UUID, list[TierPeriod]] = defaultdict(list)
    for partner_id, tier, first, last in session.execute(
        select(
            PartnerTier.partner_id, PartnerTier.tier, PartnerTier.valid_from, PartnerTier.valid_to
        )
    ):
        tiers[partner_id].append(TierPeriod(tier, first, last))
    rows = session.execute(
        select(
            Partner.id,
            Partner.organisation,
            Partner.kind,
            Partner.active_from,
            Partner.active_to,
        )
    )
    return [PartnerFact(*row, tiers[row.id]) for row in rows]


def agreements(session: Session) -> list[AgreementFact]:
    rows = session.execute(
        select(
            CooperationAgreement.kind,
            CooperationAgreement.valid_from,
            CooperationAgreement.valid_to,
        )
    )
    return [AgreementFact(*row) for row in rows]


def referral_facets(session: Session, *, first: date, last: date) -> ReferralFacets:
    """Referrals made from `first` to `last` of reports whose reporter agreed to statistics.

    One of a report that turned out a duplicate counts: it was made.
    """
    made_on = cast(Referral.made_on, Text)
    answered_on = case(
        (Referral.direction == ReferralDirection.OUT, cast(Referral.answered_on, Text)),
        else_=cast(Report.answered_on, Text),
    )
    key = (func.substr(made_on, 1, 4), Referral.direction)
    columns = (
        _joined(*key, Referral.partner_id, Referral.status, cast(Referral.outcome, Text)),
        _joined(*key, Report.ground_codes),
        _joined(*key, Referral.status, made_on, answered_on),
    )
    rows = plain_rows(
        session,
        select(*columns)
        .join(Report, Report.id == Referral.report_id)
        .where(Referral.made_on.between(first, last), Report.consent_statistics),
    )
    return ReferralFacets(*(list(zip(*rows, strict=True)) or [()] * len(columns)))


def reports_by_day_and_place(
    session: Session, *, first: date, last: date, places: Collection[str], with_grouped: bool
) -> list[tuple[date, str, int]]:
    """(received on, place, counted reports) of these places, as they are written.

    with_grouped: also the reports of mass events. The place is that of `intake.domain.place_of`.
    """
    place = func.coalesce(
        func.nullif(Report.incident_municipality, ""), Report.reporter_municipality
    )
    # Not in WHERE: SQLite would take the index of event_id for it, and nine in ten rows have none.
    number = func.count() if with_grouped else func.count().filter(Report.event_id.is_(None))
    rows = session.execute(
        select(Report.received_on, place, number)
        .where(Report.received_on.between(first, last), place.in_(places), *COUNTED)
        .group_by(Report.received_on, place)
    )
    return [(day, name, reports) for day, name, reports in rows]


def _joined(*parts: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[str]:
    """The parts as one text; a part that is missing is empty."""
    return func.concat_ws(
        literal_column(f"'{SEPARATOR}'"), *(func.coalesce(cast(p, Text), "") for p in parts)
    )
