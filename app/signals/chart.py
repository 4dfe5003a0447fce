"""The series of a signal as a picture that prints, in grey too."""

import html
from io import StringIO

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from app.core.drawing import ONE_AT_A_TIME
from app.core.errors import NotFoundError
from app.signals.views import SignalView
from app.vocabulary.domain import Language

MOST_MONTHS = 60
RISE, BEFORE = "#1a1a1a", "#9a9a9a"
AXIS = {Language.NL: "meldingen", Language.FR: "signalements", Language.EN: "reports"}
PERIOD = {
    Language.NL: "de maanden van het signaal",
    Language.FR: "les mois du signal",
    Language.EN: "the months of the signal",
}

BOUND = {
    Language.NL: "grens van de tweede methode: {bound}",
    Language.FR: "limite de la seconde méthode : {bound}",
    Language.EN: "bound of the second method: {bound}",
}


def draw(signal: SignalView, language: Language) -> str:
    """SVG of the last five years, with the sentence as its title and text alternative. The same
    signal gives the same bytes. Raises NotFoundError for an observation: it has no series."""
    if signal.evidence is None:
        raise NotFoundError
    shown = signal.evidence.series[-MOST_MONTHS:]
    said = signal.evidence.sentences[language]
    with ONE_AT_A_TIME:
        figure = Figure(figsize=(9, 3.4), layout="constrained")
        canvas = FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        is_rise = [signal.first_month <= month.month for month in shown]
        axes.bar(
            range(len(shown)),
            [month.count for month in shown],
            color=[RISE if inside else BEFORE for inside in is_rise],
            hatch=["//" if inside else "" for inside in is_rise],
            edgecolor="white",
            linewidth=0.3,
        )
        januaries = [at for at, month in enumerate(shown) if month.month.endswith("-01")]
        ticks = sorted({*januaries, len(shown) - 1})
        axes.set_xticks(ticks, [shown[at].month for at in ticks], fontsize=8)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_ylabel(AXIS[language])
        axes.set_title(said, fontsize=9, loc="left", wrap=True)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xlabel(_legend(signal, language), loc="right", fontsize=8)
        opinion = signal.evidence.second_opinion
        if opinion is not None and opinion.bound is not None:
            at = len(shown) - 1
            axes.hlines(opinion.bound, at - 0.9, at + 0.9, color=RISE, linewidth=2)
        text = StringIO()
        canvas.print_figure(text, format="svg", metadata={"Date": None, "Creator": None})
    drawn = text.getvalue()
    start = drawn.index("<svg ")
    inner = drawn.index(">", start) + 1
    opened = drawn[start : inner - 1] + f' role="img" lang="{language}">'
    return f"{opened}<title>{html.escape(said)}</title>{drawn[inner:]}"


def _legend(signal: SignalView, language: Language) -> str:
    parts = [f"▨ {PERIOD[language]}"]
    opinion = signal.evidence and signal.evidence.second_opinion
    if opinion and opinion.bound is not None:
        parts.append(f"▬ {BOUND[language].format(bound=opinion.bound)}")
    return "   ".join(parts)
