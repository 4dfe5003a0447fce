"""Field types shared by all request bodies, and the closed base model."""

import re
import unicodedata
from datetime import date
from typing import Annotated, Any

from fastapi import Query
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.core.languages import LANGUAGES
from app.core.mail_addresses import LONGEST, MAIL_ADDRESS

# A lone surrogate is a legal JSON escape and no text: no store can keep it.
_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff"
_NOT_IN_PROSE = re.compile(f"[{_CONTROL}]")
_NOT_IN_A_LINE = re.compile(f"[{_CONTROL}\t\n\r]")
_BIDI_OVERRIDE = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u2060-\u2064\\s]*")


def _normalise(value: object) -> object:
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else value


def _check_line(value: str) -> str:
    if _NOT_IN_A_LINE.search(value):
        raise PydanticCustomError("control_character", "contains a control character")
    if _BIDI_OVERRIDE.search(value):
        raise PydanticCustomError("bidi_override", "contains a text-direction override")
    return _check_visible(value)


def _check_prose(value: str) -> str:
    if _NOT_IN_PROSE.search(value):
        raise PydanticCustomError("control_character", "contains a control character")
    return _check_visible(value)


def _check_visible(value: str) -> str:
    if _INVISIBLE.fullmatch(value):
        raise PydanticCustomError("nothing_visible", "contains nothing that can be seen")
    return value


Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A code of a vocabulary."""


def _check_language(value: str) -> str:
    if value not in LANGUAGES:
        raise PydanticCustomError("unknown_language", "no code of a language by ISO 639")
    return value


Language = Annotated[
    str, StringConstraints(pattern=r"^[a-z]{2,3}$"), AfterValidator(_check_language)
]
"""ISO 639 code of a language (`core.languages`)."""

Line = Annotated[
    str,
    BeforeValidator(_normalise),
    StringConstraints(min_length=1, max_length=200),
    AfterValidator(_check_line),
]
"""One line of text: a name, a title, a place. No control or direction-override characters."""

ShortLine = Annotated[
    str,
    BeforeValidator(_normalise),
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_check_line),
]

Prose = Annotated[
    str,
    BeforeValidator(_normalise),
    StringConstraints(min_length=1, max_length=20_000),
    AfterValidator(_check_prose),
]
"""Running text with line breaks."""

Remark = Annotated[
    str,
    BeforeValidator(_normalise),
    StringConstraints(min_length=1, max_length=2_000),
    AfterValidator(_check_prose),
]


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)

Day = Annotated[
    date,
    Field(
        ge=FIRST_DAY,
        le=LAST_DAY,
        json_schema_extra={"formatMinimum": str(FIRST_DAY), "formatMaximum": str(LAST_DAY)},
    ),
]
"""Any day that comes in. A year typed wrong would stand in a register or calendar for ever."""

Email = Annotated[str, StringConstraints(pattern=MAIL_ADDRESS, max_length=LONGEST)]
"""One e-mail address."""

Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()./-]{5,29}$")]


class Body(BaseModel):
    """A request body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class View(BaseModel):
    """An answer."""

    model_config = ConfigDict(from_attributes=True)


class VersionedView(View):
    """An answer that carries an ETag."""

    version: int


def omittable() -> Any:
    """Default of a field that a change may leave out, but that cannot be set to null."""
    return Field(default=None)


CodeQuery = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_]{0,59}$")]
"""A code as a filter of a list."""

TextQuery = Annotated[str | None, Query(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
"""A text as a filter of a list."""
