"""`bureau import`: checks the mapping, imports with a progress bar, writes the report file."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.core import clock
from app.core.cells import harmless_cell
from app.core.database import Database
from app.imports import service
from app.imports.mapping import MappingFile, load_mapping
from app.imports.reader import count_rows, open_rows
from app.imports.service import Result, RowResult, Terms
from app.intake.service import Periods
from app.settings import Settings


def run_import(
    settings: Settings,
    database: Database,
    file: Path,
    mapping_file: Path,
    *,
    report_file: Path,
    is_dry_run: bool,
    console: Console,
) -> dict[Result, int]:
    """Raises MappingError before any row is read when the mapping does not fit."""
    mapping = load_mapping(mapping_file)
    terms = Terms(
        periods=Periods(
            acknowledge_working_days=settings.acknowledge_working_days,
            answer_working_days=settings.answer_working_days,
            receipt_valid_days=settings.receipt_valid_days,
        ),
        case_target_days=settings.case_target_days,
        at=clock.now(),
    )
    service.check_codes(database, mapping, at=terms.at)
    total = count_rows(file, mapping.file, mapping.columns())
    with (
        _progress(console, total) as advance,
        _report(report_file) as write,
        open_rows(file, mapping.file, mapping.columns()) as rows,
    ):

        def note(result: RowResult) -> None:
            write(result)
            advance()

        counts = service.import_rows(
            database, mapping, rows, terms=terms, is_dry_run=is_dry_run, report=note
        )
    _summary(console, mapping, counts, report_file, is_dry_run)
    return counts


@contextmanager
def _progress(console: Console, total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("rows", total=total)
        yield lambda: progress.advance(task)


@contextmanager
def _report(path: Path) -> Iterator[Callable[[RowResult], None]]:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("line", "key", "result", "status_rule", "remarks"))

        def write(result: RowResult) -> None:
            cells = (
                str(result.number),
                result.key,
                result.result.value,
                result.rule or "",
                "; ".join(result.remarks),
            )
            writer.writerow(harmless_cell(cell) for cell in cells)

        yield write


def _summary(
    console: Console,
    mapping: MappingFile,
    counts: dict[Result, int],
    report_file: Path,
    is_dry_run: bool,
) -> None:
    title = f"{mapping.source.title}{' (dry run: nothing was kept)' if is_dry_run else ''}"
    table = Table("result", "rows", title=title)
    for result, number in counts.items():
        table.add_row(result.value, str(number))
    console.print(table)
    console.print(f"Each row's end, with its reason: {report_file}")
