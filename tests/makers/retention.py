"""Steps of a disposal, for tests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import update

from app.attachments.storage import Storage
from app.cases.models import Case
from app.core import clock
from app.core.database import Database
from app.intake.models import Report, ReportMessage
from app.retention import schedule
from app.retention.carrying_out import carry_out
from app.retention.domain import ItemOutcome
from tests.makers.tour import V1, act_on_case, done


def propose(coordinator: TestClient, kind: str, *ids: str, **fields: Any) -> dict[str, Any]:
    """All that is due when no ids are given."""
    body = {"kind": kind, **({"subject_ids": list(ids)} if ids else {}), **fields}
    return done(coordinator.post(f"{V1}/disposals", json=body), 201)


def decide(client: TestClient, disposal: dict[str, Any], act: str = "approval", **body: Any) -> Any:
    headers = {"If-Match": f'"{disposal["version"]}"'}
    return client.post(f"{V1}/disposals/{disposal['id']}/{act}", json=body, headers=headers)


def erase(coordinator: TestClient, second: TestClient, kind: str, *ids: str) -> dict[str, Any]:
    """Proposed and approved; not carried out yet."""
    disposal = propose(coordinator, kind, *ids, basis="erasure", reason="Op verzoek, toegestaan.")
    return done(decide(second, disposal))


def run(application: FastAPI, *, at: datetime | None = None) -> dict[ItemOutcome, int]:
    runtime = application.state.runtime
    storage = Storage(runtime.settings.attachments_dir)
    return carry_out(runtime.database, storage, schedule.load(None), at=at or clock.now())


def items(client: TestClient, disposal: dict[str, Any]) -> list[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = done(
        client.get(f"{V1}/disposals/{disposal['id']}/items", params={"limit": 100})
    )["items"]
    return list(found)


def close(worker: TestClient, case_id: str, outcome: str = "advice_given") -> None:
    done(act_on_case(worker, case_id, "closure", {"outcome": outcome, "reason": "Voorbij."}))


def make_older(database: Database, days: int) -> None:
    """All that there is happened so many days earlier."""
    by = timedelta(days=days)
    with database.transaction() as session:
        for case in session.query(Case):
            case.opened_on -= by
            case.closed_on = case.closed_on and case.closed_on - by
        for report in session.query(Report):
            report.received_on -= by
            report.acknowledge_by -= by
            report.answer_by -= by
            report.received_at -= by
            report.answered_on = report.answered_on and report.answered_on - by
            report.acknowledged_on = report.acknowledged_on and report.acknowledged_on - by
        session.flush()
        for message in session.query(ReportMessage):
            session.execute(
                update(ReportMessage)
                .where(ReportMessage.id == message.id)
                .values(sent_at=message.sent_at - by)
            )


def today() -> date:
    return clock.local_date(clock.now())
