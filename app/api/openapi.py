"""The description of the interface: problem documents, who may call what, worked examples.

`examples.json` beside this file holds one request and its answer for each operation, taken from a
real run (`python -m tests.api.tour`); the tests take the tour again and compare.
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.api.acts import Declaration, declaration_of
from app.api.problems import Problem, problems
from app.core.access import ANYBODY, Surface

EXAMPLES = Path(__file__).parent / "examples.json"
REF = "#/components/schemas/{model}"

SECURITY_SCHEMES = {
    "staff": {
        "type": "oauth2",
        "description": "A colleague's session, from /api/v1/auth/token or /api/v1/auth/openid.",
        "flows": {"password": {"tokenUrl": "/api/v1/auth/token", "scopes": {}}},
    },
    "partner": {
        "type": "oauth2",
        "description": "A partner's client, from /api/v1/auth/token, or one of its people, "
        "from /api/v1/partner/auth/token.",
        "flows": {"clientCredentials": {"tokenUrl": "/api/v1/auth/token", "scopes": {}}},
    },
    "receipt": {
        "type": "http",
        "scheme": "bearer",
        "description": "The holder of a receipt code, from /api/v1/public/receipts/token.",
    },
}

SCHEME_OF = {
    Surface.STAFF: "staff",
    Surface.PARTNER: "partner",
    Surface.PUBLIC: "receipt",
}

TAGS = [
    {"name": "public", "description": "Reporting, and following one's own report."},
    {"name": "identity", "description": "Logging in, and the accounts."},
    {"name": "intake", "description": "Reports: registering, answering, deciding, grouping."},
    {"name": "cases", "description": "Case files: workflow, notes, tasks, links, timeline."},
    {"name": "resolutions", "description": "Talks, proposals, agreements, commitments."},
    {"name": "referrals", "description": "Referrals to and from partners."},
    {"name": "activities", "description": "Meetings, training, campaigns; calendars; bulletins."},
    {"name": "partner", "description": "The door of a partner organisation."},
    {"name": "worklist", "description": "What is due."},
    {"name": "partners", "description": "Organisations the bureau works with."},
    {"name": "deliveries", "description": "What was sent, what waits, what was given up."},
    {"name": "attachments", "description": "Files of reports, cases and talks."},
    {"name": "partner access", "description": "Clients and people of partners, and their logins."},
    {"name": "vocabulary", "description": "The code lists."},
    {"name": "retention", "description": "How long what is kept; disposals by two people."},
    {"name": "rights of people", "description": "What people ask about their own data."},
    {"name": "annual report", "description": "Figures."},
    {"name": "audit", "description": "The trail."},
    {"name": "health", "description": "For the supervisor."},
]


def install(app: FastAPI) -> None:
    @cache
    def described() -> dict[str, Any]:
        return _describe(app)

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's own way to change it


def api_routes(router: Any) -> Iterator[APIRoute]:
    """Every route that is really served, however deep it was included."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from api_routes(route.original_router)


def declared(route: APIRoute) -> Declaration | None:
    """What a route declared with `acting`; None for one that declared nothing."""
    found = (declaration_of(dependency.call) for dependency in route.dependant.dependencies)
    return next((declaration for declaration in found if declaration), None)


def _describe(app: FastAPI) -> dict[str, Any]:
    spec = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
    )
    components = spec.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    problem = Problem.model_json_schema(ref_template=REF)
    components["schemas"] |= problem.pop("$defs") | {"Problem": problem}
    declarations = {route.name: declared(route) for route in api_routes(app)}
    examples = json.loads(EXAMPLES.read_text(encoding="utf-8")) if EXAMPLES.exists() else {}
    for operations in spec["paths"].values():
        for operation in operations.values():
            declaration = declarations[operation["operationId"]]
            if declaration is not None:
                operation["security"] = _security(declaration)
                if declaration.step_up:
                    operation["x-needs-recent-proof"] = True
                # Every act refuses a query parameter that it does not know.
                for status, response in problems(422).items():
                    operation["responses"].setdefault(str(status), response)
            # Refused before any route sees them: a body that is no JSON or no UTF-8, too much at
            # once, too often. The supervisor may ask as often as it wants.
            unseen = {400, 414, 431}
            unseen |= {408} if "requestBody" in operation else set()
            unseen |= set() if operation["tags"] == ["health"] else {429}
            operation["responses"] |= {str(k): v for k, v in problems(*unseen).items()}
            _add_example(operation, examples.get(operation["operationId"], {}))
    return spec


def _security(declaration: Declaration) -> list[dict[str, list[str]]]:
    scheme = SCHEME_OF[declaration.surface]
    if ANYBODY.may(declaration.permission):
        return [{}, {scheme: []}]
    return [{scheme: []}]


def _add_example(operation: dict[str, Any], example: dict[str, Any]) -> None:
    if "request" in example:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["request"]
    if "answer" in example:
        for status, response in operation["responses"].items():
            if status.startswith("2") and "content" in response:
                for content in response["content"].values():
                    content["example"] = example["answer"]
