"""Partners: tiers by the day, agreements, the service area, who is competent outside it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.core.errors import FieldError, InvalidInputError, invalid
from app.core.folding import fold


class Accessibility(StrEnum):
    """What a partner offers to whom it would otherwise not reach."""

    WHEELCHAIR = "wheelchair"
    SIGN_LANGUAGE = "sign_language"
    EASY_LANGUAGE = "easy_language"
    INTERPRETER = "interpreter"
    HOME_VISITS = "home_visits"
    ONLINE = "online"
    EVENINGS = "evenings"


class CooperationKind(StrEnum):
    COOPERATION = "cooperation"
    REFERRAL = "referral"
    DATA_SHARING = "data_sharing"
    SERVICE_AREA = "service_area"


class CooperationStatus(StrEnum):
    """How an agreement stands on a day."""

    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    ENDED = "ended"


class ReferralField(StrEnum):
    """A part of a report that may be shared with a partner."""

    NARRATIVE = "narrative"
    PERIOD = "period"
    PLACE = "place"
    DOMAIN = "domain"
    GROUNDS = "grounds"
    CONDUCTS = "conducts"
    RESPONDENT = "respondent"
    WISHES = "wishes"
    REPORTER_IDENTITY = "reporter_identity"
    REPORTER_CONTACT = "reporter_contact"
    SELF_DESCRIPTION = "self_description"
    NEEDS = "needs"


class AreaSource(StrEnum):
    """Why a municipality belongs to the service area."""

    OWN = "own"
    AGREEMENT = "agreement"


@dataclass(frozen=True)
class TierPeriod:
    """A tier from one day to another, both inclusive; valid_to None: until further notice."""

    tier: str
    valid_from: date
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return is_within(day, self.valid_from, self.valid_to)


@dataclass(frozen=True)
class Area:
    """A municipality of the service area. valid_from and valid_to: inclusive, None is unbounded."""

    municipality: str
    source: AreaSource
    agreement_id: UUID | None = None
    partner_id: UUID | None = None
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def folded(self) -> str:
        return fold(self.municipality)


class ServiceArea:
    """The municipalities of the service area, to look up many places and days."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._folded: dict[str, list[Area]] = {}
        for area in areas:
            self._folded.setdefault(area.folded, []).append(area)
        self._spelled: dict[str, Sequence[Area]] = {}

    def find(self, municipality: str, *, on: date) -> Area | None:
        """The area in which a municipality lies on a day; None: outside."""
        for area in self._named(municipality):
            if is_within(on, area.valid_from, area.valid_to):
                return area
        return None

    def is_settled(self, municipality: str, *, first: date, last: date) -> bool:
        """Whether `find` answers the same on each day of a period, both ends inclusive."""
        return not any(
            (area.valid_from is not None and first < area.valid_from <= last)
            or (area.valid_to is not None and first <= area.valid_to < last)
            for area in self._named(municipality)
        )

    def _named(self, municipality: str) -> Sequence[Area]:
        found = self._spelled.get(municipality)
        if found is None:  # folding is what takes time, and the same spellings come back
            found = self._folded.get(fold(municipality), ())
            self._spelled[municipality] = found
        return found


@dataclass(frozen=True)
class Ground:
    """A ground as the law knows it. lineage: its code and those above it."""

    code: str
    lineage: Collection[str]
    regimes: Collection[str]


@dataclass(frozen=True)
class CompetenceRule:
    """When a body is competent. Empty `regimes`: for any municipality that is not ours.

    regimes: whose grounds; matters: whose matters, the same when empty; regions: of the place,
    empty is everywhere. grounds: only these and what lies below them; empty is all. Validity is
    inclusive.
    """

    code: str
    labels: Mapping[str, str]
    reason: str
    regimes: Collection[str] = ()
    matters: Collection[str] = ()
    regions: Sequence[str] = ()
    grounds: Collection[str] = ()
    except_grounds: Collection[str] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class CompetenceTable:
    """matters: the regimes that a domain can fall under; a domain that is not named: any."""

    rules: Sequence[CompetenceRule]
    matters: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Competent:
    """A body to turn to, why (a code), and the grounds for which.

    only_in: the regions in which it is, when it is not known in which the place lies.
    """

    code: str
    labels: Mapping[str, str]
    reason: str
    grounds: Sequence[str]
    only_in: Sequence[str] = ()


def is_within(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies in a period, both ends inclusive; None is unbounded."""
    return (first is None or first <= day) and (last is None or day <= last)


def overlap(
    first: date | None, last: date | None, other_first: date | None, other_last: date | None
) -> tuple[date | None, date | None] | None:
    """The days that lie in both periods, as a period; None when there are none."""
    firsts = [day for day in (first, other_first) if day is not None]
    lasts = [day for day in (last, other_last) if day is not None]
    begin, end = max(firsts, default=None), min(lasts, default=None)
    if begin is not None and end is not None and end < begin:
        return None
    return begin, end


def cooperation_status(
    valid_from: date, valid_to: date | None, *, partner_ends_on: date | None, on: date
) -> CooperationStatus:
    """An agreement ends with its partner, whatever its own last day is."""
    if partner_ends_on is not None and partner_ends_on < on:
        return CooperationStatus.ENDED
    if on < valid_from:
        return CooperationStatus.UPCOMING
    if valid_to is not None and valid_to < on:
        return CooperationStatus.ENDED
    return CooperationStatus.IN_FORCE


def period_errors(first: date | None, last: date | None, pointer: str) -> list[FieldError]:
    """pointer: of the last day."""
    if first is not None and last is not None and last < first:
        return [FieldError(pointer, "before the first day", "date_order")]
    return []


def cooperation_errors(
    *,
    valid_from: date,
    valid_to: date | None,
    renewal_on: date | None,
    extends_service_area: bool,
    territory: Collection[str],
) -> list[FieldError]:
    """What is wrong with the terms of an agreement."""
    errors = period_errors(valid_from, valid_to, "/valid_to")
    if renewal_on is not None and not is_within(renewal_on, valid_from, valid_to):
        errors.append(FieldError("/renewal_on", "lies outside the validity", "date_order"))
    if extends_service_area and not territory:
        errors.append(FieldError("/territory", "name the municipalities it adds", "missing"))
    return errors


def partnership_errors(valid_from: date, *, active_to: date | None) -> list[FieldError]:
    """An agreement that begins after its partner has ended."""
    if active_to is not None and active_to < valid_from:
        return [FieldError("/valid_from", "the partner has ended by then", "partner_not_active")]
    return []


def tier_errors(periods: Sequence[TierPeriod]) -> list[FieldError]:
    """Periods in the wrong order, or two on one day."""
    errors = []
    for position, period in enumerate(periods):
        pointer = f"/tiers/{position}"
        errors += period_errors(period.valid_from, period.valid_to, f"{pointer}/valid_to")
        if any(_meet(period, other) for other in periods[:position]):
            errors.append(FieldError(pointer, "overlaps another tier", "overlap"))
    return errors


def tiers_after(
    periods: Sequence[TierPeriod], tier: str | None, *, first: date
) -> Sequence[TierPeriod]:
    """The tiers when a partner has this one from a day on; None: none from then on.

    Raises InvalidInputError when a tier begins after that day: what came later would be lost.
    """
    kept = sorted(periods, key=lambda period: period.valid_from)
    if kept and kept[-1].valid_from > first:
        raise invalid("/tier_from", "a tier begins after this day", "overlap")
    if kept and kept[-1].valid_from == first:
        kept.pop()
    elif kept and kept[-1].holds_on(first):
        if kept[-1].tier == tier and kept[-1].valid_to is None:
            return kept
        last = kept.pop()
        kept.append(TierPeriod(last.tier, last.valid_from, first - timedelta(days=1)))
    return kept if tier is None else [*kept, TierPeriod(tier, first)]


def locate(areas: Iterable[Area], municipality: str, *, on: date) -> Area | None:
    """The area in which a municipality lies on a day; None: outside."""
    return ServiceArea(areas).find(municipality, on=on)


def route_outside(
    table: CompetenceTable,
    *,
    grounds: Sequence[Ground],
    domain: str,
    on: date,
    region: str | None,
) -> list[Competent]:
    """Who is competent for a report that lies outside the service area, in the table's order.

    Several can be: a domain is often shared between the regimes. region: of the place; when it is
    not known, who is competent in some regions is named with them.
    """
    found = []
    for rule in table.rules:
        if not is_within(on, rule.valid_from, rule.valid_to):
            continue
        if region is not None and rule.regions and region not in rule.regions:
            continue
        if not rule.regimes:
            found.append(Competent(rule.code, rule.labels, rule.reason, ()))
            continue
        for_grounds = [ground.code for ground in grounds if _covers(rule, ground, domain, table)]
        if for_grounds:
            only_in = rule.regions if region is None else ()
            found.append(Competent(rule.code, rule.labels, rule.reason, for_grounds, only_in))
    return found


def require_valid(errors: Sequence[FieldError]) -> None:
    if errors:
        raise InvalidInputError(*errors)


def _covers(rule: CompetenceRule, ground: Ground, domain: str, table: CompetenceTable) -> bool:
    matters = rule.matters or rule.regimes
    shared = table.matters.get(domain, matters)
    is_named = not rule.grounds or not set(rule.grounds).isdisjoint(ground.lineage)
    is_excepted = not set(rule.except_grounds).isdisjoint(ground.lineage)
    is_protected = not set(rule.regimes).isdisjoint(ground.regimes)
    is_its_matter = not set(matters).isdisjoint(shared)
    return is_named and not is_excepted and is_protected and is_its_matter


def _meet(one: TierPeriod, other: TierPeriod) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
