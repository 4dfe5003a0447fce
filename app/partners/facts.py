"""What a report or case asks of a partner: told by the features that own them."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.access import Actor
from app.partners.scoring import MatchFacts


class Subject(StrEnum):
    """What a partner can be sought for."""

    REPORT = "report"
    CASE = "case"


FactsSource = Callable[[Session, Actor, UUID, datetime], MatchFacts]
"""(session, actor, subject, at): what it asks. Raises NotFoundError when the subject is absent or
hidden from the actor. That it was looked at stands in the trail: needs tell of a person."""

_sources: dict[Subject, FactsSource] = {}


def register(subject: Subject, source: FactsSource) -> None:
    """One source for each kind of subject; registering again replaces it."""
    _sources[subject] = source


def facts_of(
    session: Session, actor: Actor, subject: Subject, subject_id: UUID, *, at: datetime
) -> MatchFacts:
    return _sources[subject](session, actor, subject_id, at)
