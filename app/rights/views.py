"""Rows as the shapes of the interface."""

from app.rights.domain import IDENTITY_NOTE, MaskKind
from app.rights.models import PersonRequest
from app.rights.schemas import RequestView, SubjectView
from app.vocabulary.domain import Language


def request_view(request: PersonRequest) -> RequestView:
    language = Language(request.language)
    return RequestView(
        version=request.version,
        id=request.id,
        kind=request.kind,
        role=request.role,
        language=language,
        name=request.requester_name,
        contact=request.requester_contact,
        received_on=request.received_on,
        due_on=request.due_on,
        registered_on=request.registered_on,
        registered_by_id=request.registered_by_id,
        extended_on=request.extended_on,
        extension_reason=request.extension_reason,
        identity_check=request.identity_check,
        identity_shown_on=request.identity_shown_on,
        identity_checked_by_id=request.identity_checked_by_id,
        identity_note=IDENTITY_NOTE[language],
        decision=request.decision,
        refusal_ground=request.refusal_ground,
        decision_reason=request.decision_reason,
        answered_on=request.answered_on,
        decided_by_id=request.decided_by_id,
        unmasked_kinds=[MaskKind(kind) for kind in request.unmasked_kinds],
        unmasking_reason=request.unmasking_reason,
        restriction_lifted_on=request.restriction_lifted_on,
        lifting_reason=request.lifting_reason,
        subjects=[
            SubjectView(
                kind=one.kind,
                subject_id=one.subject_id,
                reference=one.reference,
                disposal_id=one.disposal_id,
                is_restricted=one.hold_id is not None,
            )
            for one in sorted(request.subjects, key=lambda one: one.reference)
        ],
    )
