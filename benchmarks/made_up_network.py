"""A made-up partner network around made-up years: partners, agreements, activities, referrals."""

import random
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activities.models import ActionPoint, Activity
from app.core import clock
from app.core.rows import insert_rows
from app.intake.models import Report
from app.partners.models import CooperationAgreement, Partner, PartnerTier
from app.referrals.models import Referral
from app.vocabulary import queries as vocabulary
from app.vocabulary.domain import CodeList
from benchmarks.made_up_years import TOWNS

PARTNERS = 2_000
ACTIVITIES_A_YEAR = 100
REFERRED_SHARE = 0.05


def fill_network(session: Session, *, last_year: int, years: int, owner_id: UUID) -> None:
    """Beside the reports that stand. Two agreements a year change the service area in a month."""
    chance = random.Random(2)
    first = date(last_year - years + 1, 1, 1)
    partner_ids = _partners(session, chance, first)
    _agreements(session, chance, first, years, partner_ids)
    _activities(session, chance, first, years, owner_id)
    _referrals(session, chance, partner_ids)


def _partners(session: Session, chance: random.Random, first: date) -> list[UUID]:
    kinds = list(vocabulary.current(session).entries(CodeList.PARTNER_KINDS))
    ids = [UUID(int=chance.getrandbits(128), version=4) for _ in range(PARTNERS)]
    rows = [
        {
            "id": partner_id,
            "organisation": f"Partner {number}",
            "search_text": f"partner {number}",
            "kind": chance.choice(kinds),
            "active_from": first + timedelta(days=chance.randrange(-500, 500)),
            "active_to": None,
            "accepts_referrals": True,
            "created_at": clock.now(),
            "version": 1,
        }
        for number, partner_id in enumerate(ids)
    ]
    insert_rows(session, Partner, rows)
    tiers = [
        {"partner_id": row["id"], "tier": "network", "valid_from": row["active_from"]}
        for row in rows
    ]
    insert_rows(session, PartnerTier, tiers)
    return ids


def _agreements(
    session: Session, chance: random.Random, first: date, years: int, partner_ids: list[UUID]
) -> None:
    rows = []
    for number in range(2 * years):
        begin = first + timedelta(days=182 * number + chance.randrange(2, 28))
        rows.append(
            {
                "partner_id": chance.choice(partner_ids),
                "kind": "service_area",
                "purposes": (),
                "shared_fields": (),
                "territory": (TOWNS[1 + number % (len(TOWNS) - 1)],),
                "valid_from": begin,
                "valid_to": begin + timedelta(days=400),
                "extends_service_area": True,
                "created_at": clock.now(),
                "version": 1,
            }
        )
    insert_rows(session, CooperationAgreement, rows)


def _activities(
    session: Session, chance: random.Random, first: date, years: int, owner_id: UUID
) -> None:
    kinds = list(vocabulary.current(session).entries(CodeList.ACTIVITY_KINDS))
    activities, points = [], []
    for number in range(ACTIVITIES_A_YEAR * years):
        activity_id = UUID(int=chance.getrandbits(128), version=4)
        held_on = first + timedelta(days=chance.randrange(365 * years))
        activities.append(
            {
                "id": activity_id,
                "reference": f"A-{held_on.year}-{number:06}",
                "kind": chance.choice(kinds),
                "title": "Made up",
                "held_on": held_on,
                "is_cancelled": False,
                "target_groups": [],
                "recorded_at": clock.now(),
                "changed_at": clock.now(),
                "version": 1,
            }
        )
        points += [
            {
                "activity_id": activity_id,
                "text": "Made up",
                "owner_id": owner_id,
                "set_on": held_on,
                "due_on": held_on + timedelta(days=30),
                "done_on": held_on + timedelta(days=20) if chance.random() < 0.8 else None,
            }
            for _ in range(3)
        ]
    insert_rows(session, Activity, activities)
    insert_rows(session, ActionPoint, points)


def _referrals(session: Session, chance: random.Random, partner_ids: list[UUID]) -> None:
    rows = []
    for report_id, made_on in session.execute(select(Report.id, Report.received_on)):
        if chance.random() >= REFERRED_SHARE:
            continue
        status = chance.choice(("offered", "accepted", "declined", "completed"))
        answered_on = made_on + timedelta(days=chance.randrange(30))
        rows.append(
            {
                "direction": "out",
                "status": status,
                "partner_id": chance.choice(partner_ids),
                "report_id": report_id,
                "purpose": "legal_advice",
                "made_on": made_on,
                "consent_given_on": made_on,
                "consent_given_by": "reporter",
                "consent_form": "oral",
                "shared_fields": [],
                "shared": "{}",
                "preview": {},
                "answer_by": made_on + timedelta(days=14),
                "answered_on": None if status == "offered" else answered_on,
                "decline_reason": "Made up" if status == "declined" else None,
                "completed_on": answered_on if status == "completed" else None,
                "outcome": "helped" if status == "completed" else None,
                "version": 1,
            }
        )
    insert_rows(session, Referral, rows)
