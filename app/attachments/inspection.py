"""Whether a file is what its name says, without opening what is inside."""

import codecs
import re
import unicodedata
import zipfile
import zlib
from email.parser import BytesHeaderParser
from typing import BinaryIO

import puremagic

from app.attachments.domain import TEXT, UTF8_TEXT, FileType
from app.core.errors import InvalidInputError, invalid

HEAD_BYTES = 64 * 1024
CHUNK_BYTES = 1024 * 1024
MOST_UNPACKED_BYTES = 300 * 1024 * 1024
MOST_RATIO = 100
RATIO_COUNTS_FROM_BYTES = 10 * 1024 * 1024
"""A small sheet of empty cells packs a thousandfold and harms nobody."""
MOST_ENTRIES = 5_000

_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_DIRECTORY_ENTRY = b"PK\x01\x02"
_MACROS = re.compile(
    r"(^|/)(vbaproject|vbadata|macrosheets|basic|scripts|activex)[^/]*(/|$)", re.IGNORECASE
)
_INSIDE = re.compile(
    r"\.(exe|dll|com|scr|bat|cmd|ps1|js|jse|vbs|vbe|wsf|hta|lnk|jar|msi|zip|rar|7z|gz|tar|iso)$",
    re.IGNORECASE,
)
_PARTS = {
    "wordprocessingml.document": "word/document.xml",
    "spreadsheetml.sheet": "xl/workbook.xml",
    "presentationml.presentation": "ppt/presentation.xml",
}
_ODF_MIMETYPE = "mimetype"
_DOCUMENTS = ("docx", "xlsx", "pptx", "odt", "ods", "odp")
_PROGRAM_MARKS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
"""Of Windows, Linux, a script, Java, macOS, and a link of Windows."""
_ARCHIVE_MARKS = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"MSCF")
MOST_MARK_BYTES = 8

_PAGE = re.compile(rb"<(script|html|svg|iframe|body|!doctype html|\?php)[\s>/]", re.IGNORECASE)
PAGE_WITHIN_BYTES = 1024
"""Where a browser that guesses would look."""
_PDF_PART = re.compile(rb"[0-9]\s+[0-9]+\s+obj\b")


def inspect(file: BinaryIO, kind: FileType) -> str:
    """The media type of this content, of texts in UTF-8 with the charset.

    Raises InvalidInputError unless it is of this kind. Codes: empty_file, type_mismatch, and of
    office documents: damaged, encrypted, macros, program_inside, unpacks_too_large.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise _refused("the file is empty", "empty_file")
    if kind.media_type == TEXT:
        _require_text(file, head)
        return UTF8_TEXT if _is_utf8(file) else TEXT
    if kind.media_type == "message/rfc822":
        _require_mail(file, head)
    elif not _sniffed(head) & set(kind.found_as) or _is_something_else(head, kind):
        raise _mismatch()
    elif kind.media_type.startswith("application/vnd."):
        _inspect_office(file, kind.media_type)
    return kind.media_type


def _is_something_else(head: bytes, kind: FileType) -> bool:
    """A page behind the first bytes of a picture, or a PDF that has none of its parts."""
    if kind.media_type.startswith("application/vnd."):
        return False
    is_page = _PAGE.search(head[:PAGE_WITHIN_BYTES]) is not None
    is_pdf = head.startswith(b"%PDF-") and _PDF_PART.search(head) is not None
    return is_page or (kind.media_type == "application/pdf" and not is_pdf)


def _sniffed(head: bytes) -> set[str]:
    """Extensions that the first bytes speak for."""
    try:
        return {match.extension.lower() for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return set()


def _require_text(file: BinaryIO, head: bytes) -> None:
    chunk = head
    while chunk:
        if _NOT_TEXT.search(chunk):
            raise _mismatch()
        chunk = file.read(CHUNK_BYTES)


def _is_utf8(file: BinaryIO) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK_BYTES):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _require_mail(file: BinaryIO, head: bytes) -> None:
    headers = BytesHeaderParser().parsebytes(head)
    if "From" not in headers or not ("Date" in headers or "Subject" in headers):
        raise _mismatch()
    _require_text(file, head)


def _inspect_office(file: BinaryIO, media_type: str) -> None:
    _require_few_entries(file)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _require_harmless(entries)
            _require_no_programs(archive, entries)
            _require_document(archive, media_type)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        ValueError,
        OSError,
        RuntimeError,
    ):
        raise _refused("the document is damaged", "damaged") from None


def _require_few_entries(file: BinaryIO) -> None:
    """Before the directory is read into memory: twenty megabytes can name half a million."""
    file.seek(0)
    count = 0
    while chunk := file.read(CHUNK_BYTES):
        count += chunk.count(_DIRECTORY_ENTRY)
    if count > MOST_ENTRIES:
        raise _refused("the document has too many parts", "unpacks_too_large")


def _require_harmless(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    is_bomb = unpacked > RATIO_COUNTS_FROM_BYTES and unpacked > MOST_RATIO * packed
    if unpacked > MOST_UNPACKED_BYTES or is_bomb:
        raise _refused("the document would unpack to too much", "unpacks_too_large")
    for entry in entries:
        if entry.flag_bits & 1:
            raise _refused("the document is locked with a password", "encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _refused("the document is damaged", "damaged")
        name = _plain_name(entry.filename)
        if _MACROS.search(name):
            raise _refused("the document holds macros", "macros")
        if _INSIDE.search(name):
            raise _refused("the document holds a program or an archive", "program_inside")


def _plain_name(name: str) -> str:
    """As Windows would take it: nothing invisible, no spaces or dots at the end of a part."""
    visible = "".join(
        c
        for c in unicodedata.normalize("NFKC", name)
        if not unicodedata.category(c).startswith("C")
    )
    parts = visible.casefold().replace("\\", "/").split("/")
    return "/".join(part.rstrip(". \u00a0") for part in parts)


def _require_no_programs(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """By the first bytes of each part, whatever its name; a document inside a document may be."""
    for entry in entries:
        if entry.is_dir():
            continue
        with archive.open(entry) as part:
            first = part.read(MOST_MARK_BYTES)
        is_archive = first.startswith(_ARCHIVE_MARKS)
        is_document = _plain_name(entry.filename).rpartition(".")[2] in _DOCUMENTS
        if first.startswith(_PROGRAM_MARKS) or (is_archive and not is_document):
            raise _refused("the document holds a program or an archive", "program_inside")


def _require_document(archive: zipfile.ZipFile, media_type: str) -> None:
    names = set(archive.namelist())
    main_part = _PARTS.get(media_type.rpartition("officedocument.")[2])
    if main_part is not None:
        if not {"[Content_Types].xml", main_part} <= names:
            raise _mismatch()
        return
    # An OpenDocument says what it is in its first part, which is stored as it is.
    first = archive.getinfo(_ODF_MIMETYPE) if _ODF_MIMETYPE in names else None
    if first is None or first.compress_type != zipfile.ZIP_STORED or first.file_size > 100:
        raise _mismatch()
    if archive.read(first).decode("ascii", "replace").strip() != media_type:
        raise _mismatch()


def _mismatch() -> InvalidInputError:
    return _refused("the content is not what the name says", "type_mismatch")


def _refused(message: str, code: str) -> InvalidInputError:
    return invalid("/file", message, code)
