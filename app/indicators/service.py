"""The acts on plans and indicators: loading a plan, entering what was reached, taking it back."""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.core.errors import ConflictError, InvalidInputError, NotFoundError, invalid
from app.indicators import queries
from app.indicators.domain import COUNTED_KINDS, Source
from app.indicators.models import IndicatorValue, Plan
from app.indicators.plan_file import IndicatorBody, PlanFile, find_indicator, plan_errors
from app.indicators.standings import document_of, source_of

SHIPPED = Path(__file__).parent / "data" / "plan-2009-2011.json"


def load_shipped(session: Session, *, at: datetime) -> bool:
    """Load the plan that this version ships where no version of it stands; whether it did."""
    document = PlanFile.model_validate(json.loads(SHIPPED.read_text(encoding="utf-8")))
    if session.scalar(select(Plan.id).where(Plan.code == document.code).limit(1)) is not None:
        return False
    session.add(_row(document, 1, at=at))
    session.flush()
    return True


def load_plan(session: Session, actor: Actor, document: PlanFile, *, at: datetime) -> Plan:
    """A new plan, or the next version of one with the same code.

    Raises InvalidInputError naming each place that does not fit; ConflictError when it is what
    stands already.
    """
    actor.require(Permission.PLAN_MANAGE)
    if errors := plan_errors(document):
        raise InvalidInputError(*errors[:50])
    latest = queries.latest_version(session, document.code)
    if latest is not None and document_of(latest) == document:
        raise ConflictError("This is the version that stands.", code="nothing_changes")
    plan = _row(document, latest.version + 1 if latest else 1, at=at)
    plan.loaded_by_id = actor.id
    session.add(plan)
    session.flush()
    audit.record(
        session, actor, Event.PLAN_LOADED, "plan", plan.id, at=at,
        plan=plan.code, version=plan.version,
    )  # fmt: skip
    return plan


def _row(document: PlanFile, version: int, *, at: datetime) -> Plan:
    return Plan(
        id=uuid4(),
        code=document.code,
        version=version,
        first_year=document.first_year,
        last_year=document.last_year,
        document=document.model_dump(mode="json", exclude_none=True),
        loaded_at=at,
    )


def enter_value(
    session: Session,
    actor: Actor,
    code: str,
    *,
    year: int,
    plan: str | None,
    value: Decimal | None,
    fulfilled: bool | None,
    evidence: str,
    link: str | None,
    at: datetime,
) -> Plan:
    """Say what was reached in a year, and what shows it; what was said before stays as history.

    Raises NotFoundError; InvalidInputError naming the field: a year that is not of the plan or
    still to come, a number where yes or no is asked or the other way about, a `value` that the
    registers compute.
    """
    actor.require(Permission.INDICATOR_ENTER)
    row, indicator = _find(session, actor, code, year=year, plan=plan)
    if year > local_date(at).year:
        raise invalid("/year", "not in the future", "not_in_range")
    if source_of(indicator) is Source.COMPUTED:
        message = "counted from the registers: record there what is missing"
        raise invalid("/value" if value is not None else "/fulfilled", message, "computed")
    is_number = indicator.norm is not None or indicator.kind in COUNTED_KINDS
    asked, other = ("value", "fulfilled") if is_number else ("fulfilled", "value")
    given = {"value": value, "fulfilled": fulfilled}
    if given[asked] is None:
        raise invalid(f"/{asked}", "this indicator asks for it", "missing")
    if given[other] is not None:
        raise invalid(f"/{other}", f"this indicator asks for `{asked}`", "not_of_this_kind")
    _add(
        session, actor, row, code, year, Event.INDICATOR_ENTERED,
        value=value, fulfilled=fulfilled, evidence=evidence, link=link, at=at,
    )  # fmt: skip
    return row


def withdraw_value(
    session: Session,
    actor: Actor,
    code: str,
    *,
    year: int,
    plan: str | None,
    reason: str,
    at: datetime,
) -> Plan:
    """Take back what was entered of a year: as if nothing had been. It stays as history.

    Raises NotFoundError; InvalidInputError; ConflictError when nothing stands.
    """
    actor.require(Permission.INDICATOR_ENTER)
    row, _ = _find(session, actor, code, year=year, plan=plan)
    latest = queries.latest_entry(session, row.code, code, year)
    if latest is None or latest.is_withdrawal:
        raise ConflictError("Nothing is entered of this year.", code="nothing_entered")
    _add(
        session, actor, row, code, year, Event.INDICATOR_WITHDRAWN,
        value=None, fulfilled=None, evidence=reason, link=None, at=at,
    )  # fmt: skip
    return row


def _find(
    session: Session, actor: Actor, code: str, *, year: int, plan: str | None
) -> tuple[Plan, IndicatorBody]:
    row = queries.plan_of_year(session, actor, year, plan)
    placed = find_indicator(document_of(row), code)
    if placed is None:
        raise NotFoundError
    return row, placed.indicator


def _add(
    session: Session,
    actor: Actor,
    plan: Plan,
    code: str,
    year: int,
    event: Event,
    *,
    value: Decimal | None,
    fulfilled: bool | None,
    evidence: str,
    link: str | None,
    at: datetime,
) -> None:
    latest = queries.latest_entry(session, plan.code, code, year)
    entry = IndicatorValue(
        id=uuid4(),
        plan_code=plan.code,
        code=code,
        year=year,
        position=latest.position + 1 if latest else 0,
        value=None if value is None else f"{value.normalize():f}",
        fulfilled=fulfilled,
        evidence=evidence,
        link=link,
        entered_at=at,
        entered_by_id=actor.account_id,
    )
    session.add(entry)
    session.flush()
    audit.record(
        session, actor, event, "indicator_value", entry.id, at=at,
        plan=plan.code, code=code, year=year,
    )  # fmt: skip
