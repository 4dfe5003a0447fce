"""Code lists as data: what a code is, when it counts, what it is called."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.core.errors import FieldError, InvalidInputError

CODE_FORM = re.compile(r"[a-z][a-z0-9_]{0,59}")


class CodeList(StrEnum):
    GROUNDS = "grounds"
    GROUND_LINKS = "ground_links"
    MULTIPLICITIES = "multiplicities"
    DOMAINS = "domains"
    CONDUCTS = "conducts"
    REQUESTS = "requests"
    CHANNELS = "channels"
    REPORTER_ROLES = "reporter_roles"
    RESPONDENT_KINDS = "respondent_kinds"
    ASSESSMENTS = "assessments"
    OUTCOMES = "outcomes"
    TERM_KINDS = "term_kinds"
    PARTNER_KINDS = "partner_kinds"
    PARTNER_TIERS = "partner_tiers"
    ACTIVITY_KINDS = "activity_kinds"


class Language(StrEnum):
    """The languages in which the bureau's own texts exist."""

    NL = "nl"
    FR = "fr"
    EN = "en"


@dataclass(frozen=True)
class Entry:
    """One code. valid_from and valid_to are both inclusive; None is unbounded."""

    code: str
    labels: Mapping[str, str]
    parent: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def is_valid(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (
            self.valid_to is None or on <= self.valid_to
        )


@dataclass(frozen=True)
class Use:
    """A code that somebody sent: of which list, and where it stood."""

    list: CodeList
    code: str | None
    pointer: str


class Vocabulary:
    """All lists as they stand; immutable."""

    def __init__(self, lists: Mapping[CodeList, Mapping[str, Entry]]) -> None:
        self._lists = lists

    def entries(self, name: CodeList) -> Mapping[str, Entry]:
        return self._lists.get(name, {})

    def label(self, name: CodeList, code: str, language: Language) -> str:
        entry = self.entries(name).get(code)
        return entry.labels.get(language, code) if entry else code

    def lineage(self, name: CodeList, code: str) -> list[str]:
        """A code and those above it; an unknown code alone."""
        found = [code]
        while (entry := self.entries(name).get(found[-1])) and entry.parent:
            found.append(entry.parent)
        return found

    def errors(self, uses: Iterable[Use], on: date) -> list[FieldError]:
        """What is wrong with these codes on this day; a code of None is not looked at."""
        found = []
        for use in uses:
            if use.code is None:
                continue
            entry = self.entries(use.list).get(use.code)
            if entry is None:
                found.append(
                    FieldError(use.pointer, f"no code of the list {use.list}", "unknown_code")
                )
            elif not entry.is_valid(on):
                message = f"the code {entry.code} of the list {use.list} is not valid on {on}"
                found.append(FieldError(use.pointer, message, "expired_code"))
        return found

    def require_known(
        self, within: str = "/query", /, **filters: tuple[CodeList, str | None]
    ) -> None:
        """For filters of a list, by their names. A code that expired still finds what bore it.

        within: "" where they stand in a body.
        Raises InvalidInputError naming every filter whose code never was one.
        """
        wrong = [
            FieldError(f"{within}/{name}", f"no code of the list {codes}", "unknown_code")
            for name, (codes, code) in filters.items()
            if code is not None and code not in self.entries(codes)
        ]
        if wrong:
            raise InvalidInputError(*wrong)

    def require(self, uses: Iterable[Use], on: date) -> None:
        """Raises InvalidInputError naming every wrong code at once."""
        errors = self.errors(uses, on)
        if errors:
            raise InvalidInputError(*errors)
