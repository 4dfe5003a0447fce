"""RFC 9457 problem documents: one map from named errors to HTTP. What was sent is never echoed."""

import errno
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm.exc import StaleDataError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from app.core.access import Actor, ActorKind
from app.core.errors import (
    BureauError,
    ConflictError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    PermissionDeniedError,
    StaleVersionError,
    TooManyAttemptsError,
    UnavailableError,
)

log = structlog.get_logger()


class PreconditionRequiredError(BureauError):
    code = "if_match_required"
    title = "Say which version you changed"


STATUS_OF: Mapping[type[BureauError], int] = {
    NotAuthenticatedError: 401,
    PermissionDeniedError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    StaleVersionError: 412,
    InvalidInputError: 422,
    PreconditionRequiredError: 428,
    TooManyAttemptsError: 429,
    UnavailableError: 503,
}

TITLES: Mapping[int, str] = {
    400: "The request cannot be read",
    401: "Log in first",
    403: "Your role does not allow this",
    404: "Not found",
    405: "This method is not available here",
    408: "The request did not arrive in time",
    409: "The act does not fit the present state",
    412: "Somebody changed this in the meantime",
    413: "The request is too large",
    414: "The address is too long",
    422: "The input is not valid",
    428: "Say which version you changed",
    429: "Too many attempts",
    431: "The header is too large",
    500: "Something went wrong on our side",
    503: "The service is not available for a moment",
}


class ProblemField(BaseModel):
    pointer: str
    message: str
    code: str


class Challenge(BaseModel):
    """What a program may answer in the header `Challenge-Answer`, see app/api/flood.py.

    difficulty: leading zero bits of the hash of `<challenge>.<counter>`.
    """

    algorithm: str
    challenge: str
    difficulty: int


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemField] | None = None
    challenge: Challenge | None = None


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that may answer with these problems."""
    return {
        status: {
            "description": TITLES[status],
            "content": {"application/problem+json": {"schema": _PROBLEM}},
        }
        for status in sorted(statuses)
    }


def problem_response(
    status: int,
    *,
    code: str,
    detail: str = "",
    title: str | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    challenge: Mapping[str, str | int] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {
        "type": f"urn:bureau:problem:{code}",
        "title": title or TITLES.get(status, "The request was refused"),
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors is not None:
        body["errors"] = errors
    if challenge is not None:
        body["challenge"] = challenge
    return JSONResponse(
        body, status, headers=dict(headers or {}), media_type="application/problem+json"
    )


def install(app: FastAPI) -> None:
    """Every error of this application leaves as a problem document."""
    app.add_exception_handler(BureauError, _bureau_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(StaleDataError, _stale)
    app.add_exception_handler(UnicodeEncodeError, _no_text)
    for kind in (DatabaseError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(kind, _database_error)
    app.add_exception_handler(OSError, _file_error)


def _bureau_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, BureauError)  # noqa: S101  (registered for this class only)
    if isinstance(error, PermissionDeniedError):
        _log_denied(request, error)
    status = next(s for kind, s in STATUS_OF.items() if isinstance(error, kind))
    headers: dict[str, str] = {}
    if isinstance(error, NotAuthenticatedError):
        # A client of a partner may have tried HTTP Basic: RFC 6749 wants to hear of it.
        is_client = error.code == "invalid_client"
        headers["WWW-Authenticate"] = "Basic" if is_client else "Bearer"
    if isinstance(error, TooManyAttemptsError):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, UnavailableError):
        headers["Retry-After"] = "5"
    errors = None
    if isinstance(error, InvalidInputError):
        errors = [
            {"pointer": e.pointer, "message": e.message, "code": e.code} for e in error.errors
        ]
    return problem_response(
        status,
        code=error.code,
        title=error.title,
        detail="" if errors else error.detail,
        errors=errors,
        headers=headers,
    )


def _log_denied(request: Request, error: PermissionDeniedError) -> None:
    actor: Actor | None = getattr(request.state, "actor", None)
    # A reporter's id is that of the report: beside a time it would say when they came back.
    is_named = actor is not None and actor.kind in (ActorKind.STAFF, ActorKind.PARTNER)
    log.warning(
        "permission_denied",
        code=error.code,
        kind=actor.kind.value if actor else ActorKind.ANYBODY.value,
        actor_id=str(actor.id) if actor and is_named else None,
    )


def _validation_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    errors = [
        {
            "pointer": pointer_of(problem["loc"]),
            "message": problem["msg"],
            "code": problem["type"],
        }
        for problem in error.errors()
    ]
    return problem_response(422, code="invalid_input", errors=errors)


def pointer_of(location: tuple[int | str, ...]) -> str:
    """Where something stood: in the body, or in what `location` begins with."""
    where, *rest = location
    parts = rest if where == "body" else [where, *rest]
    # A key that the client made up is part of what was sent; long ones are cut.
    return "".join(f"/{str(p)[:60].replace('~', '~0').replace('/', '~1')}" for p in parts)


def _http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    codes = {
        400: "unreadable",
        404: "not_found",
        405: "method_not_allowed",
        408: "too_slow",
        413: "too_large",
    }
    return problem_response(
        error.status_code,
        code=codes.get(error.status_code, "refused"),
        headers=error.headers,
    )


def _no_text(_request: Request, _error: Exception) -> Response:
    # A lone surrogate is a legal JSON escape and no text. Fields of text name it themselves.
    return problem_response(422, code="no_text", detail="A value holds something that is no text.")


def _stale(_request: Request, _error: Exception) -> Response:
    return problem_response(412, code=StaleVersionError.code)


def _database_error(_request: Request, error: Exception) -> Response:
    if not _is_of_the_store(error):
        raise error
    # The message of a database error can hold values; only its class is logged.
    log.error("database_error", kind=type(error).__name__)
    cause = getattr(error, "orig", None)
    is_full = getattr(cause, "sqlstate", None) == "53100" or "disk is full" in str(cause)
    code = "storage_full" if is_full else "unavailable"
    return problem_response(503, code=code, headers={"Retry-After": "5"})


def _is_of_the_store(error: Exception) -> bool:
    """Whether the store fails (gone, full, read-only, damaged), rather than the statement."""
    return type(error) in (
        DatabaseError,
        InterfaceError,
        InternalError,
        OperationalError,
        PoolTimeoutError,
    )


FILE_FAULTS = {
    errno.ENOSPC: "storage_full",
    errno.EDQUOT: "storage_full",
    errno.EFBIG: "storage_full",
    errno.EROFS: "unavailable",
    errno.EIO: "unavailable",
    errno.EACCES: "unavailable",
    errno.EMFILE: "unavailable",
    errno.ENFILE: "unavailable",
}


def _file_error(_request: Request, error: Exception) -> Response:
    code = FILE_FAULTS.get(getattr(error, "errno", None) or 0)
    if code is None:
        raise error
    log.error("file_error", kind=type(error).__name__, code=code)
    return problem_response(503, code=code, headers={"Retry-After": "5"})
