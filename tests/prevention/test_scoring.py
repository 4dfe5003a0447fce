"""The list of a year: the same for the same evidence, and more of it never scores less."""

import json
import random
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from app.prevention.catalogue import catalogue
from app.prevention.domain import (
    EVERYTHING,
    ActionStatus,
    Earlier,
    Evidence,
    EvidenceKind,
    SignalFacts,
    Suggestion,
    Term,
    Verdict,
    Weight,
    suggestion_id,
    year_of,
)
from app.prevention.scoring import suggest
from app.signals.domain import Cell
from app.vocabulary.domain import CodeList, Language
from app.vocabulary.service import DEFAULTS

DOMAINS = ("housing", "education", "employment")
GROUNDS = ("disability", "age", "national_ethnic_origin")

cells = st.builds(
    Cell,
    ground=st.sampled_from((None, *GROUNDS)),
    domain=st.sampled_from((None, *DOMAINS)),
)
weights = st.builds(Weight, st.integers(0, 30), st.integers(0, 30))


def _signal(number: int, *, is_confirmed: bool) -> SignalFacts:
    return SignalFacts(
        id=UUID(int=number),
        reference=f"S-2026-{number:04}",
        is_confirmed=is_confirmed,
        first_month="2026-08",
        last_month="2026-10",
        observed=12,
        lower=1,
        upper=4,
    )


@st.composite
def _evidence(draw: st.DrawFn, key: int) -> Evidence:
    kinds = [kind for kind in EvidenceKind if kind is not EvidenceKind.NORM]
    kind = draw(st.sampled_from(kinds))
    is_signal = kind in (EvidenceKind.SIGNAL, EvidenceKind.OBSERVATION)
    return Evidence(
        kind,
        key=f"{kind}:{key}",
        year=2026,
        cell=draw(cells),
        number=draw(st.integers(3, 60)),
        weight=draw(weights),
        signal=_signal(key, is_confirmed=draw(st.booleans())) if is_signal else None,
    )


@st.composite
def evidence_lists(draw: st.DrawFn, least: int = 0) -> list[Evidence]:
    return [draw(_evidence(key)) for key in range(draw(st.integers(least, 8)))]


@st.composite
def earlier_lists(draw: st.DrawFn) -> list[Earlier]:
    def one(number: int) -> Earlier:
        return Earlier(
            id=UUID(int=number),
            reference=f"P-2025-{number:05}",
            title="Vorming",
            kind=draw(st.sampled_from(catalogue().kinds)).code,
            status=draw(st.sampled_from(ActionStatus)),
            cell=draw(cells),
            began_on=draw(st.none() | st.dates(date(2024, 1, 1), date(2026, 1, 1))),
            ended_on=None,
            verdict=draw(st.none() | st.sampled_from(Verdict)),
        )

    return [one(number) for number in range(draw(st.integers(0, 6)))]


@given(evidence_lists(), earlier_lists(), st.randoms(use_true_random=False))
def test_the_order_in_which_rows_come_changes_nothing(
    evidence: list[Evidence], earlier: list[Earlier], chance: random.Random
) -> None:
    listed = suggest(evidence, earlier, catalogue())
    mixed, mixed_earlier = evidence[:], earlier[:]
    chance.shuffle(mixed)
    chance.shuffle(mixed_earlier)
    assert suggest(mixed, mixed_earlier, catalogue()) == listed
    assert [one.score for one in listed] == sorted((s.score for s in listed), reverse=True)
    assert len({one.id for one in listed}) == len(listed)


def _score(listed: list[Suggestion], wanted: Suggestion) -> int:
    return next(one.score for one in listed if one.id == wanted.id)


@given(evidence_lists(least=1), earlier_lists(), st.data())
def test_more_evidence_never_scores_less(
    evidence: list[Evidence], earlier: list[Earlier], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(evidence) - 1))
    one = evidence[place]
    more = data.draw(st.integers(0, 10))
    changed = data.draw(
        st.sampled_from(
            [
                replace(one, number=(one.number or 0) + more),
                replace(one, weight=replace(one.weight, severe=one.weight.severe + more)),
                replace(
                    one,
                    weight=replace(
                        one.weight, in_priority_places=one.weight.in_priority_places + more
                    ),
                ),
                replace(one, signal=one.signal and replace(one.signal, is_confirmed=True)),
            ]
        )
    )
    added = data.draw(_evidence(99))
    before = suggest(evidence, earlier, catalogue())
    risen = suggest([*evidence[:place], changed, *evidence[place + 1 :]], earlier, catalogue())
    joined = suggest([*evidence, added], earlier, catalogue())
    for suggestion in before:
        assert _score(risen, suggestion) >= suggestion.score
        assert _score(joined, suggestion) >= suggestion.score


@given(evidence_lists(), earlier_lists())
def test_every_score_is_the_sum_of_terms_that_are_shown(
    evidence: list[Evidence], earlier: list[Earlier]
) -> None:
    listed = suggest(evidence, earlier, catalogue())
    by_evidence: dict[str, int] = {}
    for suggestion in listed:
        assert suggestion.score == sum(suggestion.terms.values())
        assert Term.EVIDENCE in suggestion.terms
        assert 0 not in suggestion.terms.values()
        key = suggestion.evidence.key
        by_evidence[key] = by_evidence.get(key, 0) + 1
    assert all(number <= catalogue().kinds_for_one_evidence for number in by_evidence.values())


def test_an_id_stands_for_kind_and_evidence_and_tells_its_year() -> None:
    one = Evidence(EvidenceKind.TREND, key="trend:2026:ground:age", year=2026)
    assert suggestion_id("campaign", one) == suggestion_id("campaign", replace(one, number=40))
    assert suggestion_id("campaign", one) != suggestion_id("information", one)
    assert suggestion_id("campaign", one).version == 8
    assert year_of(suggestion_id("campaign", one)) == 2026
    assert {year_of(uuid4()) for _ in range(50)} == {None}


def _one(evidence: Evidence, kind: str, *earlier: Earlier) -> Suggestion:
    return next(s for s in suggest([evidence], earlier, catalogue()) if s.kind == kind)


def test_what_was_followed_by_fewer_reports_counts_more_and_what_is_under_way_less() -> None:
    cell = Cell(ground="disability", domain="education")
    evidence = Evidence(
        EvidenceKind.SIGNAL, "signal:1", 2026, cell, 12, signal=_signal(1, is_confirmed=True)
    )
    done: dict[str, Any] = {
        "id": UUID(int=1),
        "reference": "P-2025-00001",
        "title": "Vorming",
        "kind": "sector_training",
        "cell": Cell(domain="education"),
        "began_on": date(2025, 3, 1),
        "ended_on": date(2025, 4, 1),
    }
    plain = _one(evidence, "sector_training")
    helped = Earlier(**done, status=ActionStatus.COMPLETED, verdict=Verdict.FEWER)
    running = Earlier(**done, status=ActionStatus.RUNNING, verdict=None)
    elsewhere = replace(helped, cell=Cell(domain="housing"))
    aimless = replace(helped, cell=EVERYTHING)
    assert _one(evidence, "sector_training", helped).score > plain.score
    assert _one(evidence, "sector_training", helped).before == [helped]
    assert _one(evidence, "sector_training", running).score < plain.score
    for other in (elsewhere, aimless):
        assert _one(evidence, "sector_training", other) == plain


def test_the_catalogue_is_whole() -> None:
    kinds = catalogue().kinds
    assert len({kind.code for kind in kinds}) == len(kinds) >= 8
    for kind in kinds:
        assert set(kind.labels) == {language.value for language in Language}
        assert kind.answers
        assert all(1 <= weight <= 10 for weight in kind.answers.values())
        assert bool(kind.norms) == (EvidenceKind.NORM in kind.answers)
    assert {kind for one in kinds for kind in one.answers} == set(EvidenceKind)
    assert set(catalogue().points.evidence) == set(EvidenceKind)
    lists = json.loads(DEFAULTS.read_text(encoding="utf-8"))
    for name, used in (
        (CodeList.DOMAINS, {code for kind in kinds for code in kind.domains}),
        (CodeList.GROUNDS, {code for kind in kinds for code in kind.grounds}),
        (CodeList.CONDUCTS, catalogue().severe_conducts),
    ):
        assert used <= {entry["code"] for entry in lists[name]}
