"""A stored file opens whole or not at all."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.sealed_files import (
    PART_BYTES,
    PREFIX_BYTES,
    TAG_BYTES,
    DamagedFileError,
    new_key,
    opened,
    seal,
)

NAME = b"0123456789abcdef"
SEALED_PART = PART_BYTES + TAG_BYTES


def _sealed(plain: bytes, key: str, name: bytes = NAME) -> bytes:
    out = BytesIO()
    seal(BytesIO(plain), out, key, name)
    return out.getvalue()


@pytest.mark.parametrize(
    "size", [0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, 3 * PART_BYTES + 7]
)
def test_what_was_sealed_is_what_is_opened(size: int) -> None:
    key, plain = new_key(), bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    sealed = _sealed(plain, key)
    assert b"".join(opened(BytesIO(sealed), key, NAME)) == plain
    assert len(sealed) - len(plain) == PREFIX_BYTES + TAG_BYTES * max(1, -(-size // PART_BYTES))


@given(st.data())
def test_any_changed_byte_is_noticed_before_its_part_is_given(data: st.DataObject) -> None:
    key, plain = new_key(), b"a" * (PART_BYTES + 100)
    sealed = bytearray(_sealed(plain, key))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))
    parts: list[bytes] = []
    with pytest.raises(DamagedFileError):
        parts.extend(opened(BytesIO(bytes(sealed)), key, NAME))
    assert plain.startswith(b"".join(parts))


def _cut(sealed: bytes) -> bytes:
    return sealed[: PREFIX_BYTES + SEALED_PART]


def _swapped(sealed: bytes) -> bytes:
    head, body = sealed[:PREFIX_BYTES], sealed[PREFIX_BYTES:]
    return head + body[SEALED_PART : 2 * SEALED_PART] + body[:SEALED_PART] + body[2 * SEALED_PART :]


def _left_out(sealed: bytes) -> bytes:
    return sealed[:PREFIX_BYTES] + sealed[PREFIX_BYTES + SEALED_PART :]


def _emptied(_sealed: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("change", [_cut, _swapped, _left_out, _emptied])
def test_parts_cannot_be_cut_off_swapped_or_left_out(change: object) -> None:
    key = new_key()
    sealed = _sealed(b"a" * PART_BYTES + b"b" * PART_BYTES + b"c" * 10, key)
    assert callable(change)
    with pytest.raises(DamagedFileError):
        list(opened(BytesIO(change(sealed)), key, NAME))


def test_another_file_or_another_key_does_not_open() -> None:
    key = new_key()
    sealed = _sealed(b"Een brief.", key)
    for wrong_key, wrong_name in ((new_key(), NAME), (key, NAME[::-1])):
        with pytest.raises(DamagedFileError):
            list(opened(BytesIO(sealed), wrong_key, wrong_name))
