"""The invented city, and chance that repeats itself."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

import yaml

T = TypeVar("T")

FILE = Path(__file__).parent / "data" / "city.yaml"


def load_city() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


class Covering(Generic[T]):
    """Draws by weight, and sees to it that everything comes up once, soon."""

    def __init__(self, chance: Random, choices: Sequence[T] | Mapping[T, float]) -> None:
        self._chance = chance
        weights = choices if isinstance(choices, Mapping) else dict.fromkeys(choices, 1.0)
        self._choices = list(weights)
        self._weights = [float(weights[choice]) for choice in self._choices]
        self._not_yet = list(self._choices)
        chance.shuffle(self._not_yet)

    def draw(self) -> T:
        if self._not_yet and self._chance.random() < 0.5:
            return self._not_yet.pop()
        found = self._chance.choices(self._choices, self._weights)[0]
        if found in self._not_yet:
            self._not_yet.remove(found)
        return found
