"""Figures as the tables of the answer: every valid code has its row, also with 0."""

from collections.abc import Mapping
from datetime import datetime

from app.annual_report.domain import (
    Counts,
    Durations,
    EventCounting,
    ReportFigures,
    durations,
    pairs,
    share,
)
from app.annual_report.network_views import network_view
from app.annual_report.schemas import (
    AgreementStates,
    AnnualFiguresView,
    CaseFiguresView,
    CodeCount,
    CommitmentStates,
    CrossingCount,
    DurationView,
    GroundDomainCount,
    GroundOutcomeCount,
    GroundTable,
    MonthCount,
    NumberCount,
    PlaceCount,
    ReasonCount,
    ReportFiguresView,
    ResidencePlaceTable,
    ResolutionFiguresView,
    YearView,
)
from app.annual_report.service import YearFigures
from app.annual_report.tables import Tables
from app.intake.domain import ReportStatus
from app.resolutions.domain import EndReason
from app.vocabulary.domain import CodeList, Language, Vocabulary

NOTES: Mapping[Language, tuple[str, ...]] = {
    Language.NL: (
        "Een melding kan meer dan één grond en meer dan één vorm noemen: die tabellen tellen op "
        "tot meer dan het aantal meldingen.",
        "Een melding is wat iemand meldt, geen bewezen discriminatie; zie de beoordeling van "
        "dossiers.",
        "Dubbele meldingen en wie geen statistiek wil, staan in het totaal en in geen andere "
        "tabel.",
        "Ontvangen in het jaar en gesloten in het jaar zijn andere dossiers.",
    ),
    Language.FR: (
        "Un signalement peut citer plusieurs critères et plusieurs formes : le total de ces "
        "tableaux dépasse le nombre de signalements.",
        "Un signalement est ce qu'une personne rapporte, non une discrimination prouvée ; voir "
        "l'évaluation des dossiers.",
        "Les doublons et les personnes qui refusent les statistiques figurent dans le total et "
        "dans aucun autre tableau.",
        "Les dossiers reçus et les dossiers clôturés dans l'année ne sont pas les mêmes.",
    ),
    Language.EN: (
        "A report can name more than one ground and more than one conduct: those tables add up "
        "to more than the number of reports.",
        "A report is what somebody alleges, not proven discrimination; see the assessment of "
        "cases.",
        "Duplicates and those who declined statistics are in the total and in no other table.",
        "Received in the year and closed in the year are different cases.",
    ),
}


def annual_figures_view(
    found: list[YearFigures],
    vocabulary: Vocabulary,
    *,
    as_of: datetime,
    municipality: str,
    language: Language,
    events: EventCounting,
) -> AnnualFiguresView:
    views = [year_view(year, Tables(vocabulary, language, year.year)) for year in found]
    return AnnualFiguresView(
        year=found[0].year,
        as_of=as_of,
        municipality=municipality,
        language=language,
        events=events,
        notes=list(NOTES[language]),
        figures=views[0],
        earlier=views[1:],
    )


def year_view(found: YearFigures, tables: Tables) -> YearView:
    return YearView(
        year=found.year,
        first_day=found.first_day,
        last_day=found.last_day,
        reports=_reports(found, tables),
        cases=_cases(found, tables),
        resolutions=_resolutions(found),
        network=network_view(found.network, tables),
    )


def _reports(found: YearFigures, tables: Tables) -> ReportFiguresView:
    figures, totals = found.reports, found.found.totals
    counted = totals["total"] - totals["duplicates"] - totals["without_consent"]
    without_events = counted - totals["in_events"]
    return ReportFiguresView(
        total=totals["total"],
        duplicates=totals["duplicates"],
        declined_statistics=totals["without_consent"],
        counted=counted,
        in_mass_events=totals["in_events"],
        mass_events=len(found.found.events),
        counted_without_mass_events=without_events,
        counted_with_mass_events_as_one=without_events + found.events_begun,
        unanswered_at_start=found.unanswered[0],
        unanswered_at_end=found.unanswered[1],
        by_month=[MonthCount(month=m, reports=figures.month[f"{m:02}"]) for m in range(1, 13)],
        by_request=tables.reports(CodeList.REQUESTS, figures.request),
        by_channel=tables.reports(CodeList.CHANNELS, figures.channel),
        by_status=[
            CodeCount(code=s, label=s.replace("_", " "), reports=figures.status[s])
            for s in ReportStatus
            if s is not ReportStatus.DUPLICATE
        ],
        by_ground=GroundTable(
            reports=figures.reports - figures.number_of_grounds["0"],
            mentions=figures.ground.total(),
            rows=tables.reports(CodeList.GROUNDS, figures.ground),
        ),
        by_number_of_grounds=[
            NumberCount(grounds=int(number), reports=reports)
            for number, reports in sorted(figures.number_of_grounds.items())
        ],
        by_crossing_grounds=[
            CrossingCount(grounds=[first, second], reports=reports)
            for first, second, reports in pairs(figures.crossing)
        ],
        by_multiplicity=tables.reports_or_not_said(CodeList.MULTIPLICITIES, figures.multiplicity),
        by_domain=tables.reports(CodeList.DOMAINS, figures.domain),
        by_conduct=tables.reports(CodeList.CONDUCTS, figures.conduct),
        by_respondent_kind=tables.reports_or_not_said(
            CodeList.RESPONDENT_KINDS, figures.respondent_kind
        ),
        by_reporter_municipality=_places(figures.reporter_municipality),
        by_incident_municipality=_places(figures.incident_municipality),
        by_incident_district=_places(figures.incident_district),
        by_ground_and_domain=[
            GroundDomainCount(ground=ground, domain=domain, reports=reports)
            for ground, domain, reports in pairs(figures.ground_by_domain)
        ],
        by_residence_and_place=_residence(figures),
        by_language=tables.languages(figures.language),
        acknowledgement=_duration(
            durations(figures.days_to_acknowledgement), figures.acknowledged_in_time
        ),
        answer=_duration(durations(figures.days_to_answer), figures.answered_in_time),
    )


def _cases(found: YearFigures, tables: Tables) -> CaseFiguresView:
    figures = found.cases
    return CaseFiguresView(
        opened=figures.opened,
        closed=figures.closed,
        open_at_start=found.open_cases[0],
        open_at_end=found.open_cases[1],
        by_outcome=tables.cases(CodeList.OUTCOMES, figures.outcome),
        by_assessment=tables.cases(CodeList.ASSESSMENTS, figures.assessment),
        by_ground_and_outcome=[
            GroundOutcomeCount(ground=ground, outcome=outcome, cases=cases)
            for ground, outcome, cases in pairs(figures.ground_by_outcome)
        ],
        closure=_duration(durations(figures.days_to_closure)),
        closure_without_holds=_duration(durations(figures.active_days_to_closure)),
    )


def _resolutions(found: YearFigures) -> ResolutionFiguresView:
    figures = found.resolutions
    resolved = found.cases.outcome["negotiated_resolution"]
    return ResolutionFiguresView(
        negotiations_started=figures.started,
        agreements_reached=figures.agreements.total(),
        ended_without_agreement=[
            ReasonCount(reason=reason, negotiations=figures.ended[reason]) for reason in EndReason
        ],
        negotiated_resolutions=resolved,
        negotiated_resolution_share=share(resolved, found.cases.closed),
        agreements=AgreementStates(
            **{state: figures.agreements[state] for state in AgreementStates.model_fields}
        ),
        commitments_due=CommitmentStates(
            **{status: figures.due[status] for status in CommitmentStates.model_fields}
        ),
    )


def _places(counts: Counts) -> list[PlaceCount]:
    """The largest first; who did not say comes last."""
    said = [(place, n) for place, n in counts.items() if place]
    said.sort(key=lambda row: (-row[1], row[0]))
    rows = [PlaceCount(place=place, reports=n) for place, n in said]
    return [*rows, PlaceCount(place=None, reports=counts[""])]


def _residence(figures: ReportFigures) -> ResidencePlaceTable:
    counts = {(lives, place): n for lives, place, n in pairs(figures.residence_by_place)}
    in_town = counts.get(("resident", "in_town"), 0)
    elsewhere = counts.get(("resident", "elsewhere"), 0)
    other_in_town = counts.get(("non_resident", "in_town"), 0)
    other_elsewhere = counts.get(("non_resident", "elsewhere"), 0)
    known = in_town + elsewhere + other_in_town + other_elsewhere
    return ResidencePlaceTable(
        resident_in_town=in_town,
        resident_elsewhere=elsewhere,
        resident_total=in_town + elsewhere,
        non_resident_in_town=other_in_town,
        non_resident_elsewhere=other_elsewhere,
        unknown=figures.reports - known,
        total=figures.reports,
    )


def _duration(found: Durations, in_time: int | None = None) -> DurationView:
    return DurationView(
        count=found.count,
        median_days=found.median_days,
        p90_days=found.p90_days,
        within_promise=None if in_time is None else share(in_time, found.count),
    )
