"""The schedule as data: the file that is shipped, or the bureau's own."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.retention.domain import Rule, Schedule, SubjectKind
from app.vocabulary.domain import Language

SHIPPED = Path(__file__).with_name("schedule.json")

Code = Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,59}$")]


class ScheduleError(Exception):
    """The file is no schedule; the message says why."""


class RuleText(BaseModel):
    """A rule as the file has it, with the reason for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Code
    kind: SubjectKind
    codes: frozenset[Code]
    months: int = Field(ge=1, le=1200)
    why: Mapping[Language, Annotated[str, Field(min_length=1, max_length=500)]]

    @model_validator(mode="after")
    def _in_every_language(self) -> "RuleText":
        if set(self.why) != {Language.NL, Language.FR, Language.EN}:
            raise ValueError("why: nl, fr and en")
        return self

    def rule(self) -> Rule:
        return Rule(self.code, self.kind, self.codes, self.months)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    about: str
    rules: tuple[RuleText, ...]

    @model_validator(mode="after")
    def _takes_everything_once(self) -> "_File":
        if len({rule.code for rule in self.rules}) != len(self.rules):
            raise ValueError("two rules of one code")
        for kind in SubjectKind:
            rules = [rule for rule in self.rules if rule.kind is kind]
            if [bool(rule.codes) for rule in rules] != [True] * (len(rules) - 1) + [False]:
                raise ValueError(f"the last rule of a {kind}, and no other, names no codes")
            named = [code for rule in rules for code in rule.codes]
            if len(set(named)) != len(named):
                raise ValueError(f"a code of a {kind} is in two rules")
        return self


@cache
def texts(path: Path | None) -> tuple[RuleText, ...]:
    """path: the bureau's own file. Raises ScheduleError."""
    try:
        return _File.model_validate_json((path or SHIPPED).read_bytes()).rules
    except OSError as error:
        raise ScheduleError(f"The retention schedule cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ScheduleError(f"The retention schedule: {where} {first['msg']}.") from None


def load(path: Path | None) -> Schedule:
    """Raises ScheduleError."""
    return Schedule([text.rule() for text in texts(path)])
