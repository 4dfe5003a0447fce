"""From rows to evidence: thresholds, mass events once, nothing that rests on one person."""

import random
from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from app.prevention.catalogue import catalogue
from app.prevention.domain import LEAST, Weight
from app.prevention.finding import (
    BreachFacts,
    ReportFacts,
    commitments,
    respondents,
    trends,
    weigh,
    whole_since,
)
from app.signals.domain import Cell

NAMES = ("Immo Voorbeeld", "immo  voorbeeld", "IMMO VOORBEELD", "Café Zon")


def _report(number: int, *, event: int | None = None, **facts: object) -> ReportFacts:
    usual: dict[str, object] = {
        "domain": "housing",
        "grounds": ("age",),
        "conducts": ("direct",),
        "respondent": NAMES[0],
    }
    happening = UUID(int=number) if event is None else UUID(int=10_000 + event)
    return ReportFacts(id=UUID(int=number), happening=happening, **(usual | facts))  # type: ignore[arg-type]


def test_an_organisation_needs_as_many_incidents_as_the_threshold() -> None:
    spelled = [_report(number, respondent=NAMES[number]) for number in range(LEAST)]
    assert respondents(spelled[: LEAST - 1], 2026, catalogue()) == []
    (found,) = respondents(spelled, 2026, catalogue())
    assert (found.number, found.cell) == (LEAST, Cell(ground="age", domain="housing"))
    assert found.respondent == "IMMO VOORBEELD"
    assert found.report_ids == [report.id for report in spelled]


def test_a_mass_event_is_one_incident() -> None:
    crowd = [_report(number, event=1) for number in range(40)]
    assert respondents(crowd, 2026, catalogue()) == []
    (found,) = respondents([*crowd, _report(50), _report(51)], 2026, catalogue())
    assert found.number == 3
    assert weigh([_report(1, event=1, conducts=("hate_crime",))] * 9, catalogue()) == Weight(1, 0)


def test_what_reports_have_in_common_is_what_the_evidence_is_about() -> None:
    reports = [
        _report(1, grounds=("age", "sex")),
        _report(2, grounds=("sex",), domain="employment"),
        _report(3, grounds=("sex", "health"), municipality="Genk"),
    ]
    (found,) = respondents(reports, 2026, catalogue())
    assert found.cell == Cell(ground="sex")


@st.composite
def _reports(draw: st.DrawFn) -> list[ReportFacts]:
    return [
        _report(
            number,
            event=draw(st.none() | st.integers(1, 3)),
            respondent=draw(st.sampled_from((*NAMES, None))),
            grounds=tuple(draw(st.sets(st.sampled_from(("age", "sex", "health"))))),
        )
        for number in range(draw(st.integers(0, 25)))
    ]


@given(_reports(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_and_no_evidence_rests_on_fewer_than_the_threshold(
    reports: list[ReportFacts], chance: random.Random
) -> None:
    found = respondents(reports, 2026, catalogue())
    mixed = reports[:]
    chance.shuffle(mixed)
    assert respondents(mixed, 2026, catalogue()) == found
    for evidence in found:
        assert (evidence.number or 0) >= LEAST
        assert len(set(evidence.report_ids)) >= LEAST
        assert evidence.weight.severe <= (evidence.number or 0)


def _trends(*counts: int, share: float = 1.0) -> list[float | None]:
    years = range(2027 - len(counts), 2027)
    by_year = {Cell(ground="age"): dict(zip(years, counts, strict=True))}
    reports = [_report(number) for number in range(counts[-1])]
    found = trends(by_year, reports, years, last_share=share, catalogue=catalogue())
    return [evidence.change for evidence in found]


def test_only_a_clear_rise_over_years_is_one() -> None:
    assert _trends(10, 20, 40, 80) == [2.0]
    assert _trends(20, 22, 19, 23) == []
    assert _trends(80, 40, 20, 10) == []
    assert _trends(0, 0, 0, 2) == []
    assert _trends(10, 60) == []
    assert _trends(10, 20, 40, 40, share=0.5) == [2.0]


def test_a_rise_from_nothing_has_no_factor() -> None:
    assert _trends(0, 0, 0, 0, 30) == [None]


def _breach(number: int, case: int, domain: str = "housing") -> BreachFacts:
    return BreachFacts(UUID(int=number), UUID(int=case), [_report(case, domain=domain)])


def test_commitments_of_one_case_point_at_nobody() -> None:
    of_one = [_breach(number, 1) for number in range(9)]
    assert commitments(of_one, 2026, catalogue()) == []
    found = commitments([*of_one, _breach(20, 2), _breach(21, 3)], 2026, catalogue())
    assert [(one.number, one.cell.domain) for one in found] == [(11, "housing")]
    apart = [_breach(1, 1), _breach(2, 2, "education"), _breach(3, 3, "employment")]
    assert commitments(apart, 2026, catalogue()) == []


def test_years_are_whole_and_follow_each_other() -> None:
    """Else a late start, or a register that was imported long before, would look like a rise."""

    def since(*first_days: str) -> int | None:
        days = [date.fromisoformat(day) for day in first_days]
        return whole_since({day.year: day for day in days}, 2026)

    early = [f"{year}-01-03" for year in range(2021, 2027)]
    assert since(*early) == 2022
    assert since(*early[2:]) == 2023
    assert since("2023-05-01", *early[3:]) == 2024
    assert since("2021-01-01", "2022-01-01", *early[3:]) == 2024
    assert since("2025-08-01", "2026-01-02") is None
    assert since("2025-01-08") is None
    assert since() is None
