"""Which code made a result that is kept."""

from importlib.metadata import PackageNotFoundError, version


def code_version(form: int) -> str:
    """form: of the result, raised when the same input would give another one."""
    try:
        return f"{version('bureau')}/{form}"
    except PackageNotFoundError:
        return f"source/{form}"
