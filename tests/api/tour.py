"""A walk through every operation: gives the examples of the interface's description.

python -m tests.api.tour        # writes app/api/examples.json anew
"""

import json
import re
import tempfile
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from app.api.openapi import EXAMPLES
from app.core.access import Role
from app.core.database import Database
from app.main import create_app
from app.settings import Settings
from app.vocabulary.service import load_defaults
from benchmarks.server import MASTER_KEYS
from tests.api import tour_activities
from tests.api.tour_access import visit_partner_access
from tests.api.tour_attachments import tour_attachments
from tests.api.tour_audit import tour_audit
from tests.api.tour_barring import bar_and_readmit
from tests.api.tour_delivery import tour_delivery
from tests.api.tour_indicators import load_and_enter
from tests.api.tour_login import tour_login
from tests.api.tour_openid import tour_openid
from tests.api.tour_partners import tour_partners
from tests.api.tour_prevention import prevent
from tests.api.tour_publications import write_and_publish
from tests.api.tour_referrals import refer_both_ways
from tests.api.tour_resolutions import negotiate
from tests.api.tour_retention import hold_and_dispose
from tests.api.tour_rights import ask_and_answer
from tests.api.tour_signals import see_and_decide
from tests.conftest import migrate
from tests.makers.identity import make_client
from tests.makers.intake import report_body
from tests.makers.tour import in_days

V1 = "/api/v1"

SECRETS: dict[str, Any] = {
    "access_token": "an-opaque-token",
    "secret": "an-opaque-token",
    "calendar_path": f"{V1}/public/calendars/an-opaque-token.ics",
    "client_secret": "an-opaque-secret",
    "invitation_token": "an-opaque-token",
    "invitation_url": "https://bureau.example/partner/invitation#an-opaque-token",
    "confirmation_token": "an-opaque-token",
    "token": "an-opaque-token",
    "authorization_url": "https://provider.example/authorize?response_type=code&client_id=bureau"
    "&code_challenge_method=S256&code_challenge=opaque&state=opaque&nonce=opaque",
    "totp_secret": "MADEUPSECRETMADEUPSECRETMADEUPSE",
    "otpauth_uri": "otpauth://totp/Bureau:samira?secret=MADEUPSECRETMADEUPSECRETMADEUPSE&issuer=Bureau",
    "options": {"challenge": "an-opaque-challenge", "rpId": "bureau.example"},
    "credential": {
        "id": "an-opaque-id",
        "rawId": "an-opaque-id",
        "type": "public-key",
        "response": {},
    },
    "recovery_codes": ["aaaa-bbbb-cccc-dddd-eeee-ffff-gg", "gggg-hhhh-iiii-jjjj-kkkk-llll-mm"],
}
"""What an example shows in the place of a secret, by the name of its field."""


class Recorder:
    """Sends requests and keeps, for each operation, the first that succeeded."""

    def __init__(self, application: FastAPI) -> None:
        self.examples: dict[str, dict[str, Any]] = {}
        paths = application.openapi()["paths"]
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), spec["operationId"])
            for path, methods in paths.items()
            for method, spec in methods.items()
        ]
        # A fixed path such as /holds/end wins over one with a parameter.
        self._operations.sort(key=lambda found: -len(found[1].pattern.replace("[^/]+", "")))

    def send(
        self,
        client: TestClient,
        method: str,
        path: str,
        body: Any = None,
        *,
        form: dict[str, str] | None = None,
        version: int | None = None,
        file: tuple[str, bytes] | None = None,
    ) -> dict[str, Any]:
        """file: name and bytes, instead of a body."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        if file is not None:
            headers["X-File-Name"] = file[0]
        content = file[1] if file is not None else None
        answer = client.request(
            method, path, json=body, data=form, content=content, headers=headers
        )
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        shown: dict[str, Any] = {"request": _shortened(body or form)} if body or form else {}
        is_json = answer.headers.get("content-type") == "application/json"
        if answer.content:
            shown["answer"] = _shortened(answer.json()) if is_json else answer.text[:1_500]
        self.examples.setdefault(self._operation(method, path), shown)
        found: dict[str, Any] = answer.json() if is_json and answer.content else {}
        return found

    def _operation(self, method: str, path: str) -> str:
        plain = path.partition("?")[0]
        for verb, pattern, name in self._operations:
            if verb == method and pattern.fullmatch(plain):
                return str(name)
        raise AssertionError(f"no operation {method} {plain}")


def _shortened(value: Any) -> Any:
    """Lists of two at most, and no token that looks like a secret."""
    if isinstance(value, dict):
        return {key: SECRETS.get(key) or _shortened(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_shortened(part) for part in value[:2]]
    return value


def take_tour(application: FastAPI) -> dict[str, dict[str, Any]]:
    """Every operation once; operationId -> request and answer."""
    recorder = Recorder(application)
    admin = make_client(application, Role.ADMIN)
    worker = make_client(application, Role.COORDINATOR)
    _accounts(recorder, application, admin)
    tour_login(recorder, application, admin)
    tour_openid(recorder, application)
    _registers(recorder, application, worker)
    visit_partner_access(recorder, application, worker)
    tour_partners(recorder, worker)
    report = _intake(recorder, application, worker)
    case = _cases(recorder, worker, report)
    negotiate(recorder, worker, case)
    tour_activities.take(recorder, application, worker)
    _ending(recorder, application, worker, case)
    refer_both_ways(recorder, application, worker)
    tour_delivery(recorder, application, worker)
    tour_attachments(recorder, application, worker)
    tour_audit(recorder, application)
    bar_and_readmit(recorder, worker, make_client(application, Role.CASE_MANAGER))
    see_and_decide(recorder, worker)
    prevent(recorder, worker)
    analyst = make_client(application, Role.ANALYST)
    write_and_publish(recorder, worker, analyst, TestClient(application))
    load_and_enter(recorder, worker)
    hold_and_dispose(recorder, worker, make_client(application, Role.AUDITOR))
    ask_and_answer(recorder, worker)
    return dict(sorted(recorder.examples.items()))


def _accounts(recorder: Recorder, application: FastAPI, admin: TestClient) -> None:
    account = recorder.send(
        admin,
        "POST",
        f"{V1}/users",
        {
            "username": "ilse",
            "display_name": "Ilse (intake)",
            "roles": ["intake_worker"],
            "email": "ilse@bureau.example",
        },
    )
    url = f"{V1}/users/{account['id']}"
    recorder.send(admin, "GET", f"{V1}/users")
    account = recorder.send(admin, "GET", url)
    recorder.send(
        admin,
        "PATCH",
        url,
        {"roles": ["intake_worker", "case_manager"]},
        version=account["version"],
    )
    invitation = recorder.send(admin, "POST", f"{url}/invitation", {"language": "fr"})
    somebody = TestClient(application)
    joining = {"token": invitation["invitation_token"], "password": "a-long-made-up-password"}
    recorder.send(somebody, "POST", f"{V1}/auth/invitation", joining)
    form = {
        "grant_type": "password",
        "username": "ilse",
        "password": "a-long-made-up-password",
    }
    token = recorder.send(somebody, "POST", f"{V1}/auth/token", form=form)
    somebody.headers["Authorization"] = f"Bearer {token['access_token']}"
    recorder.send(somebody, "GET", f"{V1}/me")
    recorder.send(somebody, "POST", f"{V1}/auth/revoke")


def _registers(recorder: Recorder, application: FastAPI, worker: TestClient) -> None:
    somebody = TestClient(application)
    recorder.send(somebody, "GET", "/health/live")
    recorder.send(somebody, "GET", "/health/ready")
    recorder.send(somebody, "GET", f"{V1}/vocabulary")
    recorder.send(somebody, "GET", f"{V1}/vocabulary/partner_tiers?lang=nl")
    entry = recorder.send(
        worker,
        "POST",
        f"{V1}/vocabulary/domains",
        {
            "code": "digital_services",
            "labels": {
                "nl": "digitale diensten",
                "fr": "services en ligne",
                "en": "online services",
            },
            "attributes": {"eu_field": "goods_and_services"},
        },
    )
    recorder.send(worker, "GET", f"{V1}/vocabulary/domains/digital_services")
    recorder.send(
        worker,
        "PATCH",
        f"{V1}/vocabulary/domains/digital_services",
        {"valid_to": "2030-12-31"},
        version=entry["version"],
    )


def _intake(recorder: Recorder, application: FastAPI, worker: TestClient) -> dict[str, Any]:
    somebody = TestClient(application)
    received = recorder.send(somebody, "POST", f"{V1}/public/reports", report_body())
    code = {"receipt_code": received["receipt_code"]}
    token = recorder.send(somebody, "POST", f"{V1}/public/receipts/token", code)
    holder = TestClient(application, headers={"Authorization": f"Bearer {token['access_token']}"})
    recorder.send(
        holder, "POST", f"{V1}/public/report/messages", {"body": "Ik heb ook een schermafdruk."}
    )
    recorder.send(
        holder,
        "POST",
        f"{V1}/public/report/identity",
        {"name": "Voorbeeld Melder", "email": "melder@example.org"},
    )
    recorder.send(holder, "GET", f"{V1}/public/report")
    recorder.send(holder, "POST", f"{V1}/public/report/withdrawal", {"reason": "Het is opgelost."})
    report = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
    url = f"{V1}/reports/{report['id']}"
    recorder.send(worker, "GET", f"{V1}/reports?status=registered&count=true")
    report = recorder.send(worker, "GET", url)
    report = recorder.send(
        worker,
        "PATCH",
        url,
        {"wishes": "Een gesprek met een derde erbij."},
        version=report["version"],
    )
    recorder.send(worker, "POST", f"{url}/messages", {"body": "Wij bellen u morgen."})
    recorder.send(worker, "POST", f"{url}/receipt")
    recorder.send(worker, "GET", f"{url}/similar")
    recorder.send(worker, "POST", f"{V1}/reports/search", {"words": "verhuurder woning"})
    other = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="desk"))
    event = recorder.send(
        worker,
        "POST",
        f"{V1}/events",
        {"title": "Haatpamflet in de bussen", "report_ids": [other["id"]]},
    )
    recorder.send(worker, "GET", f"{V1}/events")
    recorder.send(worker, "GET", f"{V1}/events/{event['id']}")
    third = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="email"))
    recorder.send(
        worker, "POST", f"{V1}/events/{event['id']}/reports", {"report_ids": [third["id"]]}
    )
    version = recorder.send(worker, "GET", url)["version"]
    return recorder.send(
        worker,
        "POST",
        f"{url}/triage",
        {"decision": "open_case", "reason": "Ernstig, de melder wil bemiddeling."},
        version=version,
    )


def _cases(recorder: Recorder, worker: TestClient, report: dict[str, Any]) -> dict[str, Any]:
    case = recorder.send(worker, "POST", f"{V1}/cases", {"report_ids": [report["id"]]})
    url = f"{V1}/cases/{case['id']}"
    more = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
    other = recorder.send(worker, "POST", f"{V1}/reports", report_body(channel="phone"))
    recorder.send(worker, "GET", f"{V1}/cases?status=open&count=true")
    recorder.send(worker, "POST", f"{url}/reports", {"report_ids": [more["id"]]})
    neighbour = recorder.send(worker, "POST", f"{V1}/cases", {"report_ids": [other["id"]]})
    recorder.send(
        worker, "POST", f"{url}/links", {"case_id": neighbour["id"], "kind": "same_respondent"}
    )
    recorder.send(worker, "POST", f"{url}/notes", {"body": "Gebeld met de verhuurder."})
    recorder.send(worker, "GET", f"{url}/notes")
    task = recorder.send(
        worker, "POST", f"{url}/tasks", {"title": "Advertentie opvragen", "due_on": in_days(7)}
    )
    recorder.send(worker, "GET", f"{url}/tasks")
    recorder.send(worker, "GET", f"{V1}/tasks?mine=true")
    recorder.send(worker, "GET", f"{V1}/worklist")
    recorder.send(worker, "POST", f"{V1}/tasks/{task['id']}/completion")

    def act(name: str, body: Any = None) -> None:
        version = recorder.send(worker, "GET", url)["version"]
        recorder.send(worker, "POST", f"{url}/{name}", body, version=version)

    act("moves", {"to": "analysis", "reason": "Dossier volledig."})
    act("holds", {"reason": "De melder is een week weg."})
    act("holds/end")
    act("assessment", {"assessment": "strong_presumption", "reason": "Praktijktest."})
    version = recorder.send(worker, "GET", url)["version"]
    return recorder.send(worker, "PATCH", url, {"is_restricted": True}, version=version)


def _ending(
    recorder: Recorder, application: FastAPI, worker: TestClient, case: dict[str, Any]
) -> None:
    url = f"{V1}/cases/{case['id']}"
    version = recorder.send(worker, "GET", url)["version"]
    closure = {"outcome": "court", "reason": "De belofte werd niet gehouden."}
    closed = recorder.send(worker, "POST", f"{url}/closure", closure, version=version)
    recorder.send(
        worker,
        "POST",
        f"{url}/reopening",
        {"reason": "De verhuurder wil alsnog praten."},
        version=closed["version"],
    )
    recorder.send(worker, "GET", f"{url}/timeline")
    recorder.send(worker, "GET", f"{V1}/annual-reports/2026?lang=nl")
    auditor = make_client(application, Role.AUDITOR)
    recorder.send(auditor, "GET", f"{V1}/audit-entries?limit=3")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        application = create_app(
            Settings(
                database_url=f"sqlite:///{folder}/tour.db",
                attachments_dir=Path(folder) / "attachments",
                master_keys=SecretStr(MASTER_KEYS),
                log_level="error",
            )
        )
        database: Database = application.state.runtime.database
        migrate(database)
        with database.transaction() as session:
            load_defaults(session)
        examples = take_tour(application)
        database.close()
    text = json.dumps(examples, indent=1, ensure_ascii=False)
    EXAMPLES.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
