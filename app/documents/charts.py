"""Charts as SVG, by Matplotlib: readable in print, in grey, and by who sees few colours.

Each series has its own mark and line or hatch besides its colour, and its name beside it. What is
hidden is a gap that says so; it is never drawn at zero. The same chart gives the same bytes.
"""

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from app.core.drawing import ONE_AT_A_TIME
from app.documents.domain import HIDDEN, Cell, Chart, ChartKind, Column, ColumnKind
from app.documents.fonts import FAMILY, font_files
from app.documents.look import Look
from app.documents.numbers import written
from app.documents.svg import standing_inside
from app.documents.wording import HIDDEN_SIGN, WORDS

TEXT, QUIET, GRID = "#1a1a1a", "#595959", "#d9d9d9"
COLOURS = ("#d55e00", "#00785a", "#0072b2", "#a6437c", "#7a5c00", "#5f5f5f")
"""After the colour of the city; of Okabe and Ito's, darkened where white was too near (3 to 1)."""
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo", "---")
MARKS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", "--", ":", "-.", (0, (5, 1)), (0, (1, 1)), (0, (3, 1, 1, 1)))

WIDTH = 7.0
"""Inches; the text of a page is as wide."""
LETTERS = 9.0
LABEL_LETTERS, MOST_LINES = 34, 3
MOST_TICKS = 12
WIDE_FAMILY = "DejaVu Sans"
PAGE_FAMILY = "'Segoe UI', 'Helvetica Neue', Arial, 'Noto Sans', sans-serif"
"""A page fetches no font: places are measured with one that is wider than what readers have."""

for _file in font_files():
    font_manager.fontManager.addfont(str(_file))


@dataclass(frozen=True)
class _Series:
    title: str
    kind: ColumnKind
    cells: Sequence[Cell]

    @property
    def numbers(self) -> list[float]:
        """Hidden and missing ones are no number, which Matplotlib leaves out."""
        return [
            math.nan if cell is None or cell is HIDDEN or isinstance(cell, str) else float(cell)
            for cell in self.cells
        ]


@dataclass(frozen=True)
class _Drawing:
    """What is drawn: rows without the totals, and with which letters and colours."""

    categories: Sequence[str]
    series: Sequence[_Series]
    colours: Sequence[str]
    family: str
    language: str

    def hidden_at(self, series: Sequence[_Series]) -> list[int]:
        places = range(len(self.categories))
        return [at for at in places if any(one.cells[at] is HIDDEN for one in series)]


def draw(chart: Chart, language: str, look: Look, *, for_print: bool) -> str:
    """SVG without a size. for_print: with the letters of the print; else with those of the page."""
    family = FAMILY if for_print else WIDE_FAMILY
    drawing = _drawing(chart, language, look, family)
    with ONE_AT_A_TIME:
        figure = Figure(figsize=(WIDTH, _height(chart.kind, drawing)), layout="constrained")
        canvas = FigureCanvasSVG(figure)
        match chart.kind:
            case ChartKind.BARS:
                _bars(figure.add_subplot(), drawing)
            case ChartKind.LINES:
                _lines(figure.add_subplot(), drawing)
            case ChartKind.SMALL_MULTIPLES:
                _small_multiples(figure, drawing)
        if drawing.hidden_at(drawing.series):
            words = WORDS[language].hidden
            figure.supxlabel(
                f"{HIDDEN_SIGN} {words}", fontsize=LETTERS - 1, color=QUIET, family=family,
                x=0.01, ha="left",
            )  # fmt: skip
        text = StringIO()
        canvas.print_figure(text, format="svg", metadata={"Date": None, "Creator": None})
    return standing_inside(text.getvalue(), chart.name, FAMILY if for_print else PAGE_FAMILY)


def _drawing(chart: Chart, language: str, look: Look, family: str) -> _Drawing:
    table = chart.table
    places = {column.name: at for at, column in enumerate(table.columns)}
    rows = [row for at, row in enumerate(table.rows) if at not in table.totals]
    named: Column = table.columns[places[chart.categories]]
    categories = [written(row[places[chart.categories]], named.kind, language) for row in rows]
    series = []
    for name in chart.series:
        column = table.columns[places[name]]
        cells = [row[places[name]] for row in rows]
        series.append(_Series(column.title, column.kind, cells))
    return _Drawing(categories, series, (look.colour, *COLOURS), family, language)


def _height(kind: ChartKind, drawing: _Drawing) -> float:
    match kind:
        case ChartKind.BARS:
            lines = sum(
                max(_wrapped(name, LABEL_LETTERS).count("\n") + 1, len(drawing.series))
                for name in drawing.categories
            )
            return 0.9 + 0.2 * lines + 0.1 * len(drawing.categories)
        case ChartKind.LINES:
            return 3.4
        case ChartKind.SMALL_MULTIPLES:
            return 0.4 + 1.6 * math.ceil(len(drawing.series) / _across(drawing))


def _across(drawing: _Drawing) -> int:
    return 2 if len(drawing.series) in (1, 2, 4) else 3


def _said(cell: Cell, kind: ColumnKind, language: str) -> str:
    text = written(cell, kind, language)
    return f"{text} {WORDS[language].gap}" if cell is HIDDEN else text


def _wrapped(text: str, letters: int) -> str:
    lines = textwrap.wrap(text, letters, max_lines=MOST_LINES, placeholder=" …")
    return "\n".join(lines)


def _bars(axes: Axes, drawing: _Drawing) -> None:
    thick = 0.76 / max(1, len(drawing.series))
    axes.set_ylim(len(drawing.categories) - 0.4, -0.6)
    for number, one in enumerate(drawing.series):
        middles = [
            at + (number - (len(drawing.series) - 1) / 2) * thick
            for at in range(len(one.cells))
        ]  # fmt: skip
        axes.barh(
            middles,
            [0.0 if math.isnan(value) else value for value in one.numbers],
            height=thick * 0.92,
            color=drawing.colours[number % len(drawing.colours)],
            hatch=HATCHES[number % len(HATCHES)],
            edgecolor="white",
            linewidth=0,
            label=one.title,
        )
        for middle, value, cell in zip(middles, one.numbers, one.cells, strict=True):
            axes.annotate(
                _said(cell, one.kind, drawing.language),
                (0 if math.isnan(value) else value, middle),
                xytext=(3, 0), textcoords="offset points", va="center", color=TEXT,
                fontsize=LETTERS, family=drawing.family,
            )  # fmt: skip
    labels = [_wrapped(name, LABEL_LETTERS) for name in drawing.categories]
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.12)
    _plain_axes(axes, drawing, kept="left")
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    if len(drawing.series) > 1:
        _legend(axes, drawing)


def _lines(axes: Axes, drawing: _Drawing) -> None:
    _hidden_bands(axes, drawing, drawing.series)
    ends = []
    for number, one in enumerate(drawing.series):
        _line(axes, drawing, one, number)
        last = [(at, value) for at, value in enumerate(one.numbers) if not math.isnan(value)]
        ends.append((last[-1] if last else (0, 0.0), one.title))
    _years(axes, drawing, MOST_TICKS)
    _plain_axes(axes, drawing)
    _names_beside(axes, drawing, ends)


def _small_multiples(figure: Figure, drawing: _Drawing) -> None:
    across = _across(drawing)
    down = math.ceil(len(drawing.series) / across)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for number, axes in enumerate(grid.flat):
        if number >= len(drawing.series):
            axes.set_visible(False)
            continue
        one = drawing.series[number]
        _hidden_bands(axes, drawing, [one])
        _line(axes, drawing, one, 0)
        _years(axes, drawing, 4)
        _plain_axes(axes, drawing)
        axes.tick_params(labelbottom=True)
        axes.set_title(
            _wrapped(one.title, LABEL_LETTERS), loc="left", fontsize=LETTERS, color=TEXT,
            family=drawing.family, weight="bold",
        )  # fmt: skip


def _line(axes: Axes, drawing: _Drawing, one: _Series, number: int) -> None:
    axes.plot(
        range(len(one.cells)), one.numbers, label=one.title, linewidth=1.7, markersize=4.5,
        color=drawing.colours[number % len(drawing.colours)],
        linestyle=DASHES[number % len(DASHES)], marker=MARKS[number % len(MARKS)],
    )  # fmt: skip


def _hidden_bands(axes: Axes, drawing: _Drawing, series: Sequence[_Series]) -> None:
    """Where a figure is protected: a band over the whole height, with the sign above it."""
    for at in drawing.hidden_at(series):
        axes.axvspan(at - 0.3, at + 0.3, facecolor="#f2f2f2", edgecolor=GRID, hatch="///", lw=0)
        axes.annotate(
            HIDDEN_SIGN, (at, 1), xycoords=("data", "axes fraction"), ha="center", va="top",
            fontsize=LETTERS + 2, color=TEXT, family=drawing.family,
        )  # fmt: skip


def _years(axes: Axes, drawing: _Drawing, most: int) -> None:
    count = len(drawing.categories)
    step = max(1, math.ceil(count / most))
    places = list(range(count - 1, -1, -step))[::-1]
    letters = 16 if most > 4 else 8
    axes.set_xticks(places, [_wrapped(drawing.categories[at], letters) for at in places])
    axes.set_xlim(-0.5, max(count - 0.5, 0.5))
    shown = [value for one in drawing.series for value in one.numbers if not math.isnan(value)]
    axes.set_ylim(min([0.0, *shown]), max([0.0, *shown]) * 1.12 or 1.0)


def _names_beside(
    axes: Axes, drawing: _Drawing, ends: Sequence[tuple[tuple[int, float], str]]
) -> None:
    """The name of each line at its end, moved apart where two would lie on each other."""
    low, high = axes.get_ylim()
    apart = (high - low) * 0.085
    right = len(drawing.categories) - 1
    placed = low - apart
    for number in sorted(range(len(ends)), key=lambda at: ends[at][0][1]):
        (at, value), title = ends[number]
        lines = _wrapped(title, 22)
        placed = max(value, placed + apart)
        colour = drawing.colours[number % len(drawing.colours)]
        axes.plot(
            [right + 0.75], [placed], color=colour, marker=MARKS[number % len(MARKS)],
            markersize=4.5, clip_on=False,
        )  # fmt: skip
        axes.annotate(
            "", (at, value), xytext=(right + 0.7, placed), textcoords="data",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.8, "shrinkB": 3},
        )  # fmt: skip
        axes.annotate(
            lines, (right + 0.75, placed), xytext=(6, 0), textcoords="offset points",
            va="center",
            annotation_clip=False, fontsize=LETTERS, color=TEXT, family=drawing.family,
        )  # fmt: skip
        placed += apart * 0.8 * lines.count("\n")


def _legend(axes: Axes, drawing: _Drawing) -> None:
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False, handlelength=1.6,
        prop={"family": drawing.family, "size": LETTERS}, labelcolor=TEXT,
    )  # fmt: skip


def _plain_axes(axes: Axes, drawing: _Drawing, kept: str = "bottom") -> None:
    kind = drawing.series[0].kind if drawing.series else ColumnKind.INTEGER
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)
    axes.spines[kept].set_visible(True)
    axes.spines[kept].set_color(QUIET)
    axes.tick_params(labelsize=LETTERS, labelcolor=TEXT, labelfontfamily=drawing.family, color=GRID)
    if kept == "bottom":
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=kind is ColumnKind.INTEGER))
        axes.yaxis.set_major_formatter(
            FuncFormatter(lambda value, _at: written(float(value), kind, drawing.language))
        )
        axes.grid(axis="y", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
