"""The figures of the partner network: read once for all years, counted for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.activities import queries as activities
from app.activities.domain import (
    ActivityFact,
    ActivityFigures,
    PointFact,
    against_norms,
    count_by_kind,
    count_points,
)
from app.annual_report import network_queries as queries
from app.annual_report.domain import (
    SEPARATOR,
    EventCounting,
    MonthFigures,
    ReportFacets,
    days_of,
)
from app.annual_report.network_domain import (
    AgreementFact,
    AreaFigures,
    NetworkFigures,
    PartnerFact,
    ReferralFigures,
    Span,
    count_agreements,
    count_area,
    count_partners,
    count_referrals,
    extending,
    span_of,
)
from app.intake.domain import place_of
from app.partners import service as partners
from app.partners.domain import Area, ServiceArea
from app.referrals.domain import ReferralDirection


@dataclass(frozen=True)
class NetworkRows:
    """What the years are counted from. areas: of the service area on a day of these years."""

    partners: Sequence[PartnerFact]
    agreements: Sequence[AgreementFact]
    activities: Sequence[ActivityFact]
    points: Sequence[PointFact]
    referrals: Mapping[tuple[int, str], ReferralFigures]
    areas: Sequence[Area]
    area: ServiceArea


def load(session: Session, *, first: date, last: date, own: str) -> NetworkRows:
    """own: the bureau's municipality."""
    areas = partners.areas_between(session, first, last, own=own)
    return NetworkRows(
        partners=queries.partners(session),
        agreements=queries.agreements(session),
        activities=activities.activity_facts(session, first=first, last=last),
        points=activities.point_facts(session, first=first, last=last),
        referrals=count_referrals(queries.referral_facets(session, first=first, last=last)),
        areas=areas,
        area=ServiceArea(areas),
    )


def of_year(
    session: Session,
    rows: NetworkRows,
    year: int,
    months: Mapping[str, MonthFigures],
    firsts: ReportFacets | None,
    *,
    events: EventCounting,
    today: date,
) -> NetworkFigures:
    """months: of the year. firsts: the reports that stand for a mass event each, if one does."""
    span = span_of(year, today=today)
    return NetworkFigures(
        span=span,
        partners=count_partners(rows.partners, span),
        agreements=count_agreements(rows.agreements, span),
        activities=_activities(rows, span, today),
        referrals={d: rows.referrals[year, d] for d in ReferralDirection},
        area=_area(session, rows, months, firsts, events),
        partner_names={partner.id: partner.name for partner in rows.partners},
        agreement_partners=extending(rows.areas, span),
    )


def _activities(rows: NetworkRows, span: Span, today: date) -> ActivityFigures:
    days = {"first": span.first, "last": span.last, "today": today}
    return ActivityFigures(
        by_kind=count_by_kind(rows.activities, **days),
        meetings=against_norms(rows.activities, **days),
        action_points=count_points(rows.points, **days),
    )


def _area(
    session: Session,
    rows: NetworkRows,
    months: Mapping[str, MonthFigures],
    firsts: ReportFacets | None,
    events: EventCounting,
) -> AreaFigures:
    return count_area(
        (
            *_placed(session, rows.area, months, with_grouped=events is EventCounting.INCLUDE),
            *(_placed_firsts(firsts) if firsts else ()),
        ),
        rows.area,
    )


def _placed(
    session: Session, area: ServiceArea, months: Mapping[str, MonthFigures], *, with_grouped: bool
) -> Iterator[tuple[date, str, int]]:
    """(day, place, reports) of each month: by its first day for a place that stays inside or
    outside all month, else by the days themselves, which no month keeps."""
    for month, found in months.items():
        first, last = days_of(month)
        changing = set()
        for part in (found.alone, found.grouped) if with_grouped else (found.alone,):
            for place, reports in part.place.items():
                if not place or area.is_settled(place, first=first, last=last):
                    yield first, place, reports
                else:
                    changing.add(place)
        if changing:
            yield from queries.reports_by_day_and_place(
                session, first=first, last=last, places=changing, with_grouped=with_grouped
            )


def _placed_firsts(firsts: ReportFacets) -> Iterator[tuple[date, str, int]]:
    for places, days in zip(firsts.places, firsts.acknowledgement, strict=True):
        residence, place, _ = places.split(SEPARATOR)
        received_on, _, _ = days.split(SEPARATOR)
        yield date.fromisoformat(received_on), place_of(place, residence) or "", 1
