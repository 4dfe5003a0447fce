"""One row of another register as a past report, by the mapping; pure."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache

from app.imports.mapping import (
    CaseOutcome,
    CodeField,
    DateField,
    MappingFile,
    StatusField,
    TextField,
)
from app.intake.domain import Draft, GroundLink, ReportStatus

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]")


_UNDECODED = re.compile("[\ud800-\udfff]")
"""How the reader marks a byte that it could not decode."""


class RowRefusedError(Exception):
    """The row cannot be taken; the message says why, without what the row holds."""


@dataclass(frozen=True)
class PlannedCase:
    status: str
    outcome: str | None
    assessment: str
    closed_on: date | None


@dataclass(frozen=True)
class PlannedRow:
    """key_hash, row_hash: hex of SHA-256. rule: the status rule that decided, None for none."""

    key_hash: str
    row_hash: str
    draft: Draft
    received_on: date
    answered_on: date | None
    status: ReportStatus
    rule: str | None
    case: PlannedCase | None
    warnings: list[str] = field(default_factory=list)


def plan_row(mapping: MappingFile, values: Mapping[str, str]) -> PlannedRow:
    """What the row becomes. Raises RowRefusedError."""
    if any(_UNDECODED.search(value) for value in values.values()):
        raise RowRefusedError("the row holds bytes that are no text in the encoding of the file")
    fields = mapping.report
    warnings: list[str] = []
    key = [_clean(values.get(column, "")) for column in mapping.key]
    if not all(key):
        raise RowRefusedError("the key is empty")
    received_on = _day(fields.received_on, values, "received_on")
    if received_on is None:
        raise RowRefusedError("received_on is empty")
    grounds: dict[str, GroundLink] = {}
    for ground in fields.grounds:
        for code in _codes(ground, values, "grounds", warnings):
            grounds.setdefault(code, ground.link)
    if not grounds:
        grounds = {fields.no_ground: GroundLink.OWN}
    elif len(grounds) > 1:
        grounds.pop(fields.no_ground, None)
    conducts = dict.fromkeys(
        code for part in fields.conducts for code in _codes(part, values, "conducts", warnings)
    )
    status, rule, case = _status(fields.status, values, warnings)
    kind = fields.respondent_kind
    draft = Draft(
        request=_one(fields.request, values, "request", warnings),
        language=_text(fields.language, values) or "nl",
        reporter_role=_one(fields.reporter_role, values, "reporter_role", warnings),
        is_anonymous=True,
        narrative="\n".join(text for part in fields.narrative if (text := _text(part, values)))
        or "(no text in the source)",
        domain=_one(fields.domain, values, "domain", warnings),
        grounds=list(grounds.items()),
        conducts=list(conducts),
        consent_contact=False,
        consent_approach_respondent=False,
        consent_share_with_partners=False,
        consent_statistics=True,
        occurred_from=_day(fields.occurred_from, values, "occurred_from"),
        reporter_municipality=_text(fields.reporter_municipality, values),
        incident_municipality=_text(fields.incident_municipality, values),
        incident_district=_text(fields.incident_district, values),
        respondent_kind=_one(kind, values, "respondent_kind", warnings) if kind else None,
        respondent_name=_text(fields.respondent_organisation, values),
    )
    return PlannedRow(
        key_hash=_hash([mapping.source.name, *key]),
        row_hash=_hash([values.get(column, "") for column in sorted(mapping.columns())]),
        draft=draft,
        received_on=received_on,
        answered_on=_day(fields.answered_on, values, "answered_on"),
        status=status,
        rule=rule,
        case=case,
        warnings=warnings,
    )


def split_tokens(text: str, separator: str | None) -> list[str]:
    """The parts of a multi-valued cell, trimmed, empty ones left out."""
    parts = re.split(separator, text) if separator else [text]
    return [part for part in (_clean(p) for p in parts) if part]


def parse_day(text: str, formats: list[str]) -> date | None:
    """The day by the first format that fits; None when none does."""
    for form in formats:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007  (only its day is used)
        except ValueError:
            continue
    return None


def _status(
    part: StatusField, values: Mapping[str, str], warnings: list[str]
) -> tuple[ReportStatus, str | None, PlannedCase | None]:
    if part.constant is not None:
        return part.constant, "constant", None
    text = _clean(values.get(part.column or "", ""))
    for rule in part.rules:
        if not _pattern(rule.match).search(text):
            continue
        case = _case(rule.case, values) if rule.case else None
        if rule.case is not None and case is None:
            warnings.append(f"undecided: rule {rule.name} found no day of closing")
            return part.undecided, None, None
        return rule.status, rule.name, case
    warnings.append("undecided: no rule decides the status")
    return part.undecided, None, None


def _case(outcome: CaseOutcome, values: Mapping[str, str]) -> PlannedCase | None:
    closed_on = None
    if outcome.closed_on is not None:
        closed_on = _day(outcome.closed_on, values, "closed_on")
        if closed_on is None:
            return None
    return PlannedCase(outcome.status, outcome.outcome, outcome.assessment, closed_on)


def _text(part: TextField | None, values: Mapping[str, str]) -> str | None:
    if part is None:
        return None
    if part.constant is not None:
        return part.constant
    text = _clean(values.get(part.column or "", ""))
    if text in part.nothing:
        return None
    if part.pattern is not None:
        found = _pattern(part.pattern).search(text)
        text = found.group(1).strip() if found else ""
    return text[: part.max_length] or None


def _day(part: DateField | None, values: Mapping[str, str], name: str) -> date | None:
    if part is None:
        return None
    text = _clean(values.get(part.column, ""))
    if not text or text in part.nothing:
        return None
    if part.pattern is not None:
        found = _pattern(part.pattern).search(text)
        if found is None:
            return None
        text = found.group(1)
    day = parse_day(text, list(part.formats))
    if day is None:
        raise RowRefusedError(f"{name} is not a date of the formats given")
    return day


def _one(part: CodeField, values: Mapping[str, str], name: str, warnings: list[str]) -> str:
    codes = list(_codes(part, values, name, warnings))
    if len(codes) != 1:
        raise RowRefusedError(f"{name} gives {len(codes)} codes, not one")
    return codes[0]


def _codes(
    part: CodeField, values: Mapping[str, str], name: str, warnings: list[str]
) -> dict[str, None]:
    """The codes in their order, each once."""
    if part.constant is not None:
        return dict.fromkeys(part.constant)
    found: dict[str, None] = {}
    text = _clean(values.get(part.column or "", ""))
    tokens = split_tokens(text, part.split) or [""]
    for token in tokens:
        if token in part.nothing:
            continue
        if token in part.codes:
            found |= dict.fromkeys(part.codes[token])
            continue
        rule = next((r for r in part.rules if _pattern(r.match).search(token)), None)
        if rule is not None:
            found |= dict.fromkeys(rule.codes)
        elif part.otherwise is not None:
            found |= dict.fromkeys(part.otherwise)
            warnings.append(f"{name}: a value of column {part.column} is not in the table")
        else:
            raise RowRefusedError(f"{name}: a value of column {part.column} is not in the table")
    return found


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _clean(text: str) -> str:
    """On one line, in normal form, without characters that nobody can see."""
    text = _UNPRINTABLE.sub(" ", unicodedata.normalize("NFC", text))
    return " ".join(text.split())


def _hash(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
