"""What was imported, so that the same file again changes nothing."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.models import Base


class ImportRecord(Base):
    """One row of another register, found by the hash of its key.

    report_version: as the import left the report; another one means that somebody worked on it.
    run_id: the last run that saw the row; the same key twice in one file is told by it.
    """

    __tablename__ = "import_records"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_hash: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(60), index=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), unique=True)
    report_version: Mapped[int]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("cases.id"))
    run_id: Mapped[UUID]
    imported_on: Mapped[date]
