"""Meetings against their norm, and what the yearly figures tell of activities."""

from datetime import date, timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from app.activities.domain import (
    AWARENESS_MEASUREMENT,
    ActivityFact,
    Figures,
    GroupFigures,
    PointFact,
    against_norms,
    aware_share,
    count_by_kind,
    count_points,
    require_figures,
)
from app.activities.figures import activity_figures, meeting_figures
from app.core.access import Role
from app.core.database import Database
from app.core.errors import InvalidInputError
from tests.makers.activities import add_activity, change_activity
from tests.makers.identity import make_client
from tests.makers.tour import V1, done

FIRST, LAST, TODAY = date(2025, 1, 1), date(2025, 12, 31), date(2025, 12, 31)


@pytest.fixture
def worker(application: FastAPI) -> TestClient:
    return make_client(application, Role.COORDINATOR)


def test_three_core_group_meetings_are_too_few_and_a_fourth_meets_the_norm(
    database: Database, worker: TestClient
) -> None:
    for day in ("2025-01-01", "2025-05-06", "2025-12-31"):
        add_activity(worker, held_on=day)
    add_activity(worker, held_on="2024-12-31")
    add_activity(worker, held_on="2025-06-01", kind="network_meeting")
    off = add_activity(worker, held_on="2025-09-09")
    done(change_activity(worker, off, is_cancelled=True))
    with database.snapshot() as session:
        [found] = meeting_figures(session, 2025, today=TODAY)
    assert (found.kind, found.held, found.norm, found.is_met) == ("core_group_meeting", 3, 4, False)
    add_activity(worker, held_on="2025-10-10")
    with database.snapshot() as session:
        [found] = meeting_figures(session, 2025, today=TODAY)
        [earlier] = meeting_figures(session, 2025, today=date(2025, 10, 9))
    assert (found.held, found.is_met) == (4, True)
    assert found.state(is_over=False) == found.state(is_over=True) == "met"
    assert (earlier.state(is_over=False), earlier.state(is_over=True)) == ("not_due", "not_met")
    assert (earlier.held, earlier.is_met) == (2, False)


def test_one_meeting_a_day_counts(database: Database, worker: TestClient) -> None:
    for _ in range(4):
        add_activity(worker, held_on="2025-02-01")
    add_activity(worker, held_on="2025-03-01")
    with database.snapshot() as session:
        [found] = meeting_figures(session, 2025, today=TODAY)
        by_kind = activity_figures(session, FIRST, LAST, TODAY).by_kind
    assert (found.held, by_kind) == (2, {"core_group_meeting": 5})


def test_figures_of_a_year(database: Database, worker: TestClient) -> None:
    me = worker.headers["X-Test-Account"]
    points = [
        {"text": "x", "owner_id": me, "due_on": "2025-02-01", "done_on": "2025-03-01"},
        {"text": "x", "owner_id": me, "due_on": "2025-04-01"},
        {"text": "x", "owner_id": me, "due_on": "2026-04-01"},
    ]
    add_activity(worker, held_on="2025-01-15", action_points=points)
    off = add_activity(worker, held_on="2025-02-15", kind="training", action_points=points)
    done(change_activity(worker, off, is_cancelled=True))
    with database.snapshot() as session:
        found = activity_figures(session, FIRST, LAST, TODAY)
    assert found.by_kind == {"core_group_meeting": 1}
    assert [meeting.held for meeting in found.meetings] == [1]
    # They were set today, which is not in that year.
    assert vars(found.action_points) == {
        "set": 0,
        "done": 1,
        "done_in_time": 0,
        "overdue": 1,
        "open": 0,
    }


days = st.dates(FIRST - timedelta(days=400), LAST + timedelta(days=400))
facts = st.builds(
    ActivityFact, st.sampled_from(["core_group_meeting", "training"]), days, st.booleans()
)


@given(st.lists(facts), days)
def test_each_activity_counts_in_one_year_at_most(found: list[ActivityFact], today: date) -> None:
    years = range(2023, 2028)
    counted = sum(
        sum(count_by_kind(found, first=date(y, 1, 1), last=date(y, 12, 31), today=today).values())
        for y in years
    )
    assert counted == sum(not a.is_cancelled and a.held_on <= today for a in found)


@given(st.lists(facts), facts)
def test_one_more_never_lowers_a_figure(found: list[ActivityFact], more: ActivityFact) -> None:
    period = {"first": FIRST, "last": LAST, "today": TODAY}
    [before] = against_norms(found, **period)
    [after] = against_norms([*found, more], **period)
    assert after.held - before.held in (0, 1)
    assert after.is_met >= before.is_met


@given(st.lists(st.builds(PointFact, days, days, st.none() | days)))
def test_no_action_point_is_both_done_and_overdue(points: list[PointFact]) -> None:
    period = {"first": FIRST, "last": LAST, "today": TODAY}
    every = count_points(points, **period)
    split = [count_points([point], **period) for point in points]
    assert every.done == sum(part.done for part in split)
    assert all(part.done + part.overdue <= 1 for part in split)
    assert all(part.done_in_time <= part.done for part in split)
    assert every.open == sum(part.open for part in split)


counts = st.integers(0, 20)


@given(
    st.builds(
        Figures,
        participants=st.none(),
        population=counts,
        sample=counts,
        aware=counts,
        by_group=st.lists(
            st.builds(GroupFigures, st.sampled_from(["a", "b"]), counts, counts), max_size=3
        ),
    )
)
def test_a_measurement_stands_only_if_its_parts_fit(figures: Figures) -> None:
    assert figures.population is not None
    assert figures.sample is not None
    assert figures.aware is not None
    names = [group.group for group in figures.by_group]
    fits = (
        figures.aware <= figures.sample <= figures.population
        and len(set(names)) == len(names)
        and all(
            g.aware <= g.sample <= figures.sample and g.aware <= figures.aware
            for g in figures.by_group
        )
    )
    try:
        require_figures(AWARENESS_MEASUREMENT, figures)
    except InvalidInputError:
        assert not fits
    else:
        assert fits
        share = aware_share(figures.sample, figures.aware)
        assert share is None if figures.sample == 0 else 0 <= (share or 0) <= 1


def test_the_trail_tells_of_every_reading(application: FastAPI, worker: TestClient) -> None:
    made = add_activity(worker)
    done(worker.get(f"{V1}/activities/{made['id']}"))
    auditor = make_client(application, Role.AUDITOR)
    trail = done(auditor.get(f"{V1}/audit-entries", params={"object_id": made["id"]}))["items"]
    assert {entry["event"] for entry in trail} == {"activity_recorded", "activity_read"}
