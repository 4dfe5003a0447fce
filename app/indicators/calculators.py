"""What the registers show of an indicator. The feature that holds the rows counts them.

`main.connect_features` registers each calculator under the kind of evidence that a plan names
("core_group_meeting"), or under the code of one indicator, which goes before its evidence.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from app.core.access import Actor


@dataclass(frozen=True)
class Asked:
    """years: those of which is asked, none after `today`'s."""

    code: str
    evidence: str
    years: Sequence[int]
    today: date


@dataclass(frozen=True)
class Counted:
    """Of one year, up to today.

    value: what the norm is held against; None when this actor may not see it. figures: all that
    was counted, by name. link: path of the interface to the rows behind it; None when this actor
    may not follow it. is_due: False where what the indicator depends on is not there.
    """

    value: Decimal | int | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    link: str | None = None
    is_due: bool = True


Calculator = Callable[[Session, Actor, Asked], Mapping[int, Counted]]
"""(session, actor, asked) -> year -> what was counted; every asked year has its entry.

Counts only: nobody sees a row by it, so it must count nothing that could tell of a restricted case
to whoever may not know of it.
"""

_calculators: dict[str, Calculator] = {}


def register(name: str, calculator: Calculator) -> None:
    """name: a kind of evidence, or the code of an indicator. Registering again replaces it."""
    _calculators[name] = calculator


def find(code: str, evidence: str) -> Calculator | None:
    return _calculators.get(code) or _calculators.get(evidence)
