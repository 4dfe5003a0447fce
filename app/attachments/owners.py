"""Who may see or add the files of what: each feature answers for its own; filled in by
composition."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.attachments.domain import OwnerKind
from app.core.access import Actor
from app.core.errors import NotFoundError, PermissionDeniedError

Check = Callable[[Session, Actor, UUID, bool], None]
"""(session, actor, owner, for_writing): raises NotFoundError when hidden, PermissionDeniedError,
or ConflictError when nothing can be added any more."""

_checks: dict[OwnerKind, Check] = {}


def register(kind: OwnerKind, check: Check) -> None:
    """One check for each kind; registering again replaces it."""
    _checks[kind] = check


def require(
    session: Session, actor: Actor, kind: OwnerKind, owner_id: UUID, *, for_writing: bool
) -> None:
    """Raises what the owner's feature raises. A kind that nobody answers for is hidden."""
    check = _checks.get(kind)
    if check is None:
        raise NotFoundError
    check(session, actor, owner_id, for_writing)


def require_seen(session: Session, actor: Actor, kind: OwnerKind, owner_id: UUID) -> None:
    """As `require` for reading; who may not read such owners at all hears of none either."""
    try:
        require(session, actor, kind, owner_id, for_writing=False)
    except PermissionDeniedError:
        raise NotFoundError from None
