"""Steps of the tour: the auditor looks at the chain."""

from typing import TYPE_CHECKING

from fastapi import FastAPI

from app.audit.worker import seal_once
from app.core.access import Role
from tests.makers.identity import make_client

if TYPE_CHECKING:
    from tests.api.tour import Recorder


def tour_audit(recorder: "Recorder", application: FastAPI) -> None:
    runtime = application.state.runtime
    seal_once(runtime.database, runtime.settings)
    recorder.send(make_client(application, Role.AUDITOR), "GET", "/api/v1/audit-chain")
