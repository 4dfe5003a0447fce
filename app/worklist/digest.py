"""The daily mail of what is due, for each colleague who wants it, at their hour."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from app.audit import service as audit
from app.audit.domain import Event
from app.core.access import Actor, Permission
from app.core.clock import local_date
from app.identity import queries as identity_queries
from app.notifications import service as notifications
from app.worklist.domain import DigestLanguage, local_hour, write_digest
from app.worklist.models import DigestSubscription
from app.worklist.service import due_items

MOST_ITEMS = 200


def own_subscription(session: Session, actor: Actor) -> DigestSubscription | None:
    actor.require(Permission.WORKLIST_READ)
    return session.get(DigestSubscription, actor.id)


def change_subscription(
    session: Session,
    actor: Actor,
    *,
    email: str,
    hour: int,
    language: DigestLanguage,
    is_on: bool,
    at: datetime,
) -> DigestSubscription:
    """hour: 0..23, on the bureau's clock. One that is past today begins tomorrow."""
    subscription = own_subscription(session, actor)
    if subscription is None:
        subscription = DigestSubscription(account_id=actor.account_id, last_on=None)
        session.add(subscription)
    subscription.email = email
    subscription.hour = hour
    subscription.language = language
    subscription.is_on = is_on
    if local_hour(at) >= hour:
        subscription.last_on = local_date(at)
    audit.record(session, actor, Event.DIGEST_CHANGED, "account", actor.id, at=at, is_on=is_on)
    return subscription


def queue_digests(session: Session, at: datetime) -> None:
    """Queue the mail of everybody whose hour has come; one for a person and day at most.

    Nobody gets a mail that says that nothing is due.
    """
    today = local_date(at)
    waiting = session.scalars(
        select(DigestSubscription)
        .where(
            DigestSubscription.is_on,
            DigestSubscription.hour <= local_hour(at),
            _is_undone(today),
        )
        .order_by(DigestSubscription.account_id)  # several workers lock in one order
    ).all()
    for subscription in waiting:
        actor = identity_queries.active_actor(session, subscription.account_id)
        is_mine = _take(session, subscription.account_id, today)
        if not is_mine or actor is None or not actor.may(Permission.WORKLIST_READ):
            continue
        items = due_items(session, actor, today=today, ahead_days=0, is_mine=True, most=MOST_ITEMS)
        if items:
            digest = write_digest(
                [(item.due_on, item.reference) for item in items],
                subscription.language,
                today=today,
            )
            notifications.queue_mail(
                session,
                to=subscription.email,
                subject=digest.subject,
                body=digest.body,
                at=at,
            )


def _take(session: Session, account_id: UUID, today: date) -> bool:
    """Mark the day as done; False when another worker did so first.

    Day and mail are one transaction, so a crash loses or keeps both.
    """
    changed = session.execute(
        update(DigestSubscription)
        .where(DigestSubscription.account_id == account_id, _is_undone(today))
        .values(last_on=today)
        .returning(DigestSubscription.account_id)
        .execution_options(synchronize_session=False)
    )
    return changed.one_or_none() is not None


def _is_undone(today: date) -> ColumnElement[bool]:
    return or_(DigestSubscription.last_on.is_(None), DigestSubscription.last_on < today)
