"""Tables and charts have a number in their document, the same in every format."""

from collections.abc import Mapping

from app.documents.domain import Chart, Document


def table_numbers(document: Document) -> Mapping[str, int]:
    """By name, from 1, in their order."""
    return {table.name: at for at, table in enumerate(document.tables, 1)}


def chart_numbers(document: Document) -> Mapping[str, int]:
    """By name, from 1, in their order."""
    charts = [block for part in document.parts for block in part.blocks if isinstance(block, Chart)]
    return {chart.name: at for at, chart in enumerate(charts, 1)}
