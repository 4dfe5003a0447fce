"""What may explain a rise, how late reports come, and what a sentence says."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from app.signals.counting import count, pack, unpack
from app.signals.domain import Cell, CountedReport, Explanation, month_before, months_between
from app.signals.explaining import Change, changes, completeness_of_months
from app.signals.wording import period, sentence
from app.vocabulary.domain import Language, Vocabulary


def _report(month: str, **said: object) -> CountedReport:
    usual: dict[str, object] = {
        "grounds": ("age",),
        "domain": "housing",
        "municipality": "Genk",
        "district": None,
        "month": month,
        "channel": "phone",
        "event": None,
    }
    return CountedReport(**(usual | said))  # type: ignore[arg-type]


def _changes(reports: list[CountedReport], **more: object) -> list[Change]:
    usual: dict[str, object] = {
        "first": "2026-10",
        "last": "2026-10",
        "history": 36,
        "code_starts": {},
        "campaigns": (),
        "completeness": 1.0,
    }
    return changes(reports, Cell(ground="age"), **(usual | more))  # type: ignore[arg-type]


def test_nothing_new_explains_nothing() -> None:
    assert _changes([_report("2026-09"), _report("2026-10")]) == []


def test_half_of_the_reports_by_a_channel_of_which_none_came_before() -> None:
    new = [_report("2026-10", channel="web_form")] * 2
    assert _changes([_report("2026-09"), *new]) == [Change(Explanation.NEW_CHANNEL, "web_form", 2)]
    known = _report("2026-01", channel="web_form", grounds=("birth",))
    assert _changes([known, *new]) == []
    assert _changes([*new, *[_report("2026-10")] * 3]) == [
        Change(Explanation.NEW_CHANNEL, "phone", 3)
    ]


def test_an_import_a_mass_event_a_new_code_and_a_campaign_are_told() -> None:
    reports = [
        _report("2026-09"),
        _report("2026-10", channel="import", event="e1"),
        _report("2026-10", event="e1"),
    ]
    told = _changes(
        reports,
        code_starts={"age": date(2026, 3, 1), "housing": date(2026, 3, 1)},
        campaigns={"A-2026-0003"},
        history=20,
        completeness=0.8,
    )
    assert told == [
        Change(Explanation.IMPORT, None, 1),
        Change(Explanation.MASS_EVENT, "e1", 2),
        Change(Explanation.NEW_CODE, "age", 2),
        Change(Explanation.CAMPAIGN, "A-2026-0003"),
        Change(Explanation.SHORT_HISTORY),
        Change(Explanation.STILL_COMING),
    ]


def test_the_share_of_reports_that_are_in_is_that_of_the_law_they_follow() -> None:
    """One half comes in the month itself, one quarter in each of the two after it."""
    months = months_between("2025-01", "2026-06")
    lags = [
        (month, month_before(month, -lag))
        for month in months
        for lag, weight in ((0, 2), (1, 1), (2, 1))
        for _ in range(weight)
        if month_before(month, -lag) <= months[-1]
    ]
    shares = completeness_of_months(lags, months)
    assert [round(share, 6) for share in shares[-3:]] == [1.0, 0.75, 0.5]
    assert set(shares[:-3]) == {1.0}


def test_without_lags_everything_is_in() -> None:
    assert completeness_of_months([], ["2026-01", "2026-02"]) == [1.0, 1.0]


REPORTS = st.lists(
    st.builds(
        CountedReport,
        grounds=st.lists(st.sampled_from("abc"), unique=True, max_size=3).map(tuple),
        domain=st.sampled_from("xyz"),
        municipality=st.sampled_from(["Genk", "As", None]),
        district=st.none(),
        month=st.sampled_from(months_between("2025-11", "2026-02")),
        channel=st.just("phone"),
        event=st.none(),
    ),
    max_size=30,
)


@given(REPORTS, st.randoms(use_true_random=False))
def test_a_series_counts_exactly_its_reports_in_whatever_order(reports, chance) -> None:  # type: ignore[no-untyped-def]
    counts = count(reports, first="2025-12", last="2026-02")
    mixed = list(reports)
    chance.shuffle(mixed)
    assert pack(count(mixed, first="2025-12", last="2026-02")) == pack(counts)
    positions = [[None, *range(n)] for n in counts.by_ground.shape[:3]]
    for ground in positions[0]:
        for domain in positions[1]:
            for place in positions[2]:
                cell = counts.cell(ground, domain, place)
                if place is not None and cell.municipality is None:
                    continue  # places without a name are no cell that anybody could name
                inside = [r for r in reports if r.is_in(cell)]
                assert counts.series(ground, domain, place) == [
                    sum(r.month == month for r in inside) for month in counts.months
                ]


@given(REPORTS)
def test_kept_counts_are_the_same_again(reports: list[CountedReport]) -> None:
    counts = count(reports, first="2025-12", last="2026-02")
    again = unpack(pack(counts))
    assert pack(again) == pack(counts)
    assert (again.by_ground == counts.by_ground).all()
    assert (again.by_place == counts.by_place).all()


def test_periods_and_expectations_are_worded() -> None:
    assert period("2026-10", "2026-10", Language.NL) == "in oktober 2026"
    assert period("2025-12", "2026-01", Language.EN) == "from December 2025 to January 2026"
    assert period("2026-08", "2026-10", Language.FR) == "d'août à octobre 2026"
    said = {
        (lower, upper): sentence(
            Vocabulary({}),
            Language.EN,
            Cell(municipality="Genk", district="Sledderlo"),
            first="2026-10",
            last="2026-10",
            observed=7,
            lower=lower,
            upper=upper,
        )
        for lower, upper in ((1, 3), (0, 0), (1, 1))
    }
    start = "7 reports in Sledderlo (Genk) in October 2026; "
    assert said == {
        (1, 3): f"{start}1 to 3 were expected.",
        (0, 0): f"{start}none were expected.",
        (1, 1): f"{start}1 was expected.",
    }
