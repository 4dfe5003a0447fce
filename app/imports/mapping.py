"""A mapping file: how the rows of another register become reports and cases.

Read and checked as a whole before any row is read; docs/import.md explains it with an example.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from app.cases.domain import CaseStatus
from app.core.errors import FieldError
from app.intake.domain import GroundLink, ReportStatus
from app.vocabulary.domain import CodeList, Use, Vocabulary


class MappingError(Exception):
    """The mapping file is not usable; each line of the message names a place in it."""


def _compiled(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from None
    return pattern


def _date_format(text: str) -> str:
    if not {"%d", "%m"} <= set(re.findall("%.", text)) or not re.search("%[yY]", text):
        raise ValueError("must name day, month and year, for instance %Y-%m-%d")
    return text


Pattern = Annotated[str, Field(min_length=1), AfterValidator(_compiled)]
DateFormat = Annotated[str, AfterValidator(_date_format)]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Source(_Closed):
    """name: a short code; two mappings of one register share it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,59}$")]
    title: str
    licence: str
    attribution: str


class FileForm(_Closed):
    format: Literal["csv", "xlsx"]
    encoding: str = "utf-8-sig"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    sheet: str | None = None


class TextField(_Closed):
    """One text. pattern: keep what its first group finds, else the field is empty."""

    constant: str | None = None
    column: str | None = None
    nothing: list[str] = []
    pattern: Pattern | None = None
    max_length: Annotated[int, Field(ge=1)] = 200

    @model_validator(mode="after")
    def _one_origin(self) -> "TextField":
        if (self.constant is None) == (self.column is None):
            raise ValueError("give either constant or column")
        return self


class DateField(_Closed):
    """One day. pattern: where in the text it stands (first group); formats are tried in order."""

    column: str
    formats: Annotated[list[DateFormat], Field(min_length=1)]
    pattern: Pattern | None = None
    nothing: list[str] = []


class Rule(_Closed):
    """The first rule whose `match` is found in the text, case aside, decides."""

    match: Pattern
    codes: list[str]


class CodeField(_Closed):
    """Codes out of a column: split into tokens, each looked up, then tried by rules.

    otherwise: codes of a token that neither knows, noted as a warning; without it the row is
    refused. A token in `nothing` gives no code.
    """

    constant: list[str] | None = None
    column: str | None = None
    split: Pattern | None = None
    nothing: list[str] = []
    codes: dict[str, list[str]] = {}
    rules: list[Rule] = []
    otherwise: list[str] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> "CodeField":
        if (self.constant is None) == (self.column is None):
            raise ValueError("give either constant or column")
        return self

    def every_code(self) -> Iterable[str]:
        yield from self.constant or ()
        for codes in self.codes.values():
            yield from codes
        for rule in self.rules:
            yield from rule.codes
        yield from self.otherwise or ()


class GroundField(CodeField):
    link: GroundLink = GroundLink.OWN


class CaseOutcome(_Closed):
    """The case that a row became. closed_on: where the day of closing stands in the text."""

    status: CaseStatus
    outcome: str | None = None
    assessment: str = "not_assessed"
    closed_on: DateField | None = None

    @model_validator(mode="after")
    def _closed_has_outcome_and_day(self) -> "CaseOutcome":
        is_closed = self.status is CaseStatus.CLOSED
        if is_closed != (self.outcome is not None) or is_closed != (self.closed_on is not None):
            raise ValueError("a closed case, and only that, has outcome and closed_on")
        return self


class StatusRule(_Closed):
    """What the free text of a status means. name: how the report file calls it."""

    name: str
    match: Pattern
    status: ReportStatus
    case: CaseOutcome | None = None

    @model_validator(mode="after")
    def _case_fits(self) -> "StatusRule":
        if (self.case is not None) != (self.status is ReportStatus.CASE_OPENED):
            raise ValueError("a case goes with the status case_opened, and only with it")
        if self.status is ReportStatus.DUPLICATE:
            raise ValueError("duplicates are found after the import")
        return self


class StatusField(_Closed):
    """Ordered rules; what none decides gets `undecided` and stands so in the report file."""

    column: str | None = None
    constant: ReportStatus | None = None
    rules: list[StatusRule] = []
    undecided: Literal[ReportStatus.RECEIVED, ReportStatus.REGISTERED] = ReportStatus.REGISTERED

    @model_validator(mode="after")
    def _one_origin(self) -> "StatusField":
        if (self.constant is None) == (self.column is None):
            raise ValueError("give either constant, or column and rules")
        if self.constant in (ReportStatus.CASE_OPENED, ReportStatus.DUPLICATE):
            raise ValueError("a constant status cannot be case_opened or duplicate")
        return self


class ReportFields(_Closed):
    received_on: DateField
    occurred_from: DateField | None = None
    answered_on: DateField | None = None
    language: TextField
    narrative: Annotated[list[TextField], Field(min_length=1)]
    reporter_municipality: TextField | None = None
    incident_municipality: TextField | None = None
    incident_district: TextField | None = None
    respondent_organisation: TextField | None = None
    request: CodeField
    reporter_role: CodeField
    domain: CodeField
    respondent_kind: CodeField | None = None
    conducts: list[CodeField] = []
    grounds: Annotated[list[GroundField], Field(min_length=1)]
    no_ground: str = "unknown"
    """The ground of a row of which nothing else is known."""
    status: StatusField


class MappingFile(_Closed):
    source: Source
    file: FileForm
    key: Annotated[list[str], Field(min_length=1)]
    report: ReportFields

    def columns(self) -> set[str]:
        """Every column that the mapping reads."""
        return set(self.key) | set(_columns(self.report))

    def code_errors(self, vocabulary: Vocabulary, *, on: date) -> list[FieldError]:
        """Codes that no list knows. on: the day on which they must be valid."""
        fields: Sequence[tuple[str, CodeList, Sequence[CodeField]]] = (
            ("request", CodeList.REQUESTS, [self.report.request]),
            ("reporter_role", CodeList.REPORTER_ROLES, [self.report.reporter_role]),
            ("domain", CodeList.DOMAINS, [self.report.domain]),
            (
                "respondent_kind",
                CodeList.RESPONDENT_KINDS,
                [f for f in [self.report.respondent_kind] if f],
            ),
            ("conducts", CodeList.CONDUCTS, self.report.conducts),
            ("grounds", CodeList.GROUNDS, self.report.grounds),
        )
        uses = [
            Use(name, code, f"report.{place}")
            for place, name, found in fields
            for field in found
            for code in field.every_code()
        ]
        uses.append(Use(CodeList.GROUNDS, self.report.no_ground, "report.no_ground"))
        for rule in self.report.status.rules:
            if rule.case is not None:
                place = f"report.status.rules.{rule.name}.case"
                uses.append(Use(CodeList.OUTCOMES, rule.case.outcome, f"{place}.outcome"))
                uses.append(Use(CodeList.ASSESSMENTS, rule.case.assessment, f"{place}.assessment"))
        return vocabulary.errors(uses, on)


def load_mapping(path: Path) -> MappingFile:
    """Raises MappingError with a line for each thing that is wrong."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise MappingError(f"{path.name}: cannot be read") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise MappingError(f"{path.name}{line}: is not valid YAML") from None
    try:
        return MappingFile.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{'.'.join(str(part) for part in problem['loc']) or path.name}: "
            f"{problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors(include_input=False, include_url=False)
        ]
        raise MappingError("\n".join(lines)) from None


def _columns(part: Any) -> Iterable[str]:
    if isinstance(part, BaseModel):
        for name, value in part:
            if name == "column" and value is not None:
                yield value
            else:
                yield from _columns(value)
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _columns(value)
    elif isinstance(part, list):
        for value in part:
            yield from _columns(value)
