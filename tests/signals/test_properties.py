"""What holds of every detection, whatever the reports: proved on made-up ones."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.core.access import Role
from app.intake.models import Report
from app.signals.counting import count
from app.signals.detecting import Asked, as_rows, scan_counts
from app.signals.domain import CountedBy, CountedReport, EventCounting, months_between
from app.signals.models import Signal, SignalReport
from app.signals.scan import scan
from tests.makers.identity import make_client
from tests.makers.signals import RISE, add_reports, look, make_years
from tests.makers.tour import V1, done

FIRST, LAST = "2023-11", "2026-10"
GROUNDS = ("age", "sex", "disability", "language")
DOMAINS = ("housing", "employment", "education")
DISTRICTS = ("Winterslag", "Runkst", None)
ASKED = Asked(LAST, CountedBy.RECEIVED, EventCounting.EACH, 3.0)


def _report(
    month: str, grounds: tuple[str, ...], domain: str, district: str | None
) -> CountedReport:
    return CountedReport(grounds, domain, "Genk", district, month, "phone", None)


@cache
def _some_reports() -> tuple[CountedReport, ...]:
    """Three years of chance, and a rise in one cell at their end."""

    def told() -> Iterator[CountedReport]:
        random = np.random.default_rng(7)
        for month in months_between(FIRST, LAST):
            for _ in range(random.poisson(12)):
                grounds = random.choice(GROUNDS, random.choice([1, 2], p=[0.8, 0.2]), replace=False)
                yield _report(
                    month,
                    tuple(str(ground) for ground in grounds),
                    DOMAINS[random.integers(3)],
                    DISTRICTS[random.integers(3)],
                )
            if month in RISE:
                yield from [_report(month, ("sex", "age"), "education", "Runkst")] * 5

    return tuple(told())


def _found(reports: list[CountedReport]) -> list[dict[str, Any]]:
    counts = count(reports, first=FIRST, last=LAST)
    return as_rows(scan_counts(ASKED, counts, [1.0] * len(counts.months)).alarms)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_in_which_reports_are_read_changes_nothing(seed: int) -> None:
    reports = list(_some_reports())
    found = _found(reports)
    assert found
    mixed = [reports[at] for at in np.random.default_rng(seed).permutation(len(reports))]
    assert _found(mixed) == found


@settings(max_examples=25, deadline=None)
@given(
    grounds=st.lists(st.sampled_from(GROUNDS), unique=True, max_size=4),
    domain=st.sampled_from(DOMAINS),
    district=st.sampled_from(DISTRICTS),
    month=st.sampled_from(months_between(FIRST, LAST)[-4:]),
    number=st.integers(1, 20),
)
def test_one_more_report_of_the_months_under_test_lowers_no_score(
    grounds: list[str], domain: str, district: str | None, month: str, number: int
) -> None:
    """Also one of several grounds, or of none: in no cell, and in no total above it."""
    reports = list(_some_reports())
    more = [_report(month, tuple(grounds), domain, district)] * number
    low, high = (
        scan(count(known, first=FIRST, last=LAST).tables(), 35).score
        for known in (reports, reports + more)
    )
    assert np.all(high >= low)


def _list(client: TestClient, **query: Any) -> dict[str, Any]:
    return done(client.get(f"{V1}/signals", params={"count": "true", "limit": 100} | query))


@pytest.mark.parametrize("seed", range(3))
def test_the_reports_of_every_signal_are_exactly_those_it_counts(
    application: FastAPI, seed: int
) -> None:
    random = np.random.default_rng(seed)
    with application.state.runtime.database.transaction() as session:
        make_years(session, rise=0)
        for month in RISE:
            for _ in range(2):
                grounds = [str(one) for one in random.choice(GROUNDS, 2, replace=False)]
                add_reports(
                    session,
                    int(random.integers(5, 9)),
                    on=date.fromisoformat(f"{month}-12"),
                    domain=DOMAINS[seed],
                    grounds=grounds,
                    district=("Winterslag", "Sledderlo")[random.integers(2)],
                )
    look(application)
    coordinator = make_client(application, Role.COORDINATOR)
    assert _list(coordinator)["total"] > 0
    for signal in _list(coordinator)["items"]:
        shown = done(coordinator.get(f"{V1}/signals/{signal['id']}"))
        period = months_between(signal["first_month"], signal["last_month"])
        series = shown["evidence"]["series"]
        with application.state.runtime.database.snapshot() as session:
            kept = set(
                session.scalars(
                    select(SignalReport.report_id).where(
                        SignalReport.signal_id == UUID(signal["id"])
                    )
                )
            )
            meant = {
                report.id
                for report in session.scalars(select(Report))
                if f"{report.received_on:%Y-%m}" in period and _is_in(report, signal["cell"])
            }
        assert kept == meant
        assert len(kept) == signal["observed"]
        assert sum(month["count"] for month in series if month["month"] in period) == len(kept)
        listed = done(coordinator.get(f"{V1}/signals/{signal['id']}/reports?limit=100&count=true"))
        assert listed["total"] == len(kept)
        assert {UUID(item["id"]) for item in listed["items"]} == kept


def _is_in(report: Report, cell: dict[str, str | None]) -> bool:
    return (
        cell["ground"] in (None, *report.ground_codes.split(","))
        and cell["domain"] in (None, report.domain)
        and cell["municipality"] in (None, report.incident_municipality)
        and cell["district"] in (None, report.incident_district)
    )


def test_no_list_or_count_of_signals_tells_of_a_restricted_case(application: FastAPI) -> None:
    """For each report of a signal: once its case is restricted, who may not know of it finds the
    list, its count, every filter and the runs as if the signal had never been."""
    with application.state.runtime.database.transaction() as session:
        make_years(session)
    readers = [
        make_client(application, role)
        for role in (Role.INTAKE_WORKER, Role.CASE_MANAGER, Role.ANALYST)
    ]
    asked = [{}, {"origin": "detected"}, {"domain": "education"}, {"year": "2026"}]
    empty = [[_list(reader, **query) for query in asked] for reader in readers]
    run = look(application)
    assert all(_list(reader)["total"] == 1 for reader in readers)
    with application.state.runtime.database.snapshot() as session:
        counted = list(session.scalars(select(SignalReport.report_id)))
    for report_id in counted:
        for is_hidden in (True, False):
            with application.state.runtime.database.transaction() as session:
                session.get_one(Report, report_id).is_restricted = is_hidden
            found = [[_list(reader, **query) for query in asked] for reader in readers]
            assert (found == empty) == is_hidden
            told = done(readers[-1].get(f"{V1}/signals/detections/{run.id}"))
            assert bool(told["signals"]) != is_hidden
    # Hidden before the look, it is in no count either, for anybody.
    with application.state.runtime.database.transaction() as session:
        session.get_one(Report, counted[0]).is_restricted = True
    again = look(application)
    with application.state.runtime.database.snapshot() as session:
        assert counted[0] not in set(session.scalars(select(SignalReport.report_id)))
        assert session.scalars(select(Signal)).one().run_id == again.id
    coordinator = make_client(application, Role.COORDINATOR)
    for reader in (*readers, coordinator):
        assert _list(reader)["items"] == _list(coordinator)["items"]
        assert _list(reader)["total"] == 1
