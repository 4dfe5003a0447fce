"""The one way a route acts: it declares what it needs and hands over the work.

    @router.post("/cases", status_code=201, ...)
    def open_case(body: CaseOpening, act: Annotated[Act, acting(P.CASE_OPEN, creates=True)]):
        return act.commit(lambda session: CaseView.of(service.open_case(session, act.actor, ...)))

`acting` checks login and permission before the body is looked at. `commit` runs the work in one
transaction, in one thread, and answers after the commit.
"""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar, get_origin

from fastapi import Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from app.api.idempotency import Answer, IdempotencyKey, RunningKeys
from app.api.problems import PreconditionRequiredError, pointer_of
from app.core import clock
from app.core.access import ANYBODY, Actor, ActorKind, Permission, Surface
from app.core.database import Database
from app.core.errors import (
    FieldError,
    InvalidInputError,
    NotAuthenticatedError,
    StaleVersionError,
)
from app.settings import Settings

T = TypeVar("T")

Authenticator = Callable[[Database, str, datetime], Actor | None]
"""Who holds this bearer token now; None when nobody does."""


@dataclass
class Runtime:
    """What a request may use; built by `create_app`."""

    settings: Settings
    database: Database
    authenticators: Mapping[Surface, Authenticator]
    running_keys: RunningKeys = field(default_factory=RunningKeys)


@dataclass(frozen=True)
class Act:
    """One request by one actor."""

    runtime: Runtime
    actor: Actor
    success_status: int
    idempotency_key: IdempotencyKey | None
    expected_version: int | None
    at: datetime

    @property
    def settings(self) -> Settings:
        return self.runtime.settings

    def commit(self, work: Callable[[Session], BaseModel | None]) -> Response:
        """Run `work` in one transaction and answer with what it returns, once that is on disk."""
        if self.idempotency_key is None:
            return self._respond(self._in_transaction(work, None))
        with self.runtime.running_keys.claim(self.idempotency_key):
            return self._respond(self._in_transaction(work, self.idempotency_key))

    def read(self, work: Callable[[Session], BaseModel]) -> Response:
        """Run `work` on one consistent snapshot, without a trace in the trail."""
        with self._snapshot() as session:
            return self._respond(self._render(work(session)))

    def commit_value(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction, for an answer that is made of what it returns after it."""
        with self._transaction() as session:
            return work(session)

    def read_text(
        self, work: Callable[[Session], str], *, media_type: str, known_tags: str | None = None
    ) -> Response:
        """Like `read`, for an answer that is no JSON.

        known_tags: `If-None-Match` as sent; 304 when it names this very text.
        """
        with self._snapshot() as session:
            text = work(session)
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
        tags = {tag.strip().removeprefix("W/") for tag in (known_tags or "").split(",")}
        if etag in tags:
            return Response(status_code=304, headers={"ETag": etag})
        return Response(text, media_type=media_type, headers={"ETag": etag})

    def commit_text(
        self, work: Callable[[Session], str], *, media_type: str, headers: Mapping[str, str]
    ) -> Response:
        """Like `commit`, for an answer that is no JSON and is not kept."""
        with self._transaction() as session:
            text = work(session)
        return Response(text, media_type=media_type, headers=dict(headers))

    def with_body(self, fingerprint: bytes) -> "Act":
        """The same act, for a route that reads a large body itself: what the body stands for."""
        key = self.idempotency_key
        return self if key is None else replace(self, idempotency_key=key.for_body(fingerprint))

    def _transaction(self) -> AbstractContextManager[Session]:
        return self.runtime.database.transaction(partner_id=self.actor.partner_id)

    def _snapshot(self) -> AbstractContextManager[Session]:
        return self.runtime.database.snapshot(partner_id=self.actor.partner_id)

    def _in_transaction(
        self, work: Callable[[Session], BaseModel | None], key: IdempotencyKey | None
    ) -> Answer:
        for attempt in (1, 2, 3):
            try:
                with self._transaction() as session:
                    answer = key.earlier_answer(session) if key else None
                    if answer is None:
                        answer = self._render(work(session))
                        if key:
                            key.keep(session, answer, at=self.at)
                return answer
            except IntegrityError:
                # Two acts raced for one unique value: the rerun sees the other's row and says so.
                if attempt == 3:
                    raise
            except OperationalError as error:
                # PostgreSQL chose this transaction to break a deadlock: the whole of it may rerun.
                if attempt == 3 or getattr(error.orig, "sqlstate", None) not in {"40P01", "40001"}:
                    raise
        raise AssertionError("unreachable")

    def _render(self, view: BaseModel | None) -> Answer:
        if view is None:
            return Answer(204, "", None)
        version = getattr(view, "version", None)
        etag = f'"{version}"' if version is not None else None
        return Answer(self.success_status, view.model_dump_json(), etag)

    def _respond(self, answer: Answer) -> Response:
        response = Response(answer.body, answer.status, media_type="application/json")
        if answer.etag:
            response.headers["ETag"] = answer.etag
        return response


@dataclass(frozen=True)
class Declaration:
    """What a route declared; tests walk these."""

    permission: Permission
    surface: Surface
    creates: bool
    changes: bool
    step_up: bool


def acting(
    permission: Permission,
    *,
    surface: Surface = Surface.STAFF,
    creates: bool = False,
    changes: bool = False,
    step_up: bool = False,
) -> Any:
    """Dependency of a route.

    permission: needed before the body is looked at. creates: takes `Idempotency-Key`.
    changes: demands `If-Match`. step_up: a colleague must have shown a second factor (or, without
    one, the password) in the last minutes.
    """
    declared = Declaration(permission, surface, creates=creates, changes=changes, step_up=step_up)
    resolve = _resolver(declared)
    resolve.declared = declared  # type: ignore[attr-defined]  # read by `declaration_of`
    return Depends(resolve)


def declaration_of(call: Callable[..., Any] | None) -> Declaration | None:
    found = getattr(call, "declared", None)
    return found if isinstance(found, Declaration) else None


def _resolver(declared: Declaration) -> Callable[..., Awaitable[Act]]:
    async def plain(request: Request) -> Act:
        return await _act(request, declared, None, None)

    async def creating(
        request: Request,
        idempotency_key: str | None = Header(None, min_length=8, max_length=200),
    ) -> Act:
        return await _act(request, declared, idempotency_key, None)

    async def changing(
        request: Request,
        if_match: str | None = Header(None, max_length=200),
    ) -> Act:
        return await _act(request, declared, None, if_match)

    if declared.creates:
        return creating
    return changing if declared.changes else plain


async def _act(
    request: Request, declared: Declaration, idempotency_key: str | None, if_match: str | None
) -> Act:
    runtime: Runtime = request.app.state.runtime
    at = clock.now()
    actor = await _actor(request, runtime, declared, at)
    actor.require(declared.permission)
    if declared.step_up:
        actor.require_recent_proof(since=at - timedelta(minutes=runtime.settings.step_up_minutes))
    route = request.scope["route"]
    _require_known_query(request, route)
    key = None
    if idempotency_key is not None:
        # The path is part of the scope: the same key on another object is another key. All who act
        # for one partner share theirs: a retry by a second client is no second report.
        scope = f"{actor.kind}:{actor.partner_id or actor.id}:{request.method}:{request.url.path}"
        key = IdempotencyKey(
            idempotency_key,
            scope=scope,
            body=request.scope["state"]["body"],
            is_of_staff=actor.kind in (ActorKind.STAFF, ActorKind.PARTNER),
        )
    return Act(
        runtime=runtime,
        actor=actor,
        success_status=route.status_code or 200,
        idempotency_key=key,
        expected_version=_expected_version(if_match) if declared.changes else None,
        at=at,
    )


def _require_known_query(request: Request, route: APIRoute) -> None:
    """Raises InvalidInputError naming every query parameter that the route does not declare, and
    every one that is given twice where it has one value.

    A filter with a typing error in its name would otherwise answer everything, and of two values
    one would be left out in silence.
    """
    if not request.query_params:
        return
    takes_several = _query_parameters(route.dependant)
    errors = []
    for name, count in Counter(name for name, _ in request.query_params.multi_items()).items():
        pointer = pointer_of(("query", name))
        if name not in takes_several:
            message = "no parameter of this operation"
            errors.append(FieldError(pointer, message, "unknown_parameter"))
        elif count > 1 and not takes_several[name]:
            errors.append(FieldError(pointer, "given more than once", "repeated_parameter"))
    if errors:
        raise InvalidInputError(*errors[:10])


def _query_parameters(dependant: Dependant) -> dict[str, bool]:
    """Name -> whether it takes several values."""
    found = {
        field.alias: get_origin(field.field_info.annotation) is list
        for field in dependant.query_params
    }
    for inner in dependant.dependencies:
        found |= _query_parameters(inner)
    return found


async def _actor(request: Request, runtime: Runtime, declared: Declaration, at: datetime) -> Actor:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        if ANYBODY.may(declared.permission):
            return Actor(ANYBODY.kind, declared.surface)
        raise NotAuthenticatedError("Send a bearer token.")
    authenticate = runtime.authenticators[declared.surface]
    # A thread only for who has a token to look up: the public form needs none.
    actor = await run_in_threadpool(authenticate, runtime.database, token, at)
    if actor is None:
        raise NotAuthenticatedError("The token is not valid, or no longer.")
    request.state.actor = actor  # for the log, should the act be refused
    return actor


def _expected_version(if_match: str | None) -> int:
    if if_match is None:
        raise PreconditionRequiredError("Send If-Match with the ETag you read.")
    tag = if_match.strip().removeprefix('"').removesuffix('"')
    if not tag.isascii() or not tag.isdigit() or len(tag) > 9:
        raise StaleVersionError("If-Match does not name the present version.")
    return int(tag)


def bearer_token(request: Request) -> str:
    """The token itself, for the act that revokes it."""
    return request.headers.get("authorization", "").partition(" ")[2]
