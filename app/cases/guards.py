"""What higher features have to say before a case moves or closes; filled in by composition."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.cases.domain import CaseStatus
from app.core.errors import ConflictError


@dataclass(frozen=True)
class CaseGuard:
    """The checks raise ConflictError to refuse. work_of: what a colleague has in a case."""

    check_move: Callable[[Session, UUID, CaseStatus], None]
    check_closure: Callable[[Session, UUID, str], None]
    work_of: Callable[[Session, UUID, UUID], list[str]]


_guards: dict[str, CaseGuard] = {}


def register(name: str, guard: CaseGuard) -> None:
    """One guard for each feature; registering again replaces it."""
    _guards[name] = guard


def check_move(session: Session, case_id: UUID, to: CaseStatus) -> None:
    for guard in _guards.values():
        guard.check_move(session, case_id, to)


def allow_move(session: Session, case_id: UUID, to: CaseStatus) -> bool:
    """What `check_move` would say."""
    try:
        check_move(session, case_id, to)
    except ConflictError:
        return False
    return True


def check_closure(session: Session, case_id: UUID, outcome: str) -> None:
    for guard in _guards.values():
        guard.check_closure(session, case_id, outcome)


def work_of(session: Session, case_id: UUID, account_id: UUID) -> list[str]:
    return [
        work for guard in _guards.values() for work in guard.work_of(session, case_id, account_id)
    ]
