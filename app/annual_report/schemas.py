"""The figures of a year, as they stand."""

from datetime import date, datetime

from app.annual_report.domain import EventCounting
from app.annual_report.network_schemas import NetworkFiguresView
from app.api.fields import View
from app.vocabulary.domain import Language


class CodeCount(View):
    """code: None where nobody said."""

    code: str | None
    label: str
    reports: int


class PlaceCount(View):
    """place: None where nobody said."""

    place: str | None
    reports: int


class MonthCount(View):
    month: int
    reports: int


class NumberCount(View):
    grounds: int
    reports: int


class GroundTable(View):
    """reports: how many reports name grounds; mentions: what the rows add up to, which is more."""

    reports: int
    mentions: int
    rows: list[CodeCount]


class LanguageCount(View):
    """language: ISO 639."""

    language: str
    label: str
    reports: int


class CrossingCount(View):
    """Two grounds that one report names; a report with three grounds stands in three rows."""

    grounds: list[str]
    reports: int


class GroundDomainCount(View):
    ground: str
    domain: str
    reports: int


class GroundOutcomeCount(View):
    ground: str
    outcome: str
    cases: int


class CaseCodeCount(View):
    code: str
    label: str
    cases: int


class ReasonCount(View):
    reason: str
    negotiations: int


class ResidencePlaceTable(View):
    """The columns of the Dutch form, and those who did not say."""

    resident_in_town: int
    resident_elsewhere: int
    resident_total: int
    non_resident_in_town: int
    non_resident_elsewhere: int
    unknown: int
    total: int


class DurationView(View):
    """count: how many are known; median and p90 (nearest rank) in days; share within promise."""

    count: int
    median_days: float | None
    p90_days: int | None
    within_promise: float | None = None


class ReportFiguresView(View):
    """total: all received. counted: without duplicates and without who declined statistics; every
    table is about these. The three event totals are always given."""

    total: int
    duplicates: int
    declined_statistics: int
    counted: int
    in_mass_events: int
    mass_events: int
    counted_without_mass_events: int
    counted_with_mass_events_as_one: int
    unanswered_at_start: int
    unanswered_at_end: int
    by_month: list[MonthCount]
    by_request: list[CodeCount]
    by_channel: list[CodeCount]
    by_status: list[CodeCount]
    by_ground: GroundTable
    by_number_of_grounds: list[NumberCount]
    by_crossing_grounds: list[CrossingCount]
    by_multiplicity: list[CodeCount]
    by_domain: list[CodeCount]
    by_conduct: list[CodeCount]
    by_respondent_kind: list[CodeCount]
    by_reporter_municipality: list[PlaceCount]
    by_incident_municipality: list[PlaceCount]
    by_incident_district: list[PlaceCount]
    by_ground_and_domain: list[GroundDomainCount]
    by_residence_and_place: ResidencePlaceTable
    by_language: list[LanguageCount]
    acknowledgement: DurationView
    answer: DurationView


class CaseFiguresView(View):
    opened: int
    closed: int
    open_at_start: int
    open_at_end: int
    by_outcome: list[CaseCodeCount]
    by_assessment: list[CaseCodeCount]
    by_ground_and_outcome: list[GroundOutcomeCount]
    closure: DurationView
    closure_without_holds: DurationView


class AgreementStates(View):
    """How the agreements reached in the year stand today, by their commitments."""

    kept: int
    partly_kept: int
    breached: int
    running: int


class CommitmentStates(View):
    """The commitments due in the year, as they stand today."""

    pending: int
    fulfilled: int
    partly_fulfilled: int
    breached: int
    waived: int


class ResolutionFiguresView(View):
    negotiations_started: int
    agreements_reached: int
    ended_without_agreement: list[ReasonCount]
    negotiated_resolutions: int
    negotiated_resolution_share: float | None
    agreements: AgreementStates
    commitments_due: CommitmentStates


class YearView(View):
    year: int
    first_day: date
    last_day: date
    reports: ReportFiguresView
    cases: CaseFiguresView
    resolutions: ResolutionFiguresView
    network: NetworkFiguresView


class AnnualFiguresView(View):
    """The figures of a year and of the four before it, from one moment of the store."""

    year: int
    as_of: datetime
    municipality: str
    language: Language
    events: EventCounting
    notes: list[str]
    figures: YearView
    earlier: list[YearView]
