"""Requests of people about their own data: kinds, terms, what may follow what."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from app.retention.domain import months_after
from app.vocabulary.domain import Language


class RequestKind(StrEnum):
    """Articles 15, 20, 16, 17, 18 and 21 of the GDPR."""

    ACCESS = "access"
    PORTABILITY = "portability"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class PersonRole(StrEnum):
    """What the person is in what is linked."""

    REPORTER = "reporter"
    RESPONDENT = "respondent"
    OTHER = "other"


class IdentityCheck(StrEnum):
    """How the person showed who they are. Who reported anonymously shows the receipt code."""

    DOCUMENT_SEEN = "document_seen"
    KNOWN_CONTACT = "known_contact"
    RECEIPT_CODE = "receipt_code"
    MANDATE = "mandate"


class Decision(StrEnum):
    GRANTED = "granted"
    PARTLY_GRANTED = "partly_granted"
    REFUSED = "refused"


class RefusalGround(StrEnum):
    IDENTITY_NOT_SHOWN = "identity_not_shown"
    UNFOUNDED_OR_EXCESSIVE = "unfounded_or_excessive"
    RIGHTS_OF_OTHERS = "rights_of_others"
    LEGAL_OBLIGATION = "legal_obligation"
    LEGAL_CLAIMS = "legal_claims"
    OTHER = "other"


class MaskKind(StrEnum):
    """What an export leaves out until a colleague has looked at it: it can be of others."""

    RESPONDENT = "respondent"
    REPORTER = "reporter"
    REPORT_TEXTS = "report_texts"
    OTHER_PARTIES = "other_parties"
    OTHER_REPORTS = "other_reports"
    TALKS = "talks"
    CASE_FILES = "case_files"
    INTERNAL_NOTES = "internal_notes"
    PARTNER_TEXTS = "partner_texts"


IDENTITY_NOTE: Mapping[Language, str] = {
    Language.NL: "Van wie anoniem meldde kennen we geen identiteit: wie de ontvangstcode toont,"
    " krijgt inzage in die melding.",
    Language.FR: "De qui a signalé anonymement nous ne connaissons pas l'identité : qui montre le"
    " code de réception a accès à ce signalement.",
    Language.EN: "Of who reported anonymously we know no identity: who shows the receipt code gets"
    " access to that report.",
}

ANSWER_MONTHS = 1
MOST_MONTHS_MORE = 2
MOST_SUBJECTS = 50


def answer_by(received_on: date, *, months_more: int = 0) -> date:
    """The last day to answer: one month after receipt, or up to two more.

    Source: article 12(3) of the GDPR.
    """
    return months_after(received_on, ANSWER_MONTHS + months_more)
