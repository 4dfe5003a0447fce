"""The declarative base: naming convention, ids, version counter."""

from typing import Any, ClassVar
from uuid import UUID, uuid4

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from app.core.errors import StaleVersionError

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """sealed_by: the attribute that names whose data key seals the personal columns; None: the
    house's own (see `core.sealed_rows`)."""

    metadata = MetaData(naming_convention=NAMING)
    sealed_by: ClassVar[str | None] = None


class Identified:
    """A random id: one with a time inside would undo the day precision of anonymous reports."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)


class Versioned:
    """A counter that every change raises; it is the ETag.

    Children do not raise it by themselves: an act that changes only a child calls `touch`.
    """

    version: Mapped[int] = mapped_column(default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805
        return {"version_id_col": cls.version, "version_id_generator": False}

    def touch(self) -> None:
        """Raise the version; two that try at once: the UPDATE of the second finds no row."""
        self.version += 1

    def require_version(self, expected: int | None) -> None:
        """Raises StaleVersionError when the caller saw another version. None: not asked."""
        if expected is not None and expected != self.version:
            raise StaleVersionError("Read it again, then repeat your change.")
