"""The table of who is competent, carried by the project as data."""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from app.partners.domain import CompetenceRule, CompetenceTable

TABLE = Path(__file__).parent / "data" / "competence.json"


@cache
def table() -> CompetenceTable:
    shipped = json.loads(TABLE.read_text(encoding="utf-8"))
    return CompetenceTable([_rule(body) for body in shipped["bodies"]], shipped["matters"])


def _rule(body: dict[str, Any]) -> CompetenceRule:
    return CompetenceRule(
        code=body["code"],
        labels=body["label"],
        reason=body["reason"],
        regimes=body.get("regimes", ()),
        matters=body.get("matters", ()),
        regions=body.get("regions", ()),
        grounds=body.get("grounds", ()),
        except_grounds=body.get("except_grounds", ()),
        valid_from=_day(body.get("valid_from")),
        valid_to=_day(body.get("valid_to")),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
