"""Intake through HTTP against the raw limit of the same rows, on SQLite and PostgreSQL.

    python -m benchmarks.intake [--requests 3000] [--clients 16] [--repeat 3] [--store sqlite]

Raw limit: one driver connection that writes the rows of one intake (report, grounds, conducts,
receipt, trail, kept answer) in one durable transaction, again and again.
"""

import argparse
import asyncio
import resource
import statistics
import time
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.sql.compiler import SQLCompiler

from app.api.models import KeptAnswer
from app.audit.models import AuditEntry
from app.core.columns import SealedText
from app.core.models import Base
from app.core.sealing import DataKey
from app.intake.models import Receipt, Report, ReportConduct, ReportGround
from benchmarks.load import Outcome, encode, post_all
from benchmarks.server import Server, bureau, open_database, stores

PATH = "/api/v1/public/reports"

BODY = {
    "request": "assistance",
    "language": "nl",
    "reporter": {"role": "victim", "is_anonymous": True, "municipality": "Genk"},
    "incident": {
        "narrative": "Made up for a measurement. " * 20,
        "occurred_from": "2026-01-05",
        "municipality": "Genk",
        "district": "Winterslag",
        "domain": "housing",
        "conducts": ["direct"],
        "respondent": {"kind": "company", "name": "Immo Voorbeeld"},
    },
    "grounds": [
        {"code": "national_ethnic_origin", "link": "own"},
        {"code": "religion_belief", "link": "assumed"},
    ],
    "consents": {
        "contact": True,
        "approach_respondent": True,
        "share_with_partners": False,
        "statistics": True,
    },
}


def through_http(database_url: str, *, requests: int, clients: int) -> tuple[Outcome, float]:
    """(what was seen, share of one processor that the client itself took)."""
    server = Server(database_url)
    server.start()
    try:

        def sent(count: int) -> list[bytes]:
            return [
                encode(server.port, PATH, BODY, {"Idempotency-Key": str(uuid4())})
                for _ in range(count)
            ]

        def ignore(_number: int, _answer: dict[str, Any]) -> None:
            pass

        asyncio.run(post_all(server.port, sent(300), clients=clients, on_answer=ignore))
        messages = sent(requests)
        before = resource.getrusage(resource.RUSAGE_SELF)
        seen = asyncio.run(post_all(server.port, messages, clients=clients, on_answer=ignore))
        after = resource.getrusage(resource.RUSAGE_SELF)
    finally:
        server.stop()
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seen, used / seen.elapsed


def raw_limit(database_url: str, *, intakes: int = 3000) -> float:
    """Transactions per second of one driver connection that writes an intake's rows.

    Rows and statements are made before the clock starts: what is timed is the driver and the store.
    """
    database = open_database(database_url)
    dialect = database.engine.dialect
    prepared = [_prepared_intake(dialect) for _ in range(intakes)]
    pooled = database.engine.raw_connection()
    connection = pooled.driver_connection
    assert connection is not None
    cursor = connection.cursor()
    started = time.perf_counter()
    for statements in prepared:
        if database.is_sqlite:
            cursor.execute("BEGIN IMMEDIATE")
        for sql, values in statements:
            cursor.execute(sql, values)
        if database.is_sqlite:
            cursor.execute("COMMIT")
        else:
            connection.commit()
    elapsed = time.perf_counter() - started
    pooled.close()
    database.close()
    return intakes / elapsed


def _rows_of_an_intake() -> list[tuple[type[Base], list[dict[str, Any]]]]:
    report_id = uuid4()
    day = date(2026, 1, 6)
    midnight = datetime(2026, 1, 6, tzinfo=UTC)
    report = {
        "id": report_id,
        "version": 1,
        "reference": f"X-{report_id.hex[:16]}",
        "received_at": midnight,
        "received_on": day,
        "request": "assistance",
        "channel": "web",
        "language": "nl",
        "status": "received",
        "acknowledge_by": date(2026, 1, 13),
        "answer_by": date(2026, 2, 17),
        "reporter_role": "victim",
        "is_anonymous": True,
        "reporter_municipality": "Genk",
        "needs_sign_language": False,
        "needs_reading_help": False,
        "narrative": SealedText("", "s1:" + "x" * 800),  # as long as it is when sealed
        "occurred_from": date(2026, 1, 5),
        "is_ongoing": False,
        "incident_municipality": "Genk",
        "incident_district": "Winterslag",
        "domain": "housing",
        "respondent_kind": "company",
        "respondent_organisation": "Immo Voorbeeld",
        "consent_contact": True,
        "consent_approach_respondent": True,
        "consent_share_with_partners": False,
        "consent_statistics": True,
        "is_in_case": False,
        "is_restricted": False,
        "ground_codes": "national_ethnic_origin,religion_belief",
        "conduct_codes": "direct",
        "search_text": f"x-{report_id.hex[:16]} immo voorbeeld genk winterslag",
    }
    entry = {
        "id": uuid4(),
        "at": midnight,
        "event": "report_received",
        "actor_kind": "anybody",
        "surface": "public",
        "object_kind": "report",
        "object_id": report_id,
        "details": {"channel": "web"},
    }
    return [
        (Report, [report]),
        (DataKey, [{"owner_id": report_id, "master_id": "made-up", "wrapped": "x" * 80}]),
        (
            ReportGround,
            [
                {"report_id": report_id, "code": code, "link": "own", "position": 0}
                for code in ("national_ethnic_origin", "religion_belief")
            ],
        ),
        (ReportConduct, [{"report_id": report_id, "code": "direct"}]),
        (
            Receipt,
            [{"report_id": report_id, "code_hash": uuid4().hex * 2, "expires_on": day}],
        ),
        (AuditEntry, [entry]),
        (
            KeptAnswer,
            [
                {
                    "key_hash": uuid4().hex * 2,
                    "body_hash": uuid4().hex * 2,
                    "sealed_answer": b"x" * 260,
                    "is_of_staff": False,
                    "expires_at": midnight,
                }
            ],
        ),
    ]


def _prepared_intake(dialect: Dialect) -> list[tuple[str, Any]]:
    return [
        (_sql(model, tuple(row), dialect), _bound(model, row, dialect))
        for model, rows in _rows_of_an_intake()
        for row in rows
    ]


@cache
def _sql(model: type[Base], columns: tuple[str, ...], dialect: Dialect) -> str:
    return str(_insert(model, columns, dialect))


@cache
def _insert(model: type[Base], columns: tuple[str, ...], dialect: Dialect) -> SQLCompiler:
    compiled = insert(_table(model)).compile(dialect=dialect, column_keys=list(columns))
    assert isinstance(compiled, SQLCompiler)
    return compiled


def _bound(model: type[Base], row: dict[str, Any], dialect: Dialect) -> Any:
    compiled = _insert(model, tuple(row), dialect)
    values = {}
    for name, value in row.items():
        prepare = _table(model).c[name].type.dialect_impl(dialect).bind_processor(dialect)
        values[name] = prepare(value) if prepare else value
    return [values[name] for name in compiled.positiontup or ()] if compiled.positional else values


def _table(model: type[Base]) -> Table:
    assert isinstance(model.__table__, Table)
    return model.__table__


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=3000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    for name, url in stores(wanted.store):
        _report(name, url, wanted)


def _report(name: str, url: str, wanted: argparse.Namespace) -> None:
    bureau(url, "db", "upgrade")
    ratios = []
    for _ in range(wanted.repeat):
        seen, client_share = through_http(url, requests=wanted.requests, clients=wanted.clients)
        raw = raw_limit(url)
        rate = len(seen.seconds) / seen.elapsed
        ratios.append(rate / raw)
        p50, p95, p99 = (seen.quantile(share) * 1000 for share in (0.5, 0.95, 0.99))
        print(
            f"{name}: {rate:.0f} intakes/s, p50 {p50:.1f} p95 {p95:.1f} p99 {p99:.1f} ms "
            f"(p99/p50 {p99 / p50:.1f}), client {client_share:.0%} of a processor; "
            f"raw {raw:.0f}/s, ratio {rate / raw:.2f}"
        )
    print(f"{name}: median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
