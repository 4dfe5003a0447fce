"""What may be sent about reports, as in the contract."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.api.fields import (
    Body,
    Code,
    Day,
    Email,
    Language,
    Line,
    Phone,
    Prose,
    Remark,
    ShortLine,
    omittable,
)
from app.intake.domain import (
    Draft,
    GroundLink,
    Multiplicity,
    TriageDecision,
)

AgeBand = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_+ -]{1,20}$")]


EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""No report is older: the figures of a year begin there too."""


def _written_out(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if not isinstance(value, str | datetime):
        raise PydanticCustomError("datetime_type", "write date and time out")
    return value


def _not_too_early(value: datetime) -> datetime:
    if value < EARLIEST:
        raise PydanticCustomError("too_early", "lies before 1990")
    return value


PastMoment = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_not_too_early)]


class NeedsBody(Body):
    interpreter_language: Language | None = None
    sign_language: bool = False
    reading_help: bool = False
    other: Remark | None = None


class SelfDescriptionBody(Body):
    """What reporters want to say of themselves; never asked for, never derived."""

    age_band: AgeBand | None = None
    gender: ShortLine | None = None
    origin: ShortLine | None = None


class IdentityBody(Body):
    """Who the reporter is."""

    name: Line
    email: Email | None = Field(default=None, max_length=200)
    phone: Phone | None = None
    postal: Line | None = None


class ReporterBody(Body):
    role: Code
    is_anonymous: bool
    name: Line | None = None
    email: Email | None = Field(default=None, max_length=200)
    phone: Phone | None = None
    postal: Line | None = None
    municipality: ShortLine | None = None
    needs: NeedsBody = NeedsBody()
    safe_contact: Remark | None = None
    self_described: SelfDescriptionBody | None = None


class RespondentBody(Body):
    kind: Code
    name: Line | None = None


class IncidentBody(Body):
    narrative: Prose
    occurred_from: Day | None = None
    occurred_to: Day | None = None
    is_ongoing: bool = False
    municipality: ShortLine | None = None
    district: ShortLine | None = None
    place: Line | None = None
    domain: Code
    conducts: Annotated[list[Code], Field(max_length=10)] = []
    respondent: RespondentBody | None = None


class GroundBody(Body):
    code: Code
    link: GroundLink = GroundLink.OWN


Grounds = Annotated[list[GroundBody], Field(min_length=1, max_length=10)]


class ConsentsBody(Body):
    contact: StrictBool
    approach_respondent: StrictBool
    share_with_partners: StrictBool
    statistics: StrictBool


class ReportContent(Body):
    """What somebody reports, however it comes in."""

    request: Code
    language: Language
    reporter: ReporterBody
    incident: IncidentBody
    grounds: Grounds
    multiplicity: Multiplicity | None = None
    wishes: Remark | None = None
    consents: ConsentsBody

    def draft(self) -> Draft:
        reporter, incident = self.reporter, self.incident
        traits = reporter.self_described
        return Draft(
            request=self.request,
            language=self.language,
            reporter_role=reporter.role,
            is_anonymous=reporter.is_anonymous,
            reporter_name=reporter.name,
            reporter_email=reporter.email,
            reporter_phone=reporter.phone,
            reporter_postal=reporter.postal,
            reporter_municipality=reporter.municipality,
            safe_contact=reporter.safe_contact,
            interpreter_language=reporter.needs.interpreter_language,
            needs_sign_language=reporter.needs.sign_language,
            needs_reading_help=reporter.needs.reading_help,
            other_needs=reporter.needs.other,
            traits=traits.model_dump(exclude_none=True) if traits else {},
            narrative=incident.narrative,
            occurred_from=incident.occurred_from,
            occurred_to=incident.occurred_to,
            is_ongoing=incident.is_ongoing,
            incident_municipality=incident.municipality,
            incident_district=incident.district,
            incident_place=incident.place,
            domain=incident.domain,
            conducts=incident.conducts,
            respondent_kind=incident.respondent.kind if incident.respondent else None,
            respondent_name=incident.respondent.name if incident.respondent else None,
            grounds=[(ground.code, ground.link) for ground in self.grounds],
            multiplicity=self.multiplicity,
            wishes=self.wishes,
            consent_contact=self.consents.contact,
            consent_approach_respondent=self.consents.approach_respondent,
            consent_share_with_partners=self.consents.share_with_partners,
            consent_statistics=self.consents.statistics,
        )


class ReportBody(ReportContent):
    """A report as a member of the public sends it."""

    channel: Code | None = None


class StaffReportBody(ReportContent):
    """A report that a colleague registers for somebody."""

    channel: Code
    received_at: PastMoment | None = None


class IncidentChange(Body):
    narrative: Prose = omittable()
    occurred_from: Day | None = None
    occurred_to: Day | None = None
    is_ongoing: bool = omittable()
    municipality: ShortLine | None = None
    district: ShortLine | None = None
    place: Line | None = None
    domain: Code = omittable()
    conducts: Annotated[list[Code], Field(max_length=10)] = omittable()
    respondent: RespondentBody | None = None


class ConsentsChange(Body):
    contact: StrictBool = omittable()
    approach_respondent: StrictBool = omittable()
    share_with_partners: StrictBool = omittable()
    statistics: StrictBool = omittable()


class ReportChange(Body):
    """Only what is given changes. Stored deadlines never move."""

    request: Code = omittable()
    language: Language = omittable()
    handler_id: UUID | None = None
    incident: IncidentChange = omittable()
    grounds: Grounds = omittable()
    multiplicity: Multiplicity | None = None
    needs: NeedsBody = omittable()
    safe_contact: Remark | None = None
    wishes: Remark | None = None
    consents: ConsentsChange = omittable()


class BarBody(Body):
    """reason: for the coordinators; the colleague never sees it."""

    account_id: UUID
    reason: Remark


class TriageBody(Body):
    decision: TriageDecision
    reason: Remark
    duplicate_of: UUID | None = None
    partner_id: UUID | None = None


class MessageBody(Body):
    body: Prose


class WithdrawalBody(Body):
    reason: Remark | None = None


class ReceiptCodeBody(Body):
    receipt_code: Annotated[str, Field(min_length=1, max_length=60)]


class NarrativeSearchBody(Body):
    """Words are in the body, never in an address: they may be a name. None does not filter."""

    words: Annotated[Line, Field(examples=["huisbaas hoofddoek"])]
    received_from: Day | None = None
    received_to: Day | None = None
    domain: Code | None = None
    ground: Code | None = None
    municipality: Line | None = None
    district: Line | None = None


class EventBody(Body):
    title: Line
    occurred_on: Day | None = None
    report_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]


class EventReportsBody(Body):
    report_ids: Annotated[list[UUID], Field(min_length=1, max_length=500)]
