"""Fills a store with a year and a half of the invented bureau."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.attachments.storage import Storage
from app.core.access import SYSTEM, Actor, ActorKind, Role, Surface
from app.core.database import Database
from app.demo.access import PartnerKey, join, open_access
from app.demo.bureau import Agenda, Scene, Team
from app.demo.casework import CaseDesk
from app.demo.city import load_city
from app.demo.intake import IntakeDesk
from app.demo.network import NetworkDesk
from app.demo.papers import Cabinet
from app.demo.partners import PartnerDesk, area_begins_on
from app.demo.referrals import ReferralDesk
from app.demo.reporting import Reporters
from app.demo.talks import MediationRoom
from app.identity import service as identity
from app.intake.models import Report
from app.intake.service import Periods
from app.partners import service as partners
from app.vocabulary import queries as vocabulary

DAYS = 548
"""A year and a half."""

REPORTS = 700
EVENT_REPORTS = 25
RISE_REPORTS = 14
NEWEST_REPORTS = 3
"""Came in today and wait for somebody to look."""


@dataclass(frozen=True)
class DemoAccount:
    username: str
    roles: str
    password: str


@dataclass(frozen=True)
class Filled:
    """What to log in with, shown only now."""

    accounts: list[DemoAccount]
    partner_keys: list[PartnerKey]


NEIGHBOUR_DAYS = (-50, -21, -1, 0, 9, 30, 55)
"""When somebody reports from the neighbouring municipality, counted from its agreement."""


def is_empty(database: Database) -> bool:
    with database.snapshot() as session:
        return session.scalar(select(Report.id).limit(1)) is None


def fill(
    database: Database,
    *,
    seed: int,
    until: date,
    periods: Periods,
    case_target_days: int,
    storage: Storage,
    advance: Callable[[date], None],
    reports: int = REPORTS,
) -> Filled:
    """Fill the store; what the invented colleagues and partners log in with.

    storage: where the papers go. The features must be connected.

    The same seed and last day give the same reports and cases; ids, references, receipts and
    passwords are chance of their own.
    """
    city = load_city()
    chance = Random(seed)  # noqa: S311  (a story, no secret)
    first = until - timedelta(days=DAYS)
    opening = datetime.combine(first, time(7), UTC)
    with database.transaction() as session:
        accounts, team = _staff(session, city, opening)
        partners_by_name = _partners(session, city, opening)
        access = open_access(
            session, team.coordinator, city, partners_by_name, until=until, at=opening
        )
        codes = vocabulary.current(session)
    join(database, access, city, at=opening)
    partner_ids = list(partners_by_name.values())
    scene = Scene(Agenda(database, until), chance, team, city, periods, case_target_days)
    reporters = Reporters(city, codes, chance, first)
    room = MediationRoom(scene, reporters)
    referrals = ReferralDesk(scene, partners_by_name, access.actors, seed)
    cases = CaseDesk(scene, room.start, referrals.refer_case)
    room.close = cases.close
    desk = IntakeDesk(scene, reporters, partner_ids, cases.open_case, referrals.refer)
    cabinet = Cabinet(storage)
    NetworkDesk(scene, partner_ids, cabinet, until).plan()
    PartnerDesk(scene, partners_by_name, access.actors, cabinet, until).plan()
    _arrivals(scene, desk, first, until, reports)
    referrals.plan_submissions(until, desk)
    referrals.plan_overdue(until)
    scene.agenda.run(advance)
    return Filled(accounts, access.keys)


def _arrivals(scene: Scene, desk: IntakeDesk, first: date, until: date, reports: int) -> None:
    """More from month to month; a visible rise at the end; one happening that many report."""
    for _ in range(reports):
        day = first + timedelta(days=int(DAYS * scene.chance.random() ** 0.8))
        desk.arrive(_moment(scene, min(day, until)))
    for _ in range(max(1, RISE_REPORTS * reports // REPORTS)):
        day = until - timedelta(days=scene.chance.randrange(5, 60))
        desk.arrive(_moment(scene, day), is_rise=True)
    for _ in range(NEWEST_REPORTS):
        desk.arrive(_moment(scene, until), channel="web")
    happening = until - timedelta(days=200)
    for _ in range(max(2, EVENT_REPORTS * reports // REPORTS)):
        desk.arrive_of_event(_moment(scene, happening + timedelta(days=scene.chance.randrange(4))))
    desk.group_event(_moment(scene, happening + timedelta(days=6)))
    [neighbour] = scene.city["area_agreement"]["territory"]
    for days in NEIGHBOUR_DAYS:
        day = area_begins_on(until) + timedelta(days=days)
        if first <= day <= until:
            desk.arrive(_moment(scene, day), place=neighbour)


def _moment(scene: Scene, day: date) -> datetime:
    return datetime.combine(day, time(7 + scene.chance.randrange(11)), UTC)


def _staff(session: Session, city: dict[str, Any], at: datetime) -> tuple[list[DemoAccount], Team]:
    accounts = []
    actors: dict[Role, list[Actor]] = {}
    for person in city["staff"]:
        roles = [Role(role) for role in person["roles"]]
        password = secrets.token_urlsafe(12)
        account = identity.create_account(
            session,
            SYSTEM,
            username=person["username"],
            display_name=person["name"],
            password=password,
            roles=roles,
            at=at,
        )
        accounts.append(DemoAccount(person["username"], ", ".join(roles), password))
        for role in roles:
            actor = Actor(ActorKind.STAFF, Surface.STAFF, account.id, frozenset(roles))
            actors.setdefault(role, []).append(actor)
    team = Team(actors[Role.INTAKE_WORKER], actors[Role.CASE_MANAGER], actors[Role.COORDINATOR][0])
    return accounts, team


def _partners(session: Session, city: dict[str, Any], at: datetime) -> dict[str, UUID]:
    """Their ids by name."""
    return {
        p["name"]: partners.register_partner(session, SYSTEM, at=at, **p).id
        for p in city["partners"]
    }
