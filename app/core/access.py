"""Who may do what: one readable table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.core.errors import PermissionDeniedError, StepUpNeededError


class Role(StrEnum):
    INTAKE_WORKER = "intake_worker"
    CASE_MANAGER = "case_manager"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Surface(StrEnum):
    """Where an act came in."""

    PUBLIC = "public"
    PARTNER = "partner"
    STAFF = "staff"
    COMMAND = "command"


class ActorKind(StrEnum):
    ANYBODY = "anybody"
    REPORTER = "reporter"
    PARTNER = "partner"
    STAFF = "staff"
    SYSTEM = "system"


class Permission(StrEnum):
    """`resource:action`."""

    PUBLIC_REPORT = "public:report"
    PUBLISHED_READ = "published:read"
    OWN_REPORT = "own_report:use"
    SESSION_USE = "session:use"
    ACCOUNT_MANAGE = "account:manage"
    COLLEAGUE_READ = "colleague:read"
    AUDIT_READ = "audit:read"
    VOCABULARY_READ = "vocabulary:read"
    VOCABULARY_MANAGE = "vocabulary:manage"
    REPORT_READ = "report:read"
    REPORT_REGISTER = "report:register"
    REPORT_HANDLE = "report:handle"
    PARTNER_READ = "partner:read"
    PARTNER_MANAGE = "partner:manage"
    PARTNER_ACCESS_MANAGE = "partner_access:manage"
    PARTNER_SESSION_USE = "partner_session:use"
    BULLETIN_READ = "bulletin:read"
    BULLETIN_SEND = "bulletin:send"
    BULLETIN_RECEIVE = "bulletin:receive"
    REFERRAL_READ = "referral:read"
    REFERRAL_MAKE = "referral:make"
    REFERRAL_ANSWER = "referral:answer"
    REFERRAL_SUBMIT = "referral:submit"
    ACTIVITY_READ = "activity:read"
    ACTIVITY_RECORD = "activity:record"
    CALENDAR_USE = "calendar:use"
    DELIVERY_MANAGE = "delivery:manage"
    CASE_READ = "case:read"
    CASE_OPEN = "case:open"
    CASE_CONTRIBUTE = "case:contribute"
    CASE_HANDLE = "case:handle"
    CASE_READ_RESTRICTED = "case:read_restricted"
    CASE_BAR = "case:bar"
    NEGOTIATION_READ = "negotiation:read"
    NEGOTIATION_LEAD = "negotiation:lead"
    WORKLIST_READ = "worklist:read"
    FIGURES_READ = "figures:read"
    SIGNAL_READ = "signal:read"
    SIGNAL_OBSERVE = "signal:observe"
    SIGNAL_DECIDE = "signal:decide"
    DETECTION_RUN = "detection:run"
    PREVENTION_READ = "prevention:read"
    PREVENTION_DECIDE = "prevention:decide"
    PREVENTION_CARRY_OUT = "prevention:carry_out"
    ANNUAL_REPORT_WRITE = "annual_report:write"
    ANNUAL_REPORT_REVIEW = "annual_report:review"
    ANNUAL_REPORT_PUBLISH = "annual_report:publish"
    INDICATOR_READ = "indicator:read"
    INDICATOR_ENTER = "indicator:enter"
    PLAN_MANAGE = "plan:manage"
    RETENTION_MANAGE = "retention:manage"
    DISPOSAL_DECIDE = "disposal:decide"
    PERSON_REQUEST_MANAGE = "person_request:manage"


P = Permission

_EVERYBODY = frozenset({P.PUBLIC_REPORT, P.PUBLISHED_READ})
_LOGGED_IN = _EVERYBODY | {P.SESSION_USE, P.VOCABULARY_READ}
_CASEWORK = _LOGGED_IN | {
    P.COLLEAGUE_READ,
    P.REPORT_READ,
    P.REPORT_REGISTER,
    P.REPORT_HANDLE,
    P.PARTNER_READ,
    P.BULLETIN_READ,
    P.REFERRAL_READ,
    P.REFERRAL_MAKE,
    P.ACTIVITY_READ,
    P.ACTIVITY_RECORD,
    P.CALENDAR_USE,
    P.CASE_READ,
    P.CASE_OPEN,
    P.CASE_CONTRIBUTE,
    P.NEGOTIATION_READ,
    P.WORKLIST_READ,
    P.SIGNAL_READ,
    P.SIGNAL_OBSERVE,
    P.PREVENTION_READ,
    P.INDICATOR_READ,
}

STAFF_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.INTAKE_WORKER: _CASEWORK,
    Role.CASE_MANAGER: _CASEWORK | {P.CASE_HANDLE, P.NEGOTIATION_LEAD, P.PREVENTION_CARRY_OUT},
    Role.COORDINATOR: _CASEWORK
    | {
        P.CASE_HANDLE,
        P.NEGOTIATION_LEAD,
        P.CASE_READ_RESTRICTED,
        P.CASE_BAR,
        P.PARTNER_MANAGE,
        P.PARTNER_ACCESS_MANAGE,
        P.BULLETIN_SEND,
        P.VOCABULARY_MANAGE,
        # Not for every caseworker: a small cell could tell of a restricted case.
        P.FIGURES_READ,
        P.ANNUAL_REPORT_WRITE,
        P.ANNUAL_REPORT_REVIEW,
        P.ANNUAL_REPORT_PUBLISH,
        P.DETECTION_RUN,
        P.SIGNAL_DECIDE,
        P.PREVENTION_DECIDE,
        P.PREVENTION_CARRY_OUT,
        P.INDICATOR_ENTER,
        P.PLAN_MANAGE,
        P.RETENTION_MANAGE,
        P.DISPOSAL_DECIDE,
        P.PERSON_REQUEST_MANAGE,
    },
    Role.ANALYST: _LOGGED_IN
    | {
        P.FIGURES_READ,
        P.ANNUAL_REPORT_WRITE,
        P.ANNUAL_REPORT_REVIEW,
        P.SIGNAL_READ,
        P.PREVENTION_READ,
        P.DETECTION_RUN,
        P.INDICATOR_READ,
    },
    # The second of the two people of a disposal, who sees references, rules and
    # the reason of an erasure, and opens nothing.
    Role.AUDITOR: _LOGGED_IN | {P.AUDIT_READ, P.DISPOSAL_DECIDE},
    Role.ADMIN: _LOGGED_IN | {P.ACCOUNT_MANAGE, P.COLLEAGUE_READ, P.DELIVERY_MANAGE},
}
"""What each staff role may do. A colleague with several roles may do what any of them may."""

OTHER_PERMISSIONS: Mapping[ActorKind, frozenset[Permission]] = {
    ActorKind.ANYBODY: _EVERYBODY | {P.VOCABULARY_READ},
    ActorKind.REPORTER: _EVERYBODY | {P.OWN_REPORT},
    ActorKind.PARTNER: frozenset(
        {
            P.PARTNER_SESSION_USE,
            P.VOCABULARY_READ,
            P.REFERRAL_ANSWER,
            P.REFERRAL_SUBMIT,
            P.BULLETIN_RECEIVE,
        }
    ),
    ActorKind.SYSTEM: frozenset(Permission),
}


@dataclass(frozen=True)
class Actor:
    """Whoever acts.

    id: the staff account, the report of a receipt holder, or the client or person of a partner;
    partner_id: the organisation that a client or person acts for.
    proved_at: when a colleague last showed who holds the session, by the second factor if there is
    one. lacks_second_factor: the house wants one and the session showed none.
    """

    kind: ActorKind
    surface: Surface
    id: UUID | None = None
    roles: frozenset[Role] = frozenset()
    partner_id: UUID | None = None
    proved_at: datetime | None = None
    lacks_second_factor: bool = False

    @property
    def account_id(self) -> UUID:
        """Of a colleague, for what names its author. Only where no other kind may act."""
        assert self.id is not None  # noqa: S101  (a colleague has an account)
        return self.id

    @property
    def permissions(self) -> frozenset[Permission]:
        if self.lacks_second_factor:
            return frozenset({P.SESSION_USE})
        if self.kind is ActorKind.STAFF:
            return frozenset[Permission]().union(*(STAFF_PERMISSIONS[r] for r in self.roles))
        return OTHER_PERMISSIONS[self.kind]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        if not self.may(permission):
            if self.lacks_second_factor:
                raise PermissionDeniedError(
                    "Set up or show a second factor first.", code="second_factor_required"
                )
            raise PermissionDeniedError(f"This needs the permission {permission.value}.")

    def require_recent_proof(self, *, since: datetime) -> None:
        if self.proved_at is None or self.proved_at < since:
            raise StepUpNeededError("Show your second factor, or how you log in, at /auth/step-up.")


ANYBODY = Actor(ActorKind.ANYBODY, Surface.PUBLIC)
SYSTEM = Actor(ActorKind.SYSTEM, Surface.COMMAND)
