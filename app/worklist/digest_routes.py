"""The daily mail of what is due: each colleague's own wish."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.acts import Act, acting
from app.api.problems import problems
from app.core.access import Permission
from app.worklist import digest
from app.worklist.schemas import DigestBody, DigestView

router = APIRouter(prefix="/me/digest", tags=["worklist"])

Own = Annotated[Act, acting(Permission.WORKLIST_READ)]


@router.get("", response_model=DigestView, responses=problems(401, 403, 503))
def read_digest(act: Own) -> Response:
    """My daily mail; off until I ask for it."""

    def work(session: Session) -> DigestView:
        found = digest.own_subscription(session, act.actor)
        return DigestView() if found is None else DigestView.model_validate(found)

    return act.read(work)


@router.put("", response_model=DigestView, responses=problems(401, 403, 413, 422, 503))
def change_digest(body: DigestBody, act: Own) -> Response:
    """Where and at what hour I want to be told what is due."""
    return act.commit(
        lambda session: DigestView.model_validate(
            digest.change_subscription(session, act.actor, at=act.at, **body.model_dump())
        )
    )
