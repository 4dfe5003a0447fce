"""The zoo: each kind of file, taken or refused with its reason."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.attachments import inspection
from app.attachments.domain import LONGEST_NAME, TYPES, normalise_name, type_of
from app.core.errors import InvalidInputError
from tests.makers.attachments import DOCX_PARTS, EXE, JPEG, PDF, PNG, archive, docx, odt

MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + bytes(40)
M4A = b"\x00\x00\x00\x20ftypM4A \x00\x00\x00\x00" + bytes(40)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
RIFF = b"RIFF\x24\x00\x00\x00"
EML = b"Return-Path: <a@example.org>\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nTekst\r\n"
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def _inside(name: str, content: bytes = b"x") -> bytes:
    """A text document with one more part."""
    return archive({**DOCX_PARTS, name: content})


TAKEN = {
    "sheet in a text": ("a.docx", "", _inside("word/embeddings/Sheet1.xlsx", docx())),
    "pdf": ("a.pdf", "application/pdf", PDF),
    "pdf, type not said": ("a.pdf", "", PDF),
    "pdf, type of bytes": ("a.PDF", "application/octet-stream", PDF),
    "png": ("a.png", "image/png", PNG),
    "jpeg": ("a.jpeg", "image/jpeg", JPEG),
    "jpg by another name": ("a.jpg", "image/jpg", JPEG),
    "jpeg of a camera": ("a.jpg", "image/jpeg", b"\xff\xd8\xff\xe1\x00\x10Exif" + bytes(40)),
    "webp": ("a.webp", "image/webp", RIFF + b"WEBPVP8 " + bytes(40)),
    "gif": ("a.gif", "image/gif", b"GIF89a" + bytes(40)),
    "text": ("a.txt", "text/plain; charset=utf-8", "Één regel\r\nen \ttwee\n".encode()),
    "text of old Windows": ("a.txt", "text/plain", b"\xc9\xe9n regel"),
    "mail": ("a.eml", "message/rfc822", EML),
    "docx": ("a.docx", TYPES["docx"].media_type, docx()),
    "xlsx": (
        "a.xlsx",
        TYPES["xlsx"].media_type,
        archive({"[Content_Types].xml": "<x/>", "xl/workbook.xml": "<x/>"}),
    ),
    "pptx": (
        "a.pptx",
        TYPES["pptx"].media_type,
        archive({"[Content_Types].xml": "<x/>", "ppt/presentation.xml": "<x/>"}),
    ),
    "odt": ("a.odt", TYPES["odt"].media_type, odt()),
    "ods": ("a.ods", TYPES["ods"].media_type, odt(ODS)),
    "mp3 with a tag": ("a.mp3", "audio/mpeg", b"ID3\x04" + bytes(60)),
    "mp3 without": ("a.mp3", "audio/mp3", b"\xff\xfb\x90\x64" + bytes(60)),
    "m4a": ("a.m4a", "audio/x-m4a", M4A),
    "m4a of a recorder": ("a.m4a", "audio/mp4", MP4),
    "ogg": ("a.ogg", "audio/ogg", b"OggS\x00\x02" + bytes(60)),
    "wav": ("a.wav", "audio/x-wav", RIFF + b"WAVEfmt " + bytes(40)),
    "mp4": ("a.mp4", "video/mp4", MP4),
    "sheet of empty cells": ("a.docx", "", docx(word__x_dot_xml=bytes(5_000_000))),
}

REFUSED = {
    "empty": ("a.pdf", "application/pdf", b"", "empty_file"),
    "empty text": ("a.txt", "text/plain", b"", "empty_file"),
    "script as pdf": ("a.pdf", "application/pdf", b"#!/bin/sh\nrm -rf /\n", "type_mismatch"),
    "page as pdf": ("a.pdf", "application/pdf", b"<html><script>", "type_mismatch"),
    "program as pdf": ("a.pdf", "application/pdf", EXE, "type_mismatch"),
    "program as picture": ("a.png", "image/png", EXE, "type_mismatch"),
    "program as text": ("a.txt", "text/plain", EXE, "type_mismatch"),
    "program after text": ("a.txt", "text/plain", b"a" * 3_000_000 + EXE, "type_mismatch"),
    "Linux program": ("a.mp3", "audio/mpeg", b"\x7fELF" + bytes(60), "type_mismatch"),
    "pdf as picture": ("a.png", "image/png", PDF, "type_mismatch"),
    "picture as pdf": ("a.pdf", "application/pdf", PNG, "type_mismatch"),
    "drawing with a script": ("a.svg", "image/svg+xml", b"<svg/>", "type_not_allowed"),
    "page": ("a.html", "text/html", b"<html>", "type_not_allowed"),
    "program": ("a.exe", "", EXE, "type_not_allowed"),
    "archive": ("a.zip", "application/zip", archive({"a": "b"}), "type_not_allowed"),
    "old word": (
        "a.doc",
        "application/msword",
        b"\xd0\xcf\x11\xe0" + bytes(600),
        "type_not_allowed",
    ),
    "word with macros": ("a.docm", "", docx(), "type_not_allowed"),
    "no extension": ("bewijs", "application/pdf", PDF, "type_not_allowed"),
    "two extensions": ("a.pdf.exe", "application/pdf", PDF, "type_not_allowed"),
    "says picture, named pdf": ("a.pdf", "image/png", PDF, "type_mismatch"),
    "says page, named text": ("a.txt", "text/html", b"x", "type_mismatch"),
    "archive as docx": ("a.docx", "", archive({"a.txt": "b"}), "type_mismatch"),
    "archive as pdf": ("a.pdf", "", archive({"a.txt": "b"}), "type_mismatch"),
    "sheet as docx": (
        "a.docx",
        "",
        archive({"[Content_Types].xml": "", "xl/workbook.xml": ""}),
        "type_mismatch",
    ),
    "ods as odt": ("a.odt", "", odt(ODS), "type_mismatch"),
    "packed mimetype": ("a.odt", "", archive({"mimetype": "x" * 1000}), "type_mismatch"),
    "locked or old document": (
        "a.docx",
        "",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "type_mismatch",
    ),
    "macros": ("a.docx", "", docx(word__vbaProject_dot_bin="x"), "macros"),
    "macros in capitals": ("a.docx", "", docx(word__VBAPROJECT_dot_BIN="x"), "macros"),
    "old macros": ("a.xlsx", "", docx(xl__macrosheets__sheet1_dot_xml="x"), "macros"),
    "macros of LibreOffice": ("a.odt", "", odt(Basic__Standard__x="x"), "macros"),
    "program inside": ("a.docx", "", docx(word__embeddings__a_dot_exe="x"), "program_inside"),
    "archive inside": ("a.docx", "", docx(word__embeddings__a_dot_zip="x"), "program_inside"),
    "archive with a space": ("a.docx", "", _inside("n.ZIP "), "program_inside"),
    "program with dots": ("a.docx", "", _inside("word/media/n.Exe. ."), "program_inside"),
    "program in wide letters": ("a.docx", "", _inside("n.\uff45xe"), "program_inside"),
    "program with a mark": ("a.docx", "", _inside("n.e\u200bxe"), "program_inside"),
    "macros with a space": ("a.docx", "", _inside("word/vbaProject.bin "), "macros"),
    "program as picture inside": ("a.docx", "", _inside("word/media/1.png", EXE), "program_inside"),
    "Linux program inside": ("a.odt", "", odt(Pictures__1="\x7fELF.."), "program_inside"),
    "script inside": ("a.docx", "", _inside("word/x.xml", b"#!/bin/sh"), "program_inside"),
    "archive as picture inside": (
        "a.docx",
        "",
        _inside("1.png", archive({"a": "b"})),
        "program_inside",
    ),
    "script behind a pdf header": ("a.pdf", "", b"%PDF-1.7\n#!/bin/sh\nid\n", "type_mismatch"),
    "page behind a pdf header": ("a.pdf", "", b"%PDF-1.7\n1 0 obj\n<script>", "type_mismatch"),
    "pdf behind something": ("a.pdf", "", b"\n#!/bin/sh\n" + PDF, "type_mismatch"),
    "page behind a gif": ("a.gif", "", b"GIF89a/*<HTML>" + bytes(40), "type_mismatch"),
    "page behind a jpeg": ("a.jpg", "", JPEG + b"<!doctype html><p>", "type_mismatch"),
    "page behind a sound": ("a.mp3", "", b"ID3\x04" + b"<script src=x>", "type_mismatch"),
    "drawing behind a picture": ("a.png", "", PNG + b"<svg onload=x>", "type_mismatch"),
    "bomb": ("a.docx", "", docx(word__x_dot_xml=bytes(30_000_000)), "unpacks_too_large"),
    "cut off": ("a.docx", "", docx()[:-30], "damaged"),
    "mail without headers": ("a.eml", "message/rfc822", b"hello", "type_mismatch"),
    "mail with bytes": ("a.eml", "message/rfc822", EML + EXE, "type_mismatch"),
}


def judge(name: str, declared: str, content: bytes) -> None:
    inspection.inspect(io.BytesIO(content), type_of(normalise_name(name), declared))


@pytest.mark.parametrize("kind", TAKEN)
def test_is_taken(kind: str) -> None:
    judge(*TAKEN[kind])


@pytest.mark.parametrize("kind", REFUSED)
def test_is_refused(kind: str) -> None:
    name, declared, content, code = REFUSED[kind]
    with pytest.raises(InvalidInputError) as refused:
        judge(name, declared, content)
    assert refused.value.errors[0].code == code


def test_the_zoo_is_large() -> None:
    assert len(TAKEN) + len(REFUSED) >= 50
    assert {name.rpartition(".")[2].lower() for name, _, _ in TAKEN.values()} == set(TYPES)


def test_a_bomb_that_lies_about_its_size_harms_nobody_here() -> None:
    """Only first bytes are unpacked, so a lie costs nothing; that it is one is seen by them."""
    true = docx(word__x_dot_xml=bytes(30_000_000))
    lying = true.replace((30_000_000).to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    with pytest.raises(InvalidInputError) as refused:
        judge("a.docx", "", lying)
    assert refused.value.errors[0].code == "damaged"


def test_a_directory_of_half_a_million_is_not_read() -> None:
    entries = {f"{n}": b"" for n in range(inspection.MOST_ENTRIES)} | DOCX_PARTS
    with pytest.raises(InvalidInputError) as refused:
        judge("a.docx", "", archive(entries))
    assert refused.value.errors[0].code == "unpacks_too_large"


def test_a_locked_document_is_refused() -> None:
    content = bytearray(docx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + offset] |= 1
    assert zipfile.ZipFile(io.BytesIO(bytes(content))).infolist()[0].flag_bits & 1
    with pytest.raises(InvalidInputError) as refused:
        judge("a.docx", "", bytes(content))
    assert refused.value.errors[0].code == "encrypted"


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("bewijs.pdf", "bewijs.pdf"),
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\a.pdf", "a.pdf"),
        ("C:\\fakepath\\foto.jpg", "foto.jpg"),
        ("a\x00b.pdf", "ab.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("gpj\u202e.pdf", "gpj.pdf"),
        ("a\u200bb.pdf", "ab.pdf"),
        ('a<b>:"c|d?e*.pdf', "a_b___c_d_e_.pdf"),
        ("e\u0301e\u0301n.pdf", "één.pdf"),
        (".pdf", "attachment.pdf"),
        ("..", "attachment"),
        ("/", "attachment"),
        ("  a   b .pdf ", "a b.pdf"),
        ("a.pdf...", "a.pdf"),
        ("x" * 500 + ".pdf", "x" * 146 + ".pdf"),
        ("문서.pdf", "문서.pdf"),
    ],
)
def test_names_are_normalised(given_name: str, kept: str) -> None:
    assert normalise_name(given_name) == kept


@given(st.text(max_size=300), st.sampled_from(["", ".pdf", ".PDF", "/x.txt"]))
def test_a_normalised_name_is_safe_and_stays_as_it_is(text: str, end: str) -> None:
    name = normalise_name(text + end)
    assert 1 <= len(name) <= LONGEST_NAME
    assert not set(name) & set('/\\<>:"|?*\x00\r\n\u202e')
    assert name.strip(" .") == name
    assert normalise_name(name) == name


@given(st.binary(max_size=400), st.sampled_from(sorted(TYPES)))
def test_no_content_breaks_the_inspection(content: bytes, extension: str) -> None:
    kind = TYPES[extension]
    for body in (content, b"PK\x03\x04" + content, docx()[:-20] + content):
        with suppress(InvalidInputError):
            inspection.inspect(io.BytesIO(body), kind)
