"""The trail, for the auditor."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.pages import PageQuery, PageView
from app.api.problems import problems
from app.audit import queries
from app.audit.domain import Event
from app.audit.keys import CheckpointKeyError, load_key, public_pem
from app.audit.schemas import AuditChainView, AuditEntryView, CheckpointView
from app.core.access import Permission

router = APIRouter(tags=["audit"])


@router.get(
    "/audit-entries",
    response_model=PageView[AuditEntryView],
    responses=problems(401, 403, 422, 503),
)
def list_audit_entries(
    page: PageQuery,
    act: Annotated[Act, acting(Permission.AUDIT_READ)],
    event: Annotated[Event | None, Query()] = None,
    object_id: Annotated[UUID | None, Query()] = None,
    actor_id: Annotated[UUID | None, Query()] = None,
) -> Response:
    """The trail, newest first."""
    return act.read(
        lambda session: PageView[AuditEntryView].model_validate(
            queries.list_entries(
                session, act.actor, page, event=event, object_id=object_id, actor_id=actor_id
            ),
            from_attributes=True,
        )
    )


@router.get("/audit-chain", response_model=AuditChainView, responses=problems(401, 403, 422, 503))
def get_audit_chain(act: Annotated[Act, acting(Permission.AUDIT_READ)]) -> Response:
    """How far the trail is chained and signed; `bureau audit verify` checks that it is whole."""
    public_key = _public_key(act.settings.checkpoint_key_path)

    def view(session: Session) -> AuditChainView:
        state = queries.chain_state(session, act.actor, act.at)
        last = state.last_checkpoint
        return AuditChainView(
            size=state.size,
            root=state.root.hex(),
            lag=state.lag,
            held_back=state.held_back,
            last_checkpoint=CheckpointView(
                number=last.number,
                size=last.size,
                root=last.root.hex(),
                at=last.at,
                key_id=last.key_id,
                signature=last.signature.hex(),
            )
            if last
            else None,
            public_key=public_key,
        )

    return act.read(view)


def _public_key(path: Path) -> str | None:
    """None before the first start that signs."""
    try:
        return public_pem(load_key(path).public_key())
    except CheckpointKeyError:
        return None
