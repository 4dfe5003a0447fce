"""Column types: personal data is marked here, times are UTC, codes are checked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn

from sqlalchemy import ColumnElement, DateTime, Dialect, Enum, Text, TypeDecorator, or_, type_coerce
from sqlalchemy.orm.attributes import InstrumentedAttribute
from sqlalchemy.sql.operators import OperatorType, is_, is_not


class _UnreadableComparator(TypeDecorator.Comparator[str]):
    """Refuses every SQL operator except IS NULL: a sealed value equals nothing and has no order."""

    def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
        if op in (is_, is_not) and other and other[0] is None:
            return super().operate(op, *other, **kwargs)
        return self._refuse()

    def reverse_operate(self, op: OperatorType, other: Any, **kwargs: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise TypeError("personal data cannot be compared, searched or sorted in SQL")


class SealedText(str):
    """Plain text that carries its sealed form: what `core.sealed_rows` hands to the store."""

    __slots__ = ("sealed",)
    sealed: str

    def __new__(cls, text: str, sealed: str) -> "SealedText":
        made = super().__new__(cls, text)
        made.sealed = sealed
        return made


class PersonalText(TypeDecorator[str]):
    """Text about or by a person: sealed at rest, never logged, never searched in SQL.

    Only a sealed value passes to the store; what a plain query reads is still sealed, and opens
    where a row is loaded (`core.sealed_rows`).
    """

    impl = Text
    cache_ok = True
    comparator_factory = _UnreadableComparator

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if not isinstance(value, SealedText):
            raise TypeError("personal text reaches the store only sealed")
        return value.sealed


class UtcDateTime(TypeDecorator[datetime]):
    """A moment with its zone, stored in UTC on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """A cursor of a list is read back by it (`core.paging`)."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        # SQLite keeps no zone: the naive value is UTC by this rule.
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Lines(TypeDecorator[Sequence[str]]):
    """Some short lines in one column, as `\\na\\nb\\n`; none is the empty text.

    One text instead of a table of its own: a list that filters by it, and a match that reads two
    thousand rows, need no join.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[str] | None, dialect: Dialect) -> str:
        return "".join(f"\n{line}" for line in value) + "\n" if value else ""

    def process_result_value(self, value: str | None, dialect: Dialect) -> Sequence[str]:
        return tuple(value[1:-1].split("\n")) if value else ()


def holds_one_of(
    column: InstrumentedAttribute[Sequence[str]], lines: Sequence[str]
) -> ColumnElement[bool]:
    """Whether a column of Lines holds at least one of these."""
    text = type_coerce(column, Text)
    return or_(*(text.contains(f"\n{line}\n", autoescape=True) for line in lines))


def holds_nothing(column: InstrumentedAttribute[Sequence[str]]) -> ColumnElement[bool]:
    """Whether a column of Lines is empty."""
    return type_coerce(column, Text) == ""


def code_enum(values: type[StrEnum], name: str, *, is_checked: bool = True) -> Enum:
    """An enum kept as its value, in a VARCHAR with a named CHECK on both databases.

    is_checked: False where the values grow with each version and the table is too large to be made
    anew for one more.
    """
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=is_checked,
        validate_strings=True,
        length=40,
        values_callable=_values,
    )


_values: Callable[[type[StrEnum]], list[str]] = lambda kind: [m.value for m in kind]  # noqa: E731


def is_personal(column_type: object) -> bool:
    """Whether a column of this type holds personal data."""
    return isinstance(column_type, PersonalText)
