"""What a partner has on its hands: told by the feature that refers, through a registry."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class PartnerLoad:
    """median_answer_days: from offer to answer; None when nothing was answered yet."""

    open_referrals: int = 0
    median_answer_days: float | None = None


LoadSource = Callable[[Session, Collection[UUID]], Mapping[UUID, PartnerLoad]]
"""(session, partners): their load in one or two statements; a partner without any is left out."""

_sources: dict[str, LoadSource] = {}


def register(name: str, source: LoadSource) -> None:
    """One source; registering again replaces it."""
    _sources[name] = source


def loads_of(session: Session, partner_ids: Collection[UUID]) -> Mapping[UUID, PartnerLoad]:
    """The load of each of these partners."""
    found = {partner_id: PartnerLoad() for partner_id in partner_ids}
    for source in _sources.values():
        found |= source(session, partner_ids)
    return found
