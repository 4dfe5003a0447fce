"""Reports and what belongs to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.core.columns import PersonalText, UtcDateTime, code_enum
from app.core.models import Base, Identified, Versioned
from app.intake.domain import (
    BarKind,
    Direction,
    GroundLink,
    Multiplicity,
    ReporterField,
    ReportStatus,
    TriageDecision,
)


class MassEvent(Identified, Versioned, Base):
    """One happening that many people report: figures can count it as many or as one."""

    __tablename__ = "mass_events"
    __table_args__ = (Index(None, "created_on", "id"),)

    title: Mapped[str] = mapped_column(String(200))
    occurred_on: Mapped[date | None]
    created_on: Mapped[date]


class Report(Identified, Versioned, Base):
    """What somebody reported.

    Of an anonymous report no moment finer than a day is kept: `received_at` is its midnight.
    """

    __tablename__ = "reports"
    sealed_by = "id"
    __table_args__ = (
        CheckConstraint("occurred_to >= occurred_from", name="occurred_period"),
        CheckConstraint("acknowledge_by >= received_on", name="acknowledge_by"),
        CheckConstraint("answer_by >= acknowledge_by", name="answer_by"),
        CheckConstraint(
            "NOT is_anonymous OR (reporter_name IS NULL AND reporter_email IS NULL"
            " AND reporter_phone IS NULL AND reporter_postal IS NULL)",
            name="anonymous_has_no_identity",
        ),
        CheckConstraint(
            "(status = 'duplicate') = (duplicate_of_id IS NOT NULL)", name="duplicate_of"
        ),
        Index(None, "received_on", "id"),
        Index(None, "status", "received_on", "id"),
        Index(None, "status", "is_in_case", "answered_on", "id"),
        Index(None, "search_text", "id"),
        Index(None, "handler_id", "received_on", "id"),
        Index(None, "domain", "received_on", "id"),
        Index(None, "incident_municipality", "received_on"),
        Index(
            "ix_reports_figures",
            "received_on",
            "consent_statistics",
            "status",
            "event_id",
            "request",
            "channel",
            "domain",
            "respondent_kind",
            "multiplicity",
            "ground_codes",
            "conduct_codes",
            "reporter_municipality",
            "incident_municipality",
            "incident_district",
            "acknowledged_on",
            "answered_on",
            "acknowledge_by",
            "answer_by",
            "id",
        ),
    )

    reference: Mapped[str] = mapped_column(String(20), unique=True)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_on: Mapped[date]
    request: Mapped[str] = mapped_column(String(60))
    channel: Mapped[str] = mapped_column(String(60))
    language: Mapped[str] = mapped_column(String(3))
    status: Mapped[ReportStatus] = mapped_column(code_enum(ReportStatus, "status"))
    handler_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))

    acknowledge_by: Mapped[date]
    answer_by: Mapped[date]
    acknowledged_on: Mapped[date | None]
    answered_on: Mapped[date | None]

    reporter_role: Mapped[str] = mapped_column(String(60))
    is_anonymous: Mapped[bool]
    reporter_name: Mapped[str | None] = mapped_column(PersonalText)
    reporter_email: Mapped[str | None] = mapped_column(PersonalText)
    reporter_phone: Mapped[str | None] = mapped_column(PersonalText)
    reporter_postal: Mapped[str | None] = mapped_column(PersonalText)
    reporter_municipality: Mapped[str | None] = mapped_column(String(100))
    safe_contact: Mapped[str | None] = mapped_column(PersonalText)
    interpreter_language: Mapped[str | None] = mapped_column(String(3))
    needs_sign_language: Mapped[bool] = mapped_column(default=False)
    needs_reading_help: Mapped[bool] = mapped_column(default=False)
    other_needs: Mapped[str | None] = mapped_column(PersonalText)

    narrative: Mapped[str] = mapped_column(PersonalText)
    occurred_from: Mapped[date | None]
    occurred_to: Mapped[date | None]
    is_ongoing: Mapped[bool] = mapped_column(default=False)
    incident_municipality: Mapped[str | None] = mapped_column(String(100))
    incident_district: Mapped[str | None] = mapped_column(String(100))
    incident_place: Mapped[str | None] = mapped_column(PersonalText)
    domain: Mapped[str] = mapped_column(String(60))
    respondent_kind: Mapped[str | None] = mapped_column(String(60))
    respondent_organisation: Mapped[str | None] = mapped_column(String(200))
    respondent_person: Mapped[str | None] = mapped_column(PersonalText)
    multiplicity: Mapped[Multiplicity | None] = mapped_column(
        code_enum(Multiplicity, "multiplicity")
    )
    wishes: Mapped[str | None] = mapped_column(PersonalText)

    consent_contact: Mapped[bool]
    consent_approach_respondent: Mapped[bool]
    consent_share_with_partners: Mapped[bool]
    consent_statistics: Mapped[bool]

    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("mass_events.id"), index=True)
    duplicate_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("reports.id"), index=True)
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    is_in_case: Mapped[bool] = mapped_column(default=False)
    is_restricted: Mapped[bool] = mapped_column(default=False)
    """Belongs to a restricted case: only `restricted_to_id` and the coordinator see it."""
    restricted_to_id: Mapped[UUID | None]
    ground_codes: Mapped[str] = mapped_column(String(700))
    conduct_codes: Mapped[str] = mapped_column(String(700))
    """The codes of `grounds` and `conducts`, sorted, comma between: figures scan reports alone."""
    search_text: Mapped[str] = mapped_column(String(600))
    """Reference, organisation, municipality and district, folded: what `q` may look in."""
    disposed_on: Mapped[date | None]
    """What is left is counted in figures and shown to nobody (app/retention)."""

    processing_restricted_on: Mapped[date | None]
    """Read and kept, but not changed and not shared: article 18 of the GDPR (app/rights)."""

    grounds: Mapped[list["ReportGround"]] = relationship(
        cascade="all, delete-orphan", order_by="ReportGround.position", lazy="selectin"
    )
    conducts: Mapped[list["ReportConduct"]] = relationship(
        cascade="all, delete-orphan", order_by="ReportConduct.code", lazy="selectin"
    )


class ReportGround(Base):
    """A ground that the reporter alleges: a fact of the report, never a trait of a person."""

    __tablename__ = "report_grounds"
    __table_args__ = (Index(None, "code", "report_id"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    link: Mapped[GroundLink] = mapped_column(code_enum(GroundLink, "link"))
    position: Mapped[int] = mapped_column(default=0)


class ReportConduct(Base):
    __tablename__ = "report_conducts"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)


class ReporterTraits(Base):
    """What reporters chose to say of themselves; apart from the grounds, never derived."""

    __tablename__ = "reporter_traits"
    sealed_by = "report_id"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    age_band: Mapped[str | None] = mapped_column(PersonalText)
    gender: Mapped[str | None] = mapped_column(PersonalText)
    origin: Mapped[str | None] = mapped_column(PersonalText)


class ReportRectification(Identified, Base):
    """What a field of the reporter held before it was rectified; None: it was empty."""

    __tablename__ = "report_rectifications"
    sealed_by = "report_id"
    __table_args__ = (UniqueConstraint("report_id", "position"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    position: Mapped[int]
    field: Mapped[ReporterField] = mapped_column(code_enum(ReporterField, "field"))
    old_value: Mapped[str | None] = mapped_column(PersonalText)
    reason: Mapped[str] = mapped_column(PersonalText)
    rectified_on: Mapped[date]
    rectified_by_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"))
    request_id: Mapped[UUID] = mapped_column(ForeignKey("person_requests.id"))


class Receipt(Base):
    """The hash of a receipt code. A new code ends the one before."""

    __tablename__ = "receipts"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_on: Mapped[date]


class ReceiptSession(Base):
    """A short-lived token for one report; removed once it has expired."""

    __tablename__ = "receipt_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReportMessage(Identified, Base):
    """One message of the dialogue with the reporter."""

    __tablename__ = "report_messages"
    sealed_by = "report_id"
    __table_args__ = (Index(None, "report_id", "position"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    position: Mapped[int]
    direction: Mapped[Direction] = mapped_column(code_enum(Direction, "direction"))
    body: Mapped[str] = mapped_column(PersonalText)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))


class Triage(Identified, Base):
    """One decision on a report; earlier ones stay."""

    __tablename__ = "triages"
    sealed_by = "report_id"
    __table_args__ = (Index(None, "report_id", "decided_at"),)

    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"))
    decision: Mapped[TriageDecision] = mapped_column(code_enum(TriageDecision, "decision"))
    reason: Mapped[str] = mapped_column(PersonalText)
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    partner_id: Mapped[UUID | None] = mapped_column(ForeignKey("partners.id"))
    duplicate_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("reports.id"))


class ReportBar(Base):
    """A colleague from whom a report is hidden, and the case it is in.

    The reports of one case are hidden from the same colleagues. A bar that was lifted stays, so
    that the same name does not bar again.
    """

    __tablename__ = "report_bars"
    sealed_by = "report_id"
    __table_args__ = (
        CheckConstraint("lifted_on >= barred_on", name="lifted_after_barred"),
        CheckConstraint(
            "kind <> 'barred' OR (reason IS NOT NULL AND barred_by_id IS NOT NULL)",
            name="barred_has_a_reason",
        ),
        Index(None, "report_id", "barred_on", "account_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("staff_accounts.id"), primary_key=True)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    kind: Mapped[BarKind] = mapped_column(code_enum(BarKind, "kind"))
    reason: Mapped[str | None] = mapped_column(PersonalText)
    barred_on: Mapped[date]
    barred_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("staff_accounts.id"))
    lifted_on: Mapped[date | None]
