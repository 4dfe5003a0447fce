"""The finder of canaries finds them, also in disguise."""

from base64 import b64encode

import pytest

from tests.makers.canaries import Canaries, spoilt


def test_a_canary_is_found_plain() -> None:
    canaries = Canaries([], {})
    first, second = canaries.new("a"), canaries.new("b")
    assert canaries.found_in(f"\x00{first}xyz".encode()) == {"a"}
    assert canaries.found_in(f"{second}{first}".encode("latin-1")) == {"a", "b"}
    assert canaries.found_in(first[:-1].encode() + b"\xff") == set()


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz", "naam: "])
def test_a_canary_is_found_in_disguise(before: str) -> None:
    canaries = Canaries([], {})
    text = f"{before}{canaries.new('a')} en meer".encode()
    assert canaries.found_in(b64encode(text)) == {"disguised"}
    assert canaries.found_in(text.hex().encode()) == {"disguised"}
    assert canaries.found_in(b64encode(b"Nothing of the kind stands here.")) == set()


def test_canaries_go_where_any_text_may_stand() -> None:
    canaries = Canaries(
        [], {"Part": {"type": "object", "properties": {"note": {"type": "string"}}}}
    )
    schema = {
        "type": "object",
        "properties": {
            "code": {"type": "string", "pattern": "^[a-z]+$"},
            "token": {"type": "string"},
            "title": {"anyOf": [{"type": "string", "maxLength": 40}, {"type": "null"}]},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
        },
    }
    value = {"code": "a", "token": "t", "title": "Titel", "parts": [{"note": "n"}]}
    planted = canaries.plant(schema, value, "act")
    assert (planted["code"], planted["token"]) == ("a", "t")
    assert planted["title"].startswith("Titel kanarie")
    assert len(planted["title"]) <= 40
    assert set(canaries.places.values()) == {"act/title", "act/parts/note"}


def test_each_value_of_a_body_is_spoilt_in_turn() -> None:
    bodies = list(spoilt({"a": "x", "b": [{"c": 1}]}, "kanarie"))
    assert len(bodies) == 4 * 6
    assert {"a": "kanarie", "b": [{"c": 1}]} in bodies
    assert {"a": "x", "b": [{"c": ["kanarie"]}]} in bodies
