"""All figures of detection, written to docs/signals-figures.md.

    python -m benchmarks.signals [--seeds 10] [--public FOLDER] [--print]

--public: folder with bureau_bench_public.npz and noufaily_bench_public.npz, judged as well.
Definitions stand in the file that is written.
"""

import argparse
import json
import os
import platform
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.signals import laws, weeks
from app.signals.budget import alarms, calibrate
from app.signals.farrington import Bound, Settings, Variance, bounds, judge
from app.signals.farrington_batch import Judgements, judge_many
from app.signals.laws import Floats
from app.signals.scan import ScanSettings, scan
from app.signals.tables import LEVELS, Tables
from benchmarks import made_up_signals as made_up
from benchmarks.made_up_signals import Bureau, Rise, Weekly

TARGET = Path("docs/signals-figures.md")
TESTED = range(made_up.FIRST_TESTED, made_up.MONTHS)
AFTER = 1
"""Months after the end of a rise in which an alarm still counts, as in the reference figures."""
BUDGETS = (1, 3, 10)
FIRST_SEED = 2_000
LEAST_OF_FARRINGTON = 5
MONTHLY = Settings(half_window=1, periods=4, skipped=3, least_cases=0, variance=Variance.COMPAT)
WEEKLY_SETTINGS = Settings(least_cases=0, variance=Variance.CORRECTED)
COMPAT = Settings(least_cases=0, variance=Variance.COMPAT)
WEEKLY_BOUNDS = {"bound, delta": Bound.DELTA, "bound, nbPlugin": Bound.NB_PLUGIN}

Scored = Callable[[NDArray[np.int_]], Floats]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--weekly-seeds", type=int, default=3)
    parser.add_argument("--public", type=Path)
    parser.add_argument("--print", action="store_true", help="print instead of writing the file")
    wanted = parser.parse_args()
    with (Path("/dev/stdout") if wanted.print else TARGET).open("w") as file:
        for line in _report(wanted.seeds, wanted.weekly_seeds, wanted.public):
            print(line, file=file, flush=True)


def _report(seeds: int, weekly_seeds: int, public: Path | None) -> Iterator[str]:
    yield HEADER
    yield "## Speed\n"
    yield from _speed()
    numbers = range(FIRST_SEED, FIRST_SEED + seeds)
    yield f"\n## A bureau: 3,146 monthly series (fresh seeds {numbers[0]} to {numbers[-1]})\n"
    yield from _bureau([made_up.bureau(seed) for seed in numbers])
    if public:
        yield "\n## The same on the public reference set\n"
        yield from _bureau(_public_bureau(public))
    numbers = range(FIRST_SEED, FIRST_SEED + weekly_seeds)
    yield "\n## Weekly series: 42 scenarios\n"
    yield WEEKLY_HEADER
    for seed in numbers:
        yield from _weekly(made_up.weekly(seed), f"seed {seed}")
    if public:
        yield from _weekly(_public_weekly(public), "public set")


@dataclass(frozen=True)
class Found:
    """Scores of each set, series x tested months: as it is, and with the rises added."""

    quiet: list[Floats]
    risen: list[Floats]


def _bureau(sets: Sequence[Bureau]) -> Iterator[str]:
    methods: dict[str, Scored] = {"scan": scan_scores, "Farrington nbPlugin": _farrington_scores}
    yield (
        "| method | false alarms a month | +1 / +2 / +3 found | mean ± error | cell named"
        " | chance | by level |"
    )
    yield "|---|---|---|---|---|---|---|"
    seen: dict[tuple[str, int], NDArray[np.bool_]] = {}
    for name, scored in methods.items():
        found = Found(
            [scored(one.counts) for one in sets], [scored(one.counts + one.added) for one in sets]
        )
        for budget in BUDGETS:
            least = threshold(found, budget)
            at_all, leaf = hits(sets, found.risen, least)
            by_chance, _ = hits(sets, found.quiet, least)
            seen[name, budget] = at_all
            sizes = np.array([rise.size for one in sets for rise in one.rises])
            yield (
                f"| {name} | {budget} | {_by_size(at_all, sizes)} | {at_all.mean():.3f} ±"
                f" {_error(at_all):.3f} | {_by_size(leaf, sizes)} | {by_chance.mean():.3f} |"
                f" {_by_level(sets[0], found.quiet, least)} |"
            )
    yield ""
    for budget in BUDGETS:
        more = seen["scan", budget].astype(float) - seen["Farrington nbPlugin", budget]
        yield (
            f"Paired, at {budget} a month: the scan finds {more.mean():+.3f} ±"
            f" {_error(more):.3f} more of the {more.size} rises."
        )


def scan_scores(counts: NDArray[np.int_]) -> Floats:
    tables = Tables.from_leaf(counts)
    return np.stack([scan(tables, month).score for month in TESTED], axis=1)


def _farrington_scores(counts: NDArray[np.int_]) -> Floats:
    """Minus the mid-p of the reference method, where there are five reports in four months."""
    series = _all_series(Tables.from_leaf(counts))
    scores = []
    for month in TESTED:
        found = judge_many(series, month, 12, MONTHLY)
        known = ~np.isnan(found.expected)
        p = np.where(series[:, month] > 0, 1e-12, 1.0)
        p[known] = laws.mid_p(series[known, month], found.expected[known], found.dispersion[known])
        few = series[:, month - 3 : month + 1].sum(axis=1) < LEAST_OF_FARRINGTON
        scores.append(-np.where(few, 1.0, p))
    return np.stack(scores, axis=1)


def _all_series(tables: Tables) -> Floats:
    return np.concatenate([tables.of(level).reshape(-1, tables.months) for level in LEVELS])


def threshold(found: Found, budget: int) -> float:
    every = np.sort(np.concatenate([scores.ravel() for scores in found.quiet]))[::-1]
    return float(every[budget * len(TESTED) * len(found.quiet) - 1])


def hits(
    sets: Sequence[Bureau], scores: Sequence[Floats], least: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each rise: seen in its cell or one of its three two-way totals; seen in its cell."""
    at_all, leaf = [], []
    for one, found in zip(sets, scores, strict=True):
        for rise in one.rises:
            start = rise.start - TESTED[0]
            alarmed = found[_rows(one, rise), start : start + made_up.LASTS + AFTER] >= least
            at_all.append(alarmed.any())
            leaf.append(alarmed[0].any())
    return np.array(at_all), np.array(leaf)


def _rows(one: Bureau, rise: Rise) -> list[int]:
    grounds, domains, districts = one.counts.shape[:3]
    first = np.cumsum([0, grounds * domains * districts, grounds * domains, grounds * districts])
    return [
        (rise.ground * domains + rise.domain) * districts + rise.district,
        int(first[1]) + rise.ground * domains + rise.domain,
        int(first[2]) + rise.ground * districts + rise.district,
        int(first[3]) + rise.domain * districts + rise.district,
    ]


def _by_size(hits: NDArray[np.bool_], sizes: NDArray[np.int_]) -> str:
    return " / ".join(f"{hits[sizes == size].mean():.2f}" for size in made_up.SIZES)


def _by_level(one: Bureau, quiet: Sequence[Floats], least: float) -> str:
    many = [int(np.prod(Tables.from_leaf(one.counts).shape(level)[:3])) for level in LEVELS]
    level = np.repeat(np.arange(len(LEVELS)), many)
    above = np.mean([(scores >= least).sum(axis=1) / len(TESTED) for scores in quiet], axis=0)
    parts = (level == 0, (level > 0) & (level < 4), level >= 4)
    return " / ".join(f"{above[part].sum():.1f}" for part in parts)


def _error(values: NDArray[np.bool_] | Floats) -> float:
    return float(np.std(values.astype(float), ddof=1) / np.sqrt(values.size))


def _public_bureau(folder: Path) -> list[Bureau]:
    with np.load(folder / "bureau_bench_public.npz") as data:
        counts, added = data["counts"].astype(int), data["injected"].astype(int)
        meta = json.loads(str(data["meta"]))["rows"]
    return [
        Bureau(
            counts[place],
            added[place],
            [
                Rise(int(row[0]), int(row[1]), int(row[2]), int(row[3]), int(row[5]))
                for row in meta[place]
            ],
        )
        for place in range(len(counts))
    ]


def _public_weekly(folder: Path) -> Weekly:
    with np.load(folder / "noufaily_bench_public.npz") as data:
        return Weekly(data["base"].astype(int), data["outbreak"].astype(int), data["k"])


def _weekly(data: Weekly, name: str) -> Iterator[str]:
    tested = slice(made_up.FIRST_WEEK, made_up.WEEKS)
    sick = data.outbreak[:, tested] > 0
    both = (data.counts, data.counts + data.outbreak)
    judged = [_judged(counts, COMPAT) for counts in both]
    for method, bound in WEEKLY_BOUNDS.items():
        quiet, risen = (
            _above(counts, found, bound) for counts, found in zip(both, judged, strict=True)
        )
        yield _weekly_row(name, method, quiet, risen, sick, data.size)
    quiet, risen = (_evidence(counts) >= weeks.THRESHOLD for counts in both)
    yield _weekly_row(name, "evidence of two weeks", quiet, risen, sick, data.size)


def _above(
    counts: NDArray[np.int_], judged: Sequence[Judgements], bound: Bound
) -> NDArray[np.bool_]:
    """Alarms by another bound of the same fits."""
    settings = replace(COMPAT, bound=bound)
    alarms_ = []
    for week, found in zip(range(made_up.FIRST_WEEK, made_up.WEEKS), judged[1:], strict=True):
        now = counts[:, week]
        known = ~np.isnan(found.expected)
        above = now > 0
        limit, _ = bounds(
            now[known].astype(float), found.expected[known], found.error[known],
            found.dispersion[known], settings,
        )  # fmt: skip
        above[known] &= now[known] > limit
        alarms_.append(above)
    return np.stack(alarms_, axis=1)


def _judged(counts: NDArray[np.int_], settings: Settings) -> list[Judgements]:
    return [
        judge_many(counts, week, 52, settings)
        for week in range(made_up.FIRST_WEEK - 1, made_up.WEEKS)
    ]


def _evidence(counts: NDArray[np.int_]) -> Floats:
    judged = _judged(counts, WEEKLY_SETTINGS)
    return np.stack(
        [
            weeks.rising(counts[:, week - 1 : week + 1], judged[place : place + 2])
            for place, week in enumerate(range(made_up.FIRST_WEEK, made_up.WEEKS))
        ],
        axis=1,
    )


def _weekly_row(
    name: str,
    method: str,
    quiet: NDArray[np.bool_],
    risen: NDArray[np.bool_],
    sick: NDArray[np.bool_],
    size: NDArray[np.int_],
) -> str:
    found = np.asarray((risen & sick).any(axis=1), dtype=bool)
    by_size = " / ".join(
        f"{found[(size >= low) & (size <= low + 2)].mean():.2f}" for low in (2, 5, 8)
    )
    return (
        f"| {name} | {method} | {quiet.mean():.4f} ±"
        f" {_error(np.asarray(quiet.mean(axis=1))):.4f} |"
        f" {found.mean():.3f} ± {_error(found):.3f} | {by_size} |"
    )


def _speed() -> list[str]:
    """Taken first, so that the memory is that of the scan alone."""
    tables = Tables.from_leaf(made_up.bureau(FIRST_SEED).counts)
    series, last = _all_series(tables), made_up.MONTHS - 1
    least = calibrate(tables, TESTED)
    every = range(ScanSettings().least_history + len(ScanSettings().windows) - 1, made_up.MONTHS)
    lines = [
        "| what | seconds, median of 5 | least to most | memory by then |",
        "|---|---|---|---|",
    ]
    lines += [
        _timed(
            f"3,146 series scanned, each of the {len(every)} months that can be",
            lambda: [scan(tables, month) for month in every],
        ),
        _timed("3,146 series scanned, one month", lambda: scan(tables, last)),
        _timed("the same with signals collapsed", lambda: alarms(scan(tables, last), least)),
        _timed("threshold from twelve months", lambda: calibrate(tables, TESTED)),
        _timed(
            "3,146 monthly series by Farrington, one month",
            lambda: judge_many(series, last, 12, MONTHLY),
        ),
        _timed(
            "100 series by Farrington, one at a time",
            lambda: [judge(one, last, 12, MONTHLY) for one in series[-100:]],
        ),
    ]
    many = Tables.from_leaf(
        np.random.default_rng(1).poisson(0.1, (100, 42, 22, made_up.MONTHS)).astype(np.int16)
    )
    rows = len(scan(many, last))
    lines.append(_timed(f"{rows:,} series scanned, one month", lambda: scan(many, last)))
    return [
        *lines,
        f"\n{os.cpu_count()} processors ({platform.machine()}), shared with others: load"
        f" {os.getloadavg()[0]:.1f} while measuring.",
    ]


def _timed(name: str, work: Callable[[], object]) -> str:
    taken = sorted(_seconds(work) for _ in range(5))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return f"| {name} | {taken[2]:.2f} | {taken[0]:.2f} to {taken[-1]:.2f} | {memory:,.0f} MB |"


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


HEADER = """# Figures of detection

Written by `make bench-signals`; methods and sources in `decisions/019-detection.md`.

**Rises of a bureau.** Seven years of some 320 reports a month over 21 grounds, 12 domains and 10
districts; in the last of these, 36 cells rise by 1, 2 or 3 reports a month (Poisson) for four
months. All 3,146 series (cells and every total) are judged each month. False alarms: series above
the threshold, nested ones counted apart, in the sets without rises; the threshold is set there.
A rise is found if its cell or one of its three two-way totals alarms from its first month to one
month after its last; its cell is named if the cell does. Chance: the same where nothing was added.
With this definition our Farrington nbPlugin gives the reference figures of the public set to the
digit (.283 / .508 / .725 at 3 a month). By level: false alarms in cells / two-way totals / the
rest. Errors are standard errors.

**Weekly outbreaks.** 378 series a seed; false positives: alarms in weeks 576 to 624 without the
current outbreak, per series and week; found: an alarm in a week with cases of it. By size: 2-4, 5-7
and 8-10 standard deviations.
"""

WEEKLY_HEADER = """| data | method | false positives | found | by size |
|---|---|---|---|---|"""


if __name__ == "__main__":
    main()
