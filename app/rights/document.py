"""The document of what is held about a person, as a page to read: no script, nothing from outside.

`words.json` names every field and code in the three languages.
"""

import json
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from app.rights.masks import Masked
from app.vocabulary.domain import CodeList, Language, Vocabulary

WORDS = Path(__file__).with_name("words.json")

LISTS: Mapping[str, CodeList] = {
    "channel": CodeList.CHANNELS,
    "request": CodeList.REQUESTS,
    "domain": CodeList.DOMAINS,
    "conducts": CodeList.CONDUCTS,
    "ground": CodeList.GROUNDS,
    "reporter_role": CodeList.REPORTER_ROLES,
    "respondent_kind": CodeList.RESPONDENT_KINDS,
    "assessment": CodeList.ASSESSMENTS,
    "outcome": CodeList.OUTCOMES,
    "term_kind": CodeList.TERM_KINDS,
}
"""Fields that hold codes of the vocabulary."""

STYLE = (
    "body{font-family:sans-serif;max-width:50rem;margin:2rem auto;line-height:1.5;padding:0 1rem}"
    "dl{margin:0 0 .5rem}dt{font-weight:bold}dd{margin:0 0 .3rem 1.5rem;white-space:pre-wrap}"
    "section{border-left:2px solid #767676;padding-left:1rem;margin:1rem 0}"
    ".masked{font-style:italic}"
)


@cache
def words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(WORDS.read_text(encoding="utf-8"))
    return found


class _Page:
    def __init__(self, language: Language, vocabulary: Vocabulary) -> None:
        self._language = language
        self._vocabulary = vocabulary

    def label(self, field: str) -> str:
        return escape(words()["fields"][field][self._language])

    def word(self, group: str, code: str) -> str:
        return escape(words()["codes"][group][code][self._language])

    def value(self, field: str, value: Any) -> str:
        if isinstance(value, Masked):
            return (
                f'<span class="masked">[{self.word("MaskKind", value.kind)} {value.number}]</span>'
            )
        if value is None:
            return "-"
        if isinstance(value, bool):
            return self.word("other", "yes" if value else "no")
        if isinstance(value, date):
            return value.isoformat()
        if field in LISTS:
            return escape(self._vocabulary.label(LISTS[field], value, self._language))
        if field == "by" and value in words()["codes"]["by"]:
            return self.word("by", value)
        if isinstance(value, StrEnum) and type(value).__name__ in words()["codes"]:
            return self.word(type(value).__name__, value)
        return escape(str(value))

    def part(self, part: Mapping[str, Any], level: int) -> str:
        """Plain values first, then what is made of parts, each under its heading."""
        plain, deeper = [], []
        for field, value in part.items():
            if isinstance(value, dict):
                deeper.append((field, [value]))
            elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
                deeper.append((field, value))
            elif isinstance(value, list):
                shown = ", ".join(self.value(field, one) for one in value)
                plain.append((field, shown or self.word("other", "nothing")))
            else:
                plain.append((field, self.value(field, value)))
        found = "".join(f"<dt>{self.label(name)}</dt><dd>{text}</dd>" for name, text in plain)
        found = f"<dl>{found}</dl>" if found else ""
        heading = f"h{min(level, 6)}"
        for field, parts in deeper:
            found += f"<{heading}>{self.label(field)}</{heading}>"
            found += "".join(f"<section>{self.part(one, level + 1)}</section>" for one in parts)
        return found


def as_page(document: Mapping[str, Any], vocabulary: Vocabulary) -> str:
    """document: in the shape of ExportView. The list of what is masked is left to the JSON: here
    it stands where it is."""
    language = Language(document["language"])
    page = _Page(language, vocabulary)
    about = "".join(f"<p>{escape(line)}</p>" for line in document["about"])
    title = page.word("other", "title")
    shown = {k: v for k, v in document.items() if k not in ("language", "about", "masked")}
    return (
        f'<!DOCTYPE html><html lang="{language.value}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>{about}{page.part(shown, 2)}"
        "</body></html>\n"
    )
