"""Is the process alive, and can it serve."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from app.api.acts import Runtime
from app.core.database import DatabaseSetupError
from app.core.keys import KeyTroubleError

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    status: str
    reason: str | None = None


@router.get("/live", response_model=Health)
async def live() -> Health:
    """The process answers, also while every thread waits for the store."""
    return Health(status="ok")


@router.get("/ready", response_model=Health, responses={503: {"model": Health}})
def ready(request: Request) -> JSONResponse:
    """The store answers, has the schema of this code or a newer one, and there are master keys."""
    runtime: Runtime = request.app.state.runtime
    try:
        runtime.database.check()
        has_usable_schema = runtime.database.has_usable_schema()
        if runtime.database.vault is not None:
            runtime.database.vault.masters.current()
    except (SQLAlchemyError, DatabaseSetupError, OSError):
        return JSONResponse({"status": "unavailable", "reason": "database"}, 503)
    except KeyTroubleError:
        return JSONResponse({"status": "unavailable", "reason": "master_keys"}, 503)
    if not has_usable_schema:
        return JSONResponse({"status": "unavailable", "reason": "schema_version"}, 503)
    return JSONResponse({"status": "ok", "reason": None})
