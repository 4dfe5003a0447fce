"""What may be sent about signals."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.fields import Body, Code, Line, Prose, Remark
from app.signals.domain import CountedBy, Decision, EventCounting, ObservationSource

Month = Annotated[
    str,
    StringConstraints(pattern=r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$"),
    Field(examples=["2026-10"]),
]


class DetectionBody(Body):
    """through: the last month looked at. false_alarms_per_month: about how many signals a month may
    be chance; None: the setting."""

    through: Month
    counted_by: CountedBy = CountedBy.RECEIVED
    event_counting: EventCounting = EventCounting.EACH
    false_alarms_per_month: Annotated[float, Field(ge=0.1, le=30)] | None = None


class ObservationBody(Body):
    """What somebody saw. None of ground, domain or place: of all of them."""

    source: ObservationSource
    description: Prose
    first_month: Month
    last_month: Month
    ground: Code | None = None
    domain: Code | None = None
    municipality: Line | None = None
    district: Line | None = None
    partner_id: UUID | None = None


class DecisionBody(Body):
    """reason: needed to dismiss."""

    decision: Decision
    reason: Remark | None = None
