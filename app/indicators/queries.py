"""Reading plans and what was entered. Every query starts from what the actor may see."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.errors import NotFoundError, invalid
from app.core.paging import Page, PageRequest, fetch_page
from app.indicators.models import IndicatorValue, Plan


def visible_plans(actor: Actor) -> Select[Plan]:
    actor.require(Permission.INDICATOR_READ)
    return select(Plan)


def list_plans(session: Session, actor: Actor, page: PageRequest) -> Page[Plan]:
    """Every version of every plan, the last loaded first."""
    query = visible_plans(actor)
    return fetch_page(
        session, query, page, order=(Plan.loaded_at, Plan.version, Plan.id), descending=True
    )


def get_plan(session: Session, actor: Actor, plan_id: UUID) -> Plan:
    plan = session.scalar(visible_plans(actor).where(Plan.id == plan_id))
    if plan is None:
        raise NotFoundError
    return plan


def latest_version(session: Session, code: str) -> Plan | None:
    query = select(Plan).where(Plan.code == code).order_by(Plan.version.desc()).limit(1)
    return session.scalar(query)


def current_versions(session: Session) -> dict[str, int]:
    """Plan -> the version that counts."""
    rows = session.execute(select(Plan.code, func.max(Plan.version)).group_by(Plan.code))
    return {row[0]: row[1] for row in rows}


def current_plans(session: Session, actor: Actor, *, year: int | None = None) -> list[Plan]:
    """Of each plan the version that counts; year: of those whose years hold it."""
    latest = (
        select(Plan.code, func.max(Plan.version).label("version")).group_by(Plan.code).subquery()
    )
    query = (
        visible_plans(actor)
        .join(latest, and_(latest.c.code == Plan.code, latest.c.version == Plan.version))
        .order_by(Plan.first_year, Plan.code)
    )
    if year is not None:
        query = query.where(Plan.first_year <= year, Plan.last_year >= year)
    return list(session.scalars(query))


def plan_of_year(
    session: Session, actor: Actor, year: int, code: str | None, *, pointer: str = ""
) -> Plan:
    """The plan that holds a year: the named one, else the only one.

    pointer: where year and plan stood. Raises InvalidInputError naming `year` when no plan holds
    it, `plan` when it is not known, or when it must be named.
    """
    if code is not None:
        plan = latest_version(session, code)
        actor.require(Permission.INDICATOR_READ)
        if plan is None:
            raise invalid(f"{pointer}/plan", "no plan", "unknown_plan")
        if not plan.first_year <= year <= plan.last_year:
            raise invalid(f"{pointer}/year", "outside the years of the plan", "not_in_period")
        return plan
    found = current_plans(session, actor, year=year)
    if not found:
        raise invalid(f"{pointer}/year", "no plan holds this year", "no_plan")
    if len(found) > 1:
        raise invalid(f"{pointer}/plan", "several plans hold this year: name one", "missing")
    return found[0]


def entries_of(session: Session, plan_code: str, code: str) -> Sequence[IndicatorValue]:
    """All that was entered of one indicator, by year, the latest first."""
    return session.scalars(
        select(IndicatorValue)
        .where(IndicatorValue.plan_code == plan_code, IndicatorValue.code == code)
        .order_by(IndicatorValue.year, IndicatorValue.position.desc())
    ).all()


def latest_entries(session: Session, plan_code: str) -> dict[tuple[str, int], IndicatorValue]:
    """(indicator, year) -> what counts of what was entered, without what was taken back."""
    key = (IndicatorValue.plan_code, IndicatorValue.code, IndicatorValue.year)
    latest = (
        select(*key, func.max(IndicatorValue.position).label("position"))
        .where(IndicatorValue.plan_code == plan_code)
        .group_by(*key)
        .subquery()
    )
    rows = session.scalars(
        select(IndicatorValue).join(
            latest,
            and_(
                latest.c.plan_code == IndicatorValue.plan_code,
                latest.c.code == IndicatorValue.code,
                latest.c.year == IndicatorValue.year,
                latest.c.position == IndicatorValue.position,
            ),
        )
    )
    return {(row.code, row.year): row for row in rows if not row.is_withdrawal}


def latest_entry(session: Session, plan_code: str, code: str, year: int) -> IndicatorValue | None:
    return session.scalar(
        select(IndicatorValue)
        .where(
            IndicatorValue.plan_code == plan_code,
            IndicatorValue.code == code,
            IndicatorValue.year == year,
        )
        .order_by(IndicatorValue.position.desc())
        .limit(1)
    )
