"""Rows a second of an import, and what memory it takes as the file grows.

    python -m benchmarks.imports [--rows 10000] [--store sqlite]

The file is made from the Toronto file of the tests, repeated with new keys.
"""

import argparse
import csv
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.server import ROOT, bureau, environment, postgresql

SOURCE = ROOT / "tests/imports/data/toronto_hate_crimes_2018_2023.csv"
MAPPING = ROOT / "app/imports/mappings/toronto-hate-crimes.yaml"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--store", choices=("sqlite", "postgresql", "both"), default="both")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for rows in (wanted.rows, wanted.rows * 4):
            file = Path(folder) / f"{rows}.csv"
            _make(file, rows)
            if wanted.store != "postgresql":
                _report("sqlite", f"sqlite:///{folder}/{rows}.db", file, rows)
        if wanted.store != "sqlite":
            with postgresql(Path(folder)) as url:
                _report("postgresql", url, Path(folder) / f"{wanted.rows}.csv", wanted.rows)


def _make(file: Path, rows: int) -> None:
    with SOURCE.open(encoding="utf-8", newline="") as stream:
        source = list(csv.DictReader(stream))
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(source[0]))
        writer.writeheader()
        for number in range(rows):
            row = source[number % len(source)]
            writer.writerow(row | {"EVENT_UNIQUE_ID": f"{row['EVENT_UNIQUE_ID']}-{number}"})


def _report(name: str, url: str, file: Path, rows: int) -> None:
    bureau(url, "db", "upgrade")
    for run in ("first", "again"):
        command = [sys.executable, "-m", "app.cli", "import", str(file), "--mapping", str(MAPPING)]
        started = time.perf_counter()
        subprocess.run(
            command, cwd=ROOT, env=environment(url), check=True, stdout=subprocess.DEVNULL
        )
        seconds = time.perf_counter() - started
        # The largest of all children so far: it can only grow from run to run.
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{name}: {rows} rows, {run}: {rows / seconds:.0f} rows/s, peak memory {peak:.0f} MB")


if __name__ == "__main__":
    main()
