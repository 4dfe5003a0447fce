"""Reference figures of tests/signals/data, as settings and points."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.signals.farrington import Bound, Settings, Variance

FOLDER = Path(__file__).parent / "data"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@dataclass(frozen=True)
class Run:
    """One series under one setting. first: index of the first tested point."""

    series: str
    name: str
    counts: list[int]
    frequency: int
    dates: list[date] | None
    arguments: dict[str, Any]
    first: int
    bounds: list[float | None]
    expected: list[float | None]
    p: list[float | None]
    alarms: set[int]

    @property
    def is_farrington(self) -> bool:
        return str(self.arguments["program"]) == "farringtonFlexible"

    def settings(self) -> Settings:
        least_cases, least_points = self.arguments["limit54"]
        return Settings(
            years=self.arguments["b"],
            half_window=self.arguments["w"],
            periods=self.arguments["noPeriods"],
            skipped=self.arguments["pastWeeksNotIncluded"],
            reweights=self.arguments["reweight"],
            weights_threshold=self.arguments["weightsThreshold"],
            alpha=self.arguments["alpha"],
            has_trend=self.arguments["trend"],
            trend_p=self.arguments["pThresholdTrend"],
            least_cases=least_cases,
            least_points=least_points,
            bound=Bound(self.arguments["thresholdMethod"]),
            variance=Variance.COMPAT,
        )


def runs(name: str) -> Iterator[Run]:
    data = json.loads((FOLDER / f"{name}.json").read_text())
    dates = data["dates"] and [date.fromisoformat(day) for day in data["dates"]]
    for series in data["series"]:
        for run, found in series["runs"].items():
            arguments = data["runs"][run]
            many = arguments["last"] - arguments["first"] + 1
            yield Run(
                series["id"],
                run,
                series["observed"],
                data["frequency"],
                dates,
                arguments,
                arguments["first"] - 1,
                found["upperbound"],
                found.get("expected", [None] * many),
                found.get("pvalue", [None] * many),
                set(found["alarms"]),
            )
