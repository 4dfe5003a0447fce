"""The register of processing activities is whole and current."""

from pathlib import Path

from app.rights.register import activities, marked, register_text

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "processing-register.md"


def test_every_table_with_personal_columns_stands_in_one_activity() -> None:
    named = [table for activity in activities() for table in activity.tables]
    assert sorted(named) == sorted(marked())
    assert len(named) > 20


def test_every_activity_says_all_that_article_30_asks() -> None:
    for activity in activities():
        assert all(activity.model_dump().values()), activity.title


def test_the_document_is_what_the_command_prints() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == register_text()
