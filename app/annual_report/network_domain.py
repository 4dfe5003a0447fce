"""Figures of the partner network, counted in Python from a handful of reads for all years."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from app.activities.domain import ActivityFigures
from app.annual_report.domain import SEPARATOR, Counts, days_between
from app.partners.domain import Area, AreaSource, ServiceArea, TierPeriod, is_within
from app.referrals.domain import ReferralDirection, ReferralStatus


@dataclass(frozen=True)
class Span:
    """A year as far as it went. until: its last day, or today while it runs."""

    first: date
    last: date
    until: date

    @property
    def is_over(self) -> bool:
        return self.until == self.last

    def has(self, day: date | None) -> bool:
        return day is not None and self.first <= day <= self.until


@dataclass(frozen=True)
class PartnerFact:
    """What the figures need of a partner. active_from and active_to: inclusive."""

    id: UUID
    name: str
    kind: str
    active_from: date
    active_to: date | None
    tiers: Sequence[TierPeriod] = ()


@dataclass(frozen=True)
class AgreementFact:
    """What the figures need of a cooperation agreement. valid_from and valid_to: inclusive."""

    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True)
class ReferralFacets:
    """Referrals as columns of text, as `ReportFacets`; each begins with year and direction."""

    dealings: Sequence[str]
    """partner, status, outcome"""
    grounds: Sequence[str]
    """ground codes, comma between"""
    answers: Sequence[str]
    """status, made on, answered on (ISO dates); of a referral in: when its report was answered"""


@dataclass
class PartnerFigures:
    """in_force: on the last day of the span. new, ended: whose first or last day lies in it, so
    that one who ends on the last day is both in force and ended. by_tier: "" is none."""

    in_force: int = 0
    new: int = 0
    ended: int = 0
    by_kind: Counts = field(default_factory=Counter)
    by_tier: Counts = field(default_factory=Counter)


@dataclass
class AgreementFigures:
    """Each kind -> agreements; in force, begun and ended as in `PartnerFigures`."""

    in_force: Counts = field(default_factory=Counter)
    begun: Counts = field(default_factory=Counter)
    ended: Counts = field(default_factory=Counter)


@dataclass
class ReferralFigures:
    """Referrals of one direction made in a year, as they stand. accepted: of those answered.
    answer_days: days to the answer -> referrals."""

    total: int = 0
    by_partner: Counter[UUID] = field(default_factory=Counter)
    by_ground: Counts = field(default_factory=Counter)
    by_status: Counts = field(default_factory=Counter)
    by_outcome: Counts = field(default_factory=Counter)
    answered: int = 0
    accepted: int = 0
    answer_days: Counts = field(default_factory=Counter)


@dataclass
class AreaFigures:
    """Reports by where they lie on the day they came in. by_agreement: also those with none."""

    own: int = 0
    by_agreement: Counter[UUID] = field(default_factory=Counter)
    outside: int = 0
    unknown: int = 0

    @property
    def inside(self) -> int:
        return self.own + self.by_agreement.total()

    @property
    def counted(self) -> int:
        return self.inside + self.outside + self.unknown


@dataclass(frozen=True)
class NetworkFigures:
    """partner_names: of every partner that a figure names. agreement_partners: agreement -> its
    partner, of those that extend the service area."""

    span: Span
    partners: PartnerFigures
    agreements: AgreementFigures
    activities: ActivityFigures
    referrals: Mapping[ReferralDirection, ReferralFigures]
    area: AreaFigures
    partner_names: Mapping[UUID, str]
    agreement_partners: Mapping[UUID, UUID]


def span_of(year: int, *, today: date) -> Span:
    last = date(year, 12, 31)
    return Span(date(year, 1, 1), last, min(last, today))


def count_partners(partners: Iterable[PartnerFact], span: Span) -> PartnerFigures:
    found = PartnerFigures()
    for partner in partners:
        found.new += span.has(partner.active_from)
        found.ended += span.has(partner.active_to)
        if is_within(span.until, partner.active_from, partner.active_to):
            found.in_force += 1
            found.by_kind[partner.kind] += 1
            tiers = (period.tier for period in partner.tiers if period.holds_on(span.until))
            found.by_tier[next(tiers, "")] += 1
    return found


def count_agreements(agreements: Iterable[AgreementFact], span: Span) -> AgreementFigures:
    found = AgreementFigures()
    for agreement in agreements:
        found.begun[agreement.kind] += span.has(agreement.valid_from)
        found.ended[agreement.kind] += span.has(agreement.valid_to)
        is_in_force = is_within(span.until, agreement.valid_from, agreement.valid_to)
        found.in_force[agreement.kind] += is_in_force
    return found


def count_referrals(
    facets: ReferralFacets,
) -> Mapping[tuple[int, str], ReferralFigures]:
    """(year, direction) -> its figures; one without referrals is made when it is asked for."""
    found: dict[tuple[int, str], ReferralFigures] = defaultdict(ReferralFigures)
    ids = {text: UUID(text) for text in {value.split(SEPARATOR)[2] for value in facets.dealings}}

    def each(column: Sequence[str]) -> Iterable[tuple[ReferralFigures, list[str], int]]:
        for value, referrals in Counter(column).items():
            year, direction, *parts = value.split(SEPARATOR)
            yield found[int(year), direction], parts, referrals

    for figures, (partner, status, outcome), referrals in each(facets.dealings):
        figures.total += referrals
        figures.by_partner[ids[partner]] += referrals
        figures.by_status[status] += referrals
        if outcome:
            figures.by_outcome[outcome] += referrals
    for figures, (codes,), referrals in each(facets.grounds):
        for code in codes.split(",") if codes else ():
            figures.by_ground[code] += referrals
    for figures, (status, made, answered), referrals in each(facets.answers):
        if answered:
            figures.answered += referrals
            figures.accepted += referrals * (status != ReferralStatus.DECLINED)
            figures.answer_days[str(days_between(made, answered))] += referrals
    return found


def extending(areas: Iterable[Area], span: Span) -> dict[UUID, UUID]:
    """Agreement -> its partner, of those that extend the area on a day of the span."""
    return {
        area.agreement_id: area.partner_id
        for area in areas
        if area.agreement_id is not None
        and area.partner_id is not None
        and (area.valid_from is None or area.valid_from <= span.until)
        and (area.valid_to is None or area.valid_to >= span.first)
    }


def count_area(placed: Iterable[tuple[date, str, int]], area: ServiceArea) -> AreaFigures:
    """placed: (day received, place or "", reports)."""
    found = AreaFigures()
    for day, place, reports in placed:
        if not place:
            found.unknown += reports
            continue
        where = area.find(place, on=day)
        if where is None:
            found.outside += reports
        elif where.source is AreaSource.OWN or where.agreement_id is None:
            found.own += reports
        else:
            found.by_agreement[where.agreement_id] += reports
    return found
