"""Whether a second release of the same tables, after the data changed, would tell a hidden figure.

Who has both releases compares them. Such a reader is taken to know that as few reports came or
went as the shown figures admit; that is what a comparison rests on, and it leaves less open than
not knowing. Under it every figure that is small in one of the releases must stay uncertain.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from app.disclosure.linear import least
from app.disclosure.rules import TOLERANCE, Rule
from app.disclosure.tables import Floats, Mask, Tables

SLACK = 1e-7


@dataclass(frozen=True, eq=False)
class Told:
    """One release: its tables with what it hides."""

    tables: Tables
    hidden: Mask


def told_by_both(first: Told, second: Told, rule: Rule) -> list[str]:
    """Names of small figures that both releases together give away. The tables must be over the
    same latent groups, in the same order."""
    width = len(first.tables.latent)
    if width != len(second.tables.latent):
        raise ValueError("both releases need the same latent groups")
    nothing = csr_array((first.tables.members.shape[0], width))
    before = np.flatnonzero(~first.hidden)
    after = np.flatnonzero(~second.hidden)
    moved = second.tables.members
    rows = csr_array(
        vstack(
            [
                hstack([first.tables.members[before], nothing[before], nothing[before]]),
                hstack([moved[after], moved[after], -moved[after]]),
            ],
            format="csr",
        )
    )
    values = np.concatenate([first.tables.counts[before], second.tables.counts[after]])
    # What goes was there before.
    eye = csr_array(np.eye(width)) if width else csr_array((0, 0))
    limits = csr_array(hstack([-eye, csr_array((width, width)), eye], format="csr"))
    change = np.concatenate([np.zeros(width), np.ones(2 * width)])
    fewest = least(change, rows, values, limits, np.zeros(width))
    if fewest is None:
        raise ValueError("the releases contradict each other")
    bounded = csr_array(vstack([limits, csr_array(change[None, :])], format="csr"))
    upper = np.concatenate([np.zeros(width), [fewest.value + SLACK]])
    found: list[str] = []
    for told, parts in ((first, (1, 0, 0)), (second, (1, 1, -1))):
        for place in np.flatnonzero(rule.small(told.tables) & told.hidden):
            goal = np.concatenate(
                [part * told.tables.members[[place]].toarray()[0] for part in parts]
            )
            low, high = (
                _extreme(sign * goal, rows, values, bounded, upper) * sign for sign in (1, -1)
            )
            if low > rule.least + TOLERANCE or high < rule.threshold - TOLERANCE:
                found.append(told.tables.names[place])
    return sorted(set(found))


def _extreme(
    goal: Floats, rows: csr_array, values: Floats, limits: csr_array, upper: Floats
) -> float:
    found = least(goal, rows, values, limits, upper)
    if found is None:
        raise ValueError("the releases contradict each other")
    return found.value
