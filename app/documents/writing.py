"""A document in each of its formats."""

from dataclasses import dataclass
from enum import StrEnum

from app.documents.cleaning import cleaned
from app.documents.csv import long_csv
from app.documents.datapackage import package
from app.documents.domain import Document
from app.documents.html import page
from app.documents.look import Look
from app.documents.pdf import printed
from app.documents.xlsx import workbook


class Format(StrEnum):
    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    DATAPACKAGE = "datapackage"


MEDIA_TYPES = {
    Format.HTML: "text/html; charset=utf-8",
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv; charset=utf-8",
    Format.DATAPACKAGE: "application/zip",
}


@dataclass(frozen=True)
class Written:
    """file_name: of the document's name, language and version, so of nobody. policy: the
    Content-Security-Policy that a page is to be served under, None of a file."""

    content: bytes
    media_type: str
    file_name: str
    policy: str | None = None


def write(document: Document, wanted: Format, look: Look) -> Written:
    """The same document and look give the same bytes. A PDF takes seconds of processor time: not
    within a transaction."""
    document = cleaned(document)
    policy = None
    match wanted:
        case Format.HTML:
            text, policy = page(document, look)
            content = text.encode()
        case Format.PDF:
            content = printed(document, look)
        case Format.XLSX:
            content = workbook(document, look)
        case Format.CSV:
            content = long_csv(document)
        case Format.DATAPACKAGE:
            content = package(document)
    return Written(content, MEDIA_TYPES[wanted], file_name(document, wanted), policy)


def file_name(document: Document, wanted: Format) -> str:
    """Such as yearly_report_2025-v2-nl.pdf."""
    version = f"v{document.version}" if document.version is not None else "draft"
    ending = "zip" if wanted is Format.DATAPACKAGE else wanted.value
    return f"{document.name}-{version}-{document.language}.{ending}"
