"""Papers that the demo files: a PDF and a PNG made here, filed as an upload would be."""

import io
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from app.attachments import inspection, service
from app.attachments.domain import OwnerKind, type_of
from app.attachments.service import StoredFile
from app.attachments.storage import Storage
from app.core.access import Actor


class Cabinet:
    """Where the papers of agreements and activities go."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def file(
        self,
        session: Session,
        actor: Actor,
        kind: OwnerKind,
        owner_id: UUID,
        *,
        name: str,
        content: bytes,
        at: datetime,
    ) -> None:
        found = type_of(name, "")
        inspection.inspect(io.BytesIO(content), found)
        storage_id, key = self._storage.put(io.BytesIO(content), at=at)
        stored = StoredFile(
            storage_id=storage_id,
            key=key,
            name=name,
            media_type=found.media_type,
            size_bytes=len(content),
            sha256=sha256(content).hexdigest(),
        )
        service.add(session, actor, kind, owner_id, stored, at=at)


def pdf(lines: Sequence[str]) -> bytes:
    """One page with these lines, the first as its title."""
    shown = []
    for place, line in enumerate(lines):
        size, height = (18, 770) if place == 0 else (11, 740 - 18 * place)
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown.append(f"BT /F1 {size} Tf 60 {height} Td ({escaped}) Tj ET")
    content = "\n".join(shown).encode("cp1252", "replace")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def png(width: int, height: int) -> bytes:
    """A poster of coloured bands."""
    bands = (b"\x1f\x4e\x79", b"\xf2\xb1\x34", b"\xd9\xe8\xf5", b"\xc8\x4b\x31")
    rows = b"".join(
        b"\0" + bands[line * len(bands) // height] * width  # 0: the row is not filtered
        for line in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, colours
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
