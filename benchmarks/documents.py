"""Times and memory of each format of a yearly report: 25 tables, 8 charts, over 20 pages.

    python -m benchmarks.documents [--repeat 5]

Each format is written in a process of its own: the first time, with everything to be loaded, then
again; busy is the processor time of each. Memory is the most that the process held, with Python and
all libraries, and the one that it lets print.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time

from app.documents.look import DEFAULT_LOOK
from app.documents.writing import Format, write
from tests.makers.documents import make_yearly_report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--format", choices=[one.value for one in Format])
    wanted = parser.parse_args()
    if wanted.format:
        _measure(Format(wanted.format), wanted.repeat)
        return
    print(f"{'format':<12} {'first s':>8} {'again s':>8} {'busy s':>8} {'kB':>6} {'peak MB':>8}")
    for one in Format:
        module = [sys.executable, "-m", "benchmarks.documents"]
        given = ["--format", one.value, "--repeat", str(wanted.repeat)]
        subprocess.run([*module, *given], check=True)


def _measure(wanted: Format, repeat: int) -> None:
    report = make_yearly_report()
    times = []
    before = _processor_seconds()
    for _time in range(repeat + 1):
        started = time.perf_counter()
        content = write(report, wanted, DEFAULT_LOOK).content
        times.append(time.perf_counter() - started)
    held = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    peak = sum(resource.getrusage(who).ru_maxrss for who in held) / 1024
    busy = (_processor_seconds() - before) / (repeat + 1)
    again = statistics.median(times[1:])
    size = len(content) / 1024
    line = f"{wanted.value:<12} {times[0]:8.2f} {again:8.2f} {busy:8.2f} {size:6.0f} {peak:8.0f}"
    print(line, flush=True)


def _processor_seconds() -> float:
    held = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in held)


if __name__ == "__main__":
    main()
