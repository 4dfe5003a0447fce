"""Random bureaus as figures, and an attacker who knows the release and none of our methods."""

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog

from app.annual_report.domain import SEPARATOR
from app.publications.crossings import Crossings, EuView, crossings_of
from app.publications.release import YearRelease

GROUNDS = ("age", "disability", "origin", "sex", "wealth")
DOMAINS = ("employment", "housing", "education")
CHANNELS = ("phone", "desk", "web", "email")
EU = EuView(
    {"age": "age", "disability": "disability", "sex": "sex", "origin": "racial_or_ethnic_origin"},
    {"employment": "employment_and_occupation", "education": "education"},
)


@dataclass(frozen=True)
class MadeReport:
    grounds: tuple[str, ...]
    domain: str
    channel: str


@dataclass(frozen=True)
class MadeYear:
    reports: tuple[MadeReport, ...]
    groups: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        keys = (",".join(r.grounds) + SEPARATOR + r.domain for r in self.reports)
        object.__setattr__(self, "groups", Counter(keys))

    def crossings(self, beside: "MadeYear | None" = None) -> Crossings:
        return crossings_of(self.groups, EU, beside=beside.groups if beside else None)

    def figures(self) -> dict[str, int | float | None]:
        number = len(self.reports)
        channels = Counter(r.channel for r in self.reports)
        return {
            "reports.total": number,
            "reports.duplicates": 0,
            "reports.declined_statistics": 0,
            "reports.counted": number,
            **{f"reports.by_channel.{c}": channels[c] for c in CHANNELS},
            **self.crossings().figures(),
        }


def made_year(rng: random.Random, reports: int) -> MadeYear:
    return MadeYear(tuple(made_report(rng) for _ in range(reports)))


def made_report(rng: random.Random) -> MadeReport:
    several = rng.choices((1, 2, 3), (80, 15, 5))[0]
    named = {rng.choices(GROUNDS, (9, 5, 3, 2, 1))[0] for _ in range(several)}
    return MadeReport(
        tuple(sorted(named)),
        rng.choices(DOMAINS, (6, 3, 1))[0],
        rng.choices(CHANNELS, (6, 3, 2, 1))[0],
    )


def bounds_of_hidden(year: MadeYear, release: YearRelease) -> dict[str, tuple[float, float]]:
    """What who knows the release, and which groups of reports there are, can tell of each small
    figure that it hides: (least, most)."""
    keys = sorted(set(year.groups))
    domains = sorted({key.split(SEPARATOR)[1] for key in keys})
    sets = sorted({key.split(SEPARATOR)[0] for key in keys})
    cells = [
        (codes, domain, channel) for codes in sets for domain in domains for channel in CHANNELS
    ]

    def row(name: str) -> list[float]:
        return [float(_belongs(name, cell)) for cell in cells]

    left_out = ("reports.duplicates", "reports.declined_statistics")
    known = [name for name in release.figures if name not in left_out]
    equations = np.array([row(name) for name in known])
    values = np.array([float(release.figures[name] or 0) for name in known])
    truth = year.figures()
    found = {}
    for name in sorted(release.hidden):
        if not 0 < float(truth[name] or 0) < 5:
            continue
        goal = np.array(row(name))
        ends = [
            linprog(sign * goal, A_eq=equations, b_eq=values, bounds=(0, None)) for sign in (1, -1)
        ]
        low, high = (
            float(sign * end.fun) if end.fun is not None else float("inf")
            for sign, end in zip((1, -1), ends, strict=True)
        )
        found[name] = (low, high)
    return found


def _belongs(name: str, cell: tuple[str, str, str]) -> bool:
    """Whether a report of these grounds, domain and channel counts in a figure."""
    codes, domain, channel = cell
    grounds = {code for code in codes.split(",") if code}
    kind, _, rest = name.removeprefix("reports.").partition(".")
    parts = rest.split(".")
    tests: dict[str, Callable[[], bool]] = {
        "total": lambda: True,
        "counted": lambda: True,
        "by_channel": lambda: rest == channel,
        "by_domain": lambda: rest == domain,
        "by_number_of_grounds": lambda: int(rest) == len(grounds),
        "by_ground": lambda: bool(grounds) if parts == ["reports"] else parts[1] in grounds,
        "by_ground_and_domain": lambda: parts[0] in grounds and parts[1] == domain,
        "by_crossing_grounds": lambda: set(parts) <= grounds,
        "eu": lambda: (
            parts[0] in {EU.grounds.get(code, "none") for code in codes.split(",")}
            and parts[1] in ("all", EU.fields.get(domain, "none"))
        ),
    }
    return tests[kind]()
