"""What identity asks about partners."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.partners.models import Partner


def is_active(session: Session, partner_id: UUID, _day: date) -> bool:
    """Whether the clients and people of this partner may get in."""
    query = select(Partner.id).where(Partner.id == partner_id, Partner.is_active)
    return session.scalar(query) is not None
