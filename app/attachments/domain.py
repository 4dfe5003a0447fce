"""Which files are taken, under which names."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.core.errors import invalid


class OwnerKind(StrEnum):
    """What a file can belong to."""

    REPORT = "report"
    CASE = "case"
    NEGOTIATION = "negotiation"
    PARTNER_AGREEMENT = "partner_agreement"
    ACTIVITY = "activity"


@dataclass(frozen=True)
class FileType:
    """media_type: as it is served. aliases: what browsers say instead. found_as: extensions of
    which the sniffer must name one; empty: the content is looked at in another way."""

    media_type: str
    found_as: Collection[str] = ()
    aliases: Collection[str] = ()


TEXT, UTF8_TEXT = "text/plain", "text/plain; charset=utf-8"

_OPENXML = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_JPEG = FileType("image/jpeg", {".jpg", ".jpeg", ".jfif"}, {"image/jpg", "image/pjpeg"})

TYPES: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", {".pdf"}, {"application/x-pdf"}),
    "png": FileType("image/png", {".png"}),
    "jpg": _JPEG,
    "jpeg": _JPEG,
    "webp": FileType("image/webp", {".webp"}),
    "gif": FileType("image/gif", {".gif"}),
    "txt": FileType(TEXT),
    "eml": FileType("message/rfc822"),
    "docx": FileType(_OPENXML + "wordprocessingml.document", {".docx"}),
    "xlsx": FileType(_OPENXML + "spreadsheetml.sheet", {".xlsx"}),
    "pptx": FileType(_OPENXML + "presentationml.presentation", {".pptx"}),
    "odt": FileType(_ODF + "text", {".zip", ".odt", ".docx"}),
    "ods": FileType(_ODF + "spreadsheet", {".zip", ".ods", ".docx"}),
    "mp3": FileType("audio/mpeg", {".mp3", ".mpga"}, {"audio/mp3", "audio/x-mpeg"}),
    # A recorder of sound may write the container's general mark.
    "m4a": FileType("audio/mp4", {".m4a", ".f4a", ".mp4"}, {"audio/x-m4a", "audio/m4a"}),
    "ogg": FileType("audio/ogg", {".ogg", ".oga", ".opus"}, {"application/ogg"}),
    "wav": FileType("audio/wav", {".wav"}, {"audio/x-wav", "audio/wave", "audio/vnd.wave"}),
    "mp4": FileType("video/mp4", {".mp4", ".m4v"}),
}
"""By the extension of the name. No old office formats: they can hold macros that cannot be told."""


UNDECLARED = ("", "application/octet-stream")
LONGEST_NAME = 150

_FORBIDDEN = re.compile(r'[<>:"|?*]')


def normalise_name(name: str) -> str:
    """A name that is one, on any system: no folder, nothing invisible, 150 characters at most.

    The extension stays as it is.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Categories C*: control and format characters (text direction among them), lone surrogates.
    visible = "".join(" " if c.isspace() else c for c in last if _is_visible(c))
    stem, dot, extension = _FORBIDDEN.sub("_", visible).rstrip(" .").rpartition(".")
    if not dot:
        stem, extension = extension, ""
    stem = re.sub(" +", " ", stem).strip(" .") or "attachment"
    extension = extension.strip()[:20]
    stem = stem[: LONGEST_NAME - len(extension) - 1].strip(" .")
    return f"{stem}.{extension}" if extension else stem


def _is_visible(character: str) -> bool:
    return character.isspace() or not unicodedata.category(character).startswith("C")


def type_of(name: str, declared: str) -> FileType:
    """The type that a normalised name and the declared media type speak of together.

    Raises InvalidInputError with `type_not_allowed` or `type_mismatch`.
    """
    found = TYPES.get(name.rpartition(".")[2].lower())
    if found is None:
        raise invalid(
            "/header/x-file-name",
            f"files of this kind are not taken; taken are: {', '.join(TYPES)}",
            "type_not_allowed",
        )
    plain = declared.partition(";")[0].strip().lower()
    if plain not in (*UNDECLARED, found.media_type, *found.aliases):
        raise invalid(
            "/header/content-type", "does not fit the extension of the name", "type_mismatch"
        )
    return found


def served_as(media_type: str) -> str:
    """As what a kept file is sent. A text whose charset nobody knows is bytes to others."""
    return "application/octet-stream" if media_type == TEXT else media_type
