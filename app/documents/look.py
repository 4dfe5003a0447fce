"""How a city's documents look: its name, two colours and its logo, from a file of its own.

`{"name": "Stad Genk", "colour": "#14375e", "accent": "#b3471d", "logo": "logo.svg"}`; the logo lies
beside the file. What could not be read by all is refused: contrast as WCAG 2.2 AA asks.
"""

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MOST_LOGO_BYTES = 200_000
TEXT_CONTRAST = 4.5
GRAPHIC_CONTRAST = 3.0
"""WCAG 2.2, success criteria 1.4.3 and 1.4.11, level AA, on white."""

PNG = b"\x89PNG\r\n\x1a\n"
# A logo is drawn by others' programs too: it may not run, nor fetch.
_ACTIVE = re.compile(
    rb"<script|<foreignobject|<!entity|<!doctype|\son\w+\s*=|@import|"
    rb"(?:href|src)\s*=\s*[\"'](?!#|data:image/)|url\(\s*[\"']?(?!#|[\"']?#)",
    re.IGNORECASE,
)


class LookError(Exception):
    """The file of the look, or its logo, cannot be used; the message says why."""


@dataclass(frozen=True)
class Logo:
    """media_type: image/svg+xml or image/png. text: what it says, for who does not see it."""

    content: bytes
    media_type: str
    text: str

    @property
    def as_address(self) -> str:
        """For a page that fetches nothing."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.content).decode()}"


@dataclass(frozen=True)
class Look:
    """colour: of headings, bars and lines, with white on it. accent: of rules. Both #rrggbb."""

    name: str = ""
    colour: str = "#14375e"
    accent: str = "#b3471d"
    logo: Logo | None = None


DEFAULT_LOOK = Look()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str = Field("", max_length=80)
    colour: str = Field(DEFAULT_LOOK.colour, pattern="^#[0-9a-fA-F]{6}$")
    accent: str = Field(DEFAULT_LOOK.accent, pattern="^#[0-9a-fA-F]{6}$")
    logo: str | None = Field(None, pattern=r"^[^/\\]+\.(svg|png)$", max_length=200)
    logo_text: str = Field("", max_length=200)


def read_look(path: Path | None) -> Look:
    """The look of the file, or the neutral one without a file. Raises LookError."""
    if path is None:
        return DEFAULT_LOOK
    try:
        given = _File.model_validate_json(path.read_bytes())
    except OSError as error:
        raise LookError(f"The look cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise LookError(f"The look: {field or 'the file'}: {first['msg']}") from error
    _require_contrast("colour", given.colour, TEXT_CONTRAST)
    _require_contrast("accent", given.accent, GRAPHIC_CONTRAST)
    logo = None
    if given.logo is not None:
        logo = _read_logo(path.parent / given.logo, given.logo_text or given.name)
    return Look(given.name, given.colour.lower(), given.accent.lower(), logo)


def _read_logo(path: Path, text: str) -> Logo:
    if not text:
        raise LookError("The look: logo_text: say what the logo says, or give a name")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise LookError(f"The look: logo: cannot be read: {error.strerror}") from error
    if len(content) > MOST_LOGO_BYTES:
        raise LookError(f"The look: logo: larger than {MOST_LOGO_BYTES} bytes")
    if path.suffix == ".png":
        if not content.startswith(PNG):
            raise LookError("The look: logo: is no PNG")
        return Logo(content, "image/png", text)
    if b"<svg" not in content:
        raise LookError("The look: logo: is no SVG")
    if _ACTIVE.search(content):
        raise LookError("The look: logo: an SVG without script, entities or links elsewhere")
    return Logo(content, "image/svg+xml", text)


def _require_contrast(name: str, colour: str, least: float) -> None:
    found = contrast(colour, "#ffffff")
    if found < least:
        raise LookError(
            f"The look: {name}: {colour} has a contrast of {found:.1f} with white, "
            f"{least} is needed; take a darker one"
        )


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours #rrggbb, 1..21. Source: WCAG 2.2, definition of the term."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
