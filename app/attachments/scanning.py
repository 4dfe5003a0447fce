"""The optional virus scan: clamd's INSTREAM protocol."""

import socket
import struct
from typing import BinaryIO

import structlog

from app.core.errors import UnavailableError, invalid

log = structlog.get_logger()

CHUNK_BYTES = 64 * 1024
TIMEOUT_SECONDS = 30.0
MOST_ANSWER_BYTES = 1000


def scan(file: BinaryIO, clamd: str | None) -> None:
    """clamd: host:port or the path of a socket; None: no scan.

    Raises InvalidInputError with `virus_found`, UnavailableError when there is no clear answer: a
    file that was not scanned is not taken.
    """
    if clamd is None:
        return
    try:
        with _connect(clamd) as connection:
            answer = _ask(connection, file)
    except (OSError, ValueError) as error:
        log.error("virus_scan_failed", kind=type(error).__name__)
        raise _no_answer() from None
    if answer.endswith(b" FOUND"):
        log.warning("virus_found")
        raise invalid("/file", "the virus scan found something", "virus_found")
    if answer != b"stream: OK":
        log.error("virus_scan_failed", kind="answer")
        raise _no_answer()


def _connect(clamd: str) -> socket.socket:
    if clamd.startswith("/"):
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.connect(clamd)
        except OSError:
            connection.close()
            raise
        return connection
    host, _, port = clamd.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=TIMEOUT_SECONDS)


def _ask(connection: socket.socket, file: BinaryIO) -> bytes:
    file.seek(0)
    connection.sendall(b"zINSTREAM\0")
    while chunk := file.read(CHUNK_BYTES):
        connection.sendall(struct.pack(">I", len(chunk)) + chunk)
    connection.sendall(struct.pack(">I", 0))
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MOST_ANSWER_BYTES:
        more = connection.recv(MOST_ANSWER_BYTES)
        if not more:
            break
        answer += more
    return answer.rstrip(b"\0")


def _no_answer() -> UnavailableError:
    return UnavailableError("The file could not be scanned; try again later.", code="not_scanned")
