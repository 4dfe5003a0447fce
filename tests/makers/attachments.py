"""Files of every kind, good and bad, and how to send them."""

import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(40)
EXE = b"MZ\x90\x00" + bytes(200)
DOCX_PARTS = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
ODT = "application/vnd.oasis.opendocument.text"


def archive(parts: dict[str, str | bytes], *, stored: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            how = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            file.writestr(name, content, compress_type=how)
    return out.getvalue()


def docx(**more: str | bytes) -> bytes:
    """A text document; `more` are parts, with `__` for `/` and `_dot_` for `.`."""
    parts: dict[str, str | bytes] = {**DOCX_PARTS}
    parts |= {k.replace("__", "/").replace("_dot_", "."): v for k, v in more.items()}
    return archive(parts)


def odt(mimetype: str = ODT, **more: str) -> bytes:
    parts: dict[str, str | bytes] = {"mimetype": mimetype, "content.xml": "<x/>"}
    return archive(parts | {k.replace("__", "/"): v for k, v in more.items()}, stored=("mimetype",))


def send_file(
    client: TestClient, url: str, content: Any = PDF, name: str = "bewijs.pdf", **headers: str
) -> Any:
    return client.post(
        url,
        content=content,
        headers={
            "X-File-Name": quote(name.encode("utf-8", "surrogatepass"), safe=""),
            **{key.replace("_", "-"): value for key, value in headers.items()},
        },
    )


@contextmanager
def clamd(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A virus scanner that answers this to every file; its address and what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)
    got: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := int.from_bytes(stream.read(4), "big"):
                    content += stream.read(size)
                got.append(content)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", got
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
