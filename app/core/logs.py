"""Structured logs: a static message and ids as fields, so that personal data cannot slip in."""

import logging
from contextlib import suppress
from typing import Any

import structlog


class LinePrinter(structlog.PrintLogger):
    """A line that cannot be written, as on a full disk, must not cost anybody an answer."""

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


def _printer(*_arguments: Any) -> LinePrinter:
    return LinePrinter()


def configure_logs(form: str, level: str) -> None:
    """form: json or console. level: debug, info, warning, error."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=_printer,
        cache_logger_on_first_use=True,
    )
    # Libraries that log by themselves may put values into their messages: only warnings and worse.
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
