"""Plans and how their indicators stand."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView, page_view
from app.api.problems import problems
from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Permission
from app.core.clock import local_date
from app.core.errors import NotFoundError
from app.indicators import exporting, queries, service
from app.indicators.exporting import Format
from app.indicators.models import Plan
from app.indicators.plan_file import PlanFile, find_indicator, indicators_of
from app.indicators.schemas import ValueBody, WithdrawalBody
from app.indicators.standings import document_of, standings
from app.indicators.views import (
    HistoryView,
    PlanSummary,
    PlanView,
    TreeView,
    history_view,
    plan_summary,
    plan_view,
    tree_view,
)
from app.vocabulary.domain import Language

router = APIRouter(tags=["indicators"])

Reading = Annotated[Act, acting(Permission.INDICATOR_READ)]
Entering = Annotated[Act, acting(Permission.INDICATOR_ENTER, creates=True)]
Loading = Annotated[Act, acting(Permission.PLAN_MANAGE, creates=True)]

YearQuery = Annotated[int, Query(ge=1990, le=2199)]
PlanQuery = Annotated[
    str | None,
    Query(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$", description="needed when several hold the year"),
]
LanguageQuery = Annotated[Language, Query(description="of titles; another where it lacks")]
CodePath = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]

ENTER_PROBLEMS = problems(401, 403, 404, 409, 413, 422, 503)


@router.post(
    "/plans",
    status_code=201,
    response_model=PlanView,
    responses=problems(401, 403, 409, 413, 422, 503),
)
def load_plan(body: PlanFile, act: Loading) -> Response:
    """Load a plan, or the next version of one; the older versions stay."""

    def work(session: Session) -> PlanView:
        plan = service.load_plan(session, act.actor, body, at=act.at)
        return plan_view(plan, body, is_current=True)

    return act.commit(work)


@router.get("/plans", response_model=PageView[PlanSummary], responses=problems(401, 403, 422, 503))
def list_plans(page: PageQuery, act: Reading) -> Response:
    """Every version of every plan, the last loaded first."""

    def work(session: Session) -> PageView[PlanSummary]:
        current = queries.current_versions(session)
        return page_view(
            queries.list_plans(session, act.actor, page),
            lambda plan: plan_summary(
                plan, document_of(plan), is_current=current[plan.code] == plan.version
            ),
        )

    return act.read(work)


@router.get(
    "/plans/{plan_id}", response_model=PlanView, responses=problems(401, 403, 404, 422, 503)
)
def read_plan(plan_id: UUID, act: Reading) -> Response:
    """One version of a plan, with the whole file."""

    def work(session: Session) -> PlanView:
        plan = queries.get_plan(session, act.actor, plan_id)
        is_current = queries.current_versions(session)[plan.code] == plan.version
        return plan_view(plan, document_of(plan), is_current=is_current)

    return act.read(work)


@router.get("/indicators", response_model=TreeView, responses=problems(401, 403, 422, 503))
def read_indicators(
    year: YearQuery, act: Reading, plan: PlanQuery = None, lang: LanguageQuery = Language.NL
) -> Response:
    """How the norms of a year stand, by objective."""

    def work(session: Session) -> TreeView:
        row = queries.plan_of_year(session, act.actor, year, plan, pointer="/query")
        document = document_of(row)
        found = standings(
            session, act.actor, row, document, indicators_of(document), [year],
            today=local_date(act.at),
        )  # fmt: skip
        _note_reading(session, act, row, year)
        return tree_view(row, document, found, year, lang, as_of=act.at)

    return act.commit(work)


@router.get(
    "/indicators/export",
    responses=problems(401, 403, 422, 503)
    | {200: {"content": {media: {} for media in exporting.MEDIA_TYPES.values()}}},
    response_class=Response,
)
def export_indicators(
    year: YearQuery,
    act: Reading,
    plan: PlanQuery = None,
    lang: LanguageQuery = Language.NL,
    format: Annotated[Format, Query()] = Format.CSV,  # noqa: A002  (its name in the contract)
) -> Response:
    """A row for each indicator of a year, with the objectives above it."""

    def work(session: Session) -> str:
        row = queries.plan_of_year(session, act.actor, year, plan, pointer="/query")
        document = document_of(row)
        placed = indicators_of(document)
        found = standings(
            session, act.actor, row, document, placed, [year], today=local_date(act.at)
        )
        _note_reading(session, act, row, year)
        rows = exporting.export_rows(
            [(one, found[one.indicator.code][year]) for one in placed],
            plan=row.code,
            version=row.version,
            language=lang,
        )
        return exporting.as_text(rows, format)

    name = f'attachment; filename="indicators-{year}.{format}"'
    return act.commit_text(
        work, media_type=exporting.MEDIA_TYPES[format], headers={"Content-Disposition": name}
    )


@router.get(
    "/indicators/{code}",
    response_model=HistoryView,
    responses=problems(401, 403, 404, 422, 503),
)
def read_indicator(
    code: CodePath, act: Reading, plan: PlanQuery = None, lang: LanguageQuery = Language.NL
) -> Response:
    """One indicator over the years of its plan, with all that was entered.

    Without `plan`: of the latest plan that has it.
    """

    def work(session: Session) -> HistoryView:
        found = [
            row
            for row in queries.current_plans(session, act.actor)
            if plan in (None, row.code) and find_indicator(document_of(row), code)
        ]
        if not found:
            raise NotFoundError
        _note_reading(session, act, found[-1], None, code=code)
        return _history(session, act, found[-1], code, lang)

    return act.commit(work)


@router.post(
    "/indicators/{code}/values",
    status_code=201,
    response_model=HistoryView,
    responses=ENTER_PROBLEMS,
)
def enter_indicator_value(
    code: CodePath, body: ValueBody, act: Entering, lang: LanguageQuery = Language.NL
) -> Response:
    """Say what was reached in a year, and what shows it. What was said before stays as history."""

    def work(session: Session) -> HistoryView:
        plan = service.enter_value(
            session,
            act.actor,
            code,
            year=body.year,
            plan=body.plan,
            value=body.number(),
            fulfilled=body.fulfilled,
            evidence=body.evidence,
            link=body.link,
            at=act.at,
        )
        return _history(session, act, plan, code, lang)

    return act.commit(work)


@router.post(
    "/indicators/{code}/withdrawals",
    status_code=201,
    response_model=HistoryView,
    responses=ENTER_PROBLEMS,
)
def withdraw_indicator_value(
    code: CodePath, body: WithdrawalBody, act: Entering, lang: LanguageQuery = Language.NL
) -> Response:
    """Take back what was entered of a year."""

    def work(session: Session) -> HistoryView:
        plan = service.withdraw_value(
            session,
            act.actor,
            code,
            year=body.year,
            plan=body.plan,
            reason=body.reason,
            at=act.at,
        )
        return _history(session, act, plan, code, lang)

    return act.commit(work)


def _history(session: Session, act: Act, plan: Plan, code: str, lang: Language) -> HistoryView:
    document = document_of(plan)
    placed = find_indicator(document, code)
    assert placed is not None  # noqa: S101  (found before)
    years = range(document.first_year, document.last_year + 1)
    found = standings(session, act.actor, plan, document, [placed], years, today=local_date(act.at))
    entries = queries.entries_of(session, plan.code, code)
    return history_view(plan, placed, found[code].values(), entries, lang)


def _note_reading(
    session: Session, act: Act, plan: Plan, year: int | None, *, code: str | None = None
) -> None:
    """What was entered as evidence is text of people: that it was read stands in the trail."""
    audit.record(
        session, act.actor, Event.INDICATORS_READ, "plan", plan.id, at=act.at, year=year, code=code
    )
