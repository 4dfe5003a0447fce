"""Whom to involve: active partners that work on a ground or domain, in a place."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from app.core.access import Actor, Permission
from app.core.folding import fold
from app.partners import queries as partners
from app.partners.domain import is_within
from app.partners.matches import wanted_of
from app.partners.scoring import Fit, MatchFacts, Reason, Wanted, fit, ranked
from app.signals.domain import Cell
from app.vocabulary import queries as vocabulary

MOST = 3
SPEAKS_FOR_IT = frozenset({Reason.GROUND, Reason.DOMAIN, Reason.ANY_GROUND, Reason.ANY_DOMAIN})
"""A place alone is no reason to involve anybody."""


def partners_for(
    session: Session, actor: Actor, cells: Iterable[Cell], *, today: date
) -> dict[Cell, list[Fit]]:
    """Cell -> the best partners, at most MOST; empty where this actor may not read partners.

    Unlike a match for a case it does not ask whether a partner takes referrals.
    """
    asked = set(cells)
    if not asked or not actor.may(Permission.PARTNER_READ):
        return {cell: [] for cell in asked}
    lists = vocabulary.current(session)
    known = [
        one
        for one in partners.candidates(session, actor)
        if is_within(today, one.active_from, one.active_to)
    ]
    found = {}
    for cell in asked:
        wanted = wanted_of(lists, _facts(cell))
        fits = [fit(one, wanted) for one in known if _serves(one.territory, wanted)]
        found[cell] = ranked([one for one in fits if SPEAKS_FOR_IT & one.reasons.keys()])[:MOST]
    return found


def _serves(territory: Iterable[str], wanted: Wanted) -> bool:
    here = set(territory)
    return not wanted.municipalities or not here or bool(wanted.municipalities & here)


def _facts(cell: Cell) -> MatchFacts:
    return MatchFacts(
        grounds=[cell.ground] if cell.ground else [],
        domains=[cell.domain] if cell.domain else [],
        municipalities=[fold(cell.municipality)] if cell.municipality else [],
    )
