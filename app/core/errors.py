"""Named errors of the domain. They know no HTTP: `app.api.problems` renders them."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.folding import fold


class BureauError(Exception):
    """A refusal with a stable code; `detail` is safe to show to whoever asked."""

    code = "error"
    title = "The request was refused"

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code


class NotFoundError(BureauError):
    """Absent, or hidden from this actor: the two must look the same."""

    code = "not_found"
    title = "Not found"


class NotAuthenticatedError(BureauError):
    code = "not_authenticated"
    title = "Log in first"


class PermissionDeniedError(BureauError):
    code = "permission_denied"
    title = "Your role does not allow this"


class StepUpNeededError(PermissionDeniedError):
    """The session is good, but what it asks for needs a recent proof of who holds it."""

    code = "step_up_needed"
    title = "Show again who you are"


class ConflictError(BureauError):
    """The act does not fit the present state of its object."""

    code = "conflict"
    title = "The act does not fit the present state"


class StaleVersionError(BureauError):
    code = "stale_version"
    title = "Somebody changed this in the meantime"


class TooManyAttemptsError(BureauError):
    code = "too_many_attempts"
    title = "Too many attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class UnavailableError(BureauError):
    code = "unavailable"
    title = "The service is not available for a moment"


@dataclass(frozen=True)
class FieldError:
    """One wrong field: a JSON pointer into the body, a sentence, a stable code."""

    pointer: str
    message: str
    code: str


class InvalidInputError(BureauError):
    code = "invalid_input"
    title = "The input is not valid"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__("; ".join(f"{e.pointer}: {e.message}" for e in errors))
        self.errors = errors


def invalid(pointer: str, message: str, code: str) -> InvalidInputError:
    """One wrong field."""
    return InvalidInputError(FieldError(pointer, message, code))


def duplicate_errors(values: Iterable[str], pointer: str) -> list[FieldError]:
    """One error for each value that stands in the list more than once, case and accents apart."""
    seen: set[str] = set()
    errors = []
    for position, value in enumerate(map(fold, values)):
        if value in seen:
            errors.append(FieldError(f"{pointer}/{position}", "stands here twice", "duplicate"))
        seen.add(value)
    return errors
