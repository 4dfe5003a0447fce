"""Trends as they are shown."""

from collections.abc import Sequence
from datetime import date

from app.api.fields import View
from app.signals.comparing import LIST_OF
from app.signals.domain import EventCounting
from app.signals.trend_wording import TOO_FEW_CODES, change_sentence, percent, trend_sentence
from app.signals.trends import CONFIDENCE, Direction
from app.signals.yearly_trends import By, Change, Remark, Row, Trends, by_chance
from app.vocabulary.domain import CodeList, Language, Vocabulary


class TrendRemarkView(View):
    """What changed in how reports come in, and may be the whole of a trend. channels: codes.
    reports: how many of those counted. sentences: by language."""

    kind: Remark
    year: int
    channels: list[str]
    reports: int | None
    sentences: dict[str, str]


class TrendView(View):
    """One ground or domain; code None: all reports. counts: one for each year from first_year on.
    yearly_change, low, high: per cent from one year to the next, below 0 is less; None: nothing is
    said, or too steep to name. is_exact: found by the exact method of small counts."""

    code: str | None
    label: dict[str, str] | None
    first_year: int
    counts: list[int]
    direction: Direction
    yearly_change: float | None
    low: float | None
    high: float | None
    is_exact: bool
    remarks: list[TrendRemarkView]
    sentences: dict[str, str]


class TrendYearView(View):
    """share: how much of the year is counted, 0..1, by days."""

    year: int
    share: float


class TrendsView(View):
    """In the order of the vocabulary, never by size. municipality: as reports spell it. total: None
    without any report. rows: those of which something can be said; too_few: codes of the others.
    by_chance: about how many rows would rise or fall at this confidence if nothing did."""

    by: By
    municipality: str | None
    event_counting: EventCounting
    counted_to: date
    years: list[TrendYearView]
    total: TrendView | None
    rows: list[TrendView]
    too_few: list[str]
    too_few_sentences: dict[str, str] | None
    remarks: list[TrendRemarkView]
    confidence: float
    by_chance: float


def trends_view(
    found: Trends,
    lists: Vocabulary,
    *,
    by: By,
    event_counting: EventCounting,
) -> TrendsView:
    def row_view(row: Row) -> TrendView:
        return _row_view(row, found, lists, by)

    return TrendsView(
        by=by,
        municipality=found.municipality,
        event_counting=event_counting,
        counted_to=found.counted_to,
        years=[
            TrendYearView(year=year, share=round(share, 4))
            for year, share in zip(found.years, found.shares, strict=True)
        ],
        total=None if found.total is None else row_view(found.total),
        rows=[row_view(row) for row in found.rows],
        too_few=list(found.too_few),
        too_few_sentences=_too_few(found.too_few, lists, by),
        remarks=[_remark_view(change, found, lists) for change in found.changes],
        confidence=CONFIDENCE,
        by_chance=by_chance(found),
    )


def _row_view(row: Row, found: Trends, lists: Vocabulary, by: By) -> TrendView:
    trend, label = row.trend, None
    if row.code is not None:
        label = {
            language.value: lists.label(LIST_OF[by], row.code, language) for language in Language
        }
    return TrendView(
        code=row.code,
        label=label,
        first_year=row.first_year,
        counts=list(row.counts),
        direction=trend.direction,
        yearly_change=percent(trend.change),
        low=percent(trend.low),
        high=percent(trend.high),
        is_exact=trend.is_exact,
        remarks=[_remark_view(change, found, lists) for change in row.changes],
        sentences={
            language.value: trend_sentence(
                trend,
                language,
                about=None if label is None else label[language.value],
                place=found.municipality,
                first=row.first_year,
                last=row.first_year + len(row.counts) - 1,
            )
            for language in Language
        },
    )


def _remark_view(change: Change, found: Trends, lists: Vocabulary) -> TrendRemarkView:
    def said(language: Language) -> str:
        labels = (lists.label(CodeList.CHANNELS, code, language) for code in change.channels)
        return change_sentence(change, language, channels=", ".join(labels), to=found.counted_to)

    return TrendRemarkView(
        kind=change.kind,
        year=change.year,
        channels=list(change.channels),
        reports=change.reports,
        sentences={language.value: said(language) for language in Language},
    )


def _too_few(codes: Sequence[str], lists: Vocabulary, by: By) -> dict[str, str] | None:
    if not codes:
        return None
    return {
        language.value: TOO_FEW_CODES[language].format(
            codes="; ".join(lists.label(LIST_OF[by], code, language) for code in codes)
        )
        for language in Language
    }
