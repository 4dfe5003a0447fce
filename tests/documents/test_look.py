"""The look of a city: read once, refused with the reason."""

import json
from pathlib import Path

import pytest
import typer

from app.documents.look import DEFAULT_LOOK, PNG, TEXT_CONTRAST, LookError, contrast, read_look
from app.opening import read_settings

SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)


def look_file(folder: Path, content: bytes = SVG, changed: dict[str, object] | None = None) -> Path:
    given = {"name": "Stad Genk", "colour": "#14375E", "accent": "#b3471d", "logo": "logo.svg"}
    (folder / "logo.svg").write_bytes(content)
    (folder / "look.json").write_text(json.dumps(given | (changed or {})))
    return folder / "look.json"


def test_without_a_file_the_look_is_neutral_and_readable() -> None:
    assert read_look(None) == DEFAULT_LOOK
    assert contrast(DEFAULT_LOOK.colour, "#ffffff") >= TEXT_CONTRAST
    assert contrast(DEFAULT_LOOK.accent, "#ffffff") >= TEXT_CONTRAST


def test_a_look_has_a_name_colours_and_a_logo(tmp_path: Path) -> None:
    look = read_look(look_file(tmp_path))
    assert (look.name, look.colour) == ("Stad Genk", "#14375e")
    assert look.logo is not None
    assert look.logo.text == "Stad Genk"
    assert look.logo.as_address.startswith("data:image/svg+xml;base64,")


def test_contrast_is_the_one_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"colour": "#777777"}, "colour: #777777 has a contrast of 4.5"),
        ({"accent": "#ffcc00"}, "accent"),
        ({"colour": "red"}, "colour"),
        ({"colour": "#14375e; } body { x: url(//a)"}, "colour"),
        ({"logo": "../logo.svg"}, "logo"),
        ({"logo": "other.svg"}, "logo: cannot be read"),
        ({"logo": "logo.gif"}, "logo"),
        ({"name": ""}, "logo_text"),
        ({"font": "x"}, "font"),
    ],
)
def test_a_look_that_cannot_be_used_is_refused(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    with pytest.raises(LookError, match=said.replace(".", r"\.")):
        read_look(look_file(tmp_path, changed=changed))


@pytest.mark.parametrize(
    "inside",
    [
        b"<script>1</script>", b"<rect onload='x'/>", b"<image href='http://example.org/x'/>",
        b"<use xlink:href='//example.org/#a'/>", b"<style>@import 'x'</style>",
        b"<foreignObject/>", b"<rect fill='url(http://example.org/#a)'/>",
    ],
)  # fmt: skip
def test_a_logo_that_runs_or_fetches_is_refused(tmp_path: Path, inside: bytes) -> None:
    with pytest.raises(LookError, match="logo"):
        read_look(look_file(tmp_path, SVG.replace(b"<rect", inside + b"<rect", 1)))


def test_a_logo_is_what_its_name_says(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(b"GIF89a")
    with pytest.raises(LookError, match="no PNG"):
        read_look(_png(tmp_path))
    (tmp_path / "logo.png").write_bytes(PNG + b"x")
    assert read_look(_png(tmp_path)).logo is not None
    (tmp_path / "logo.png").write_bytes(PNG + b"x" * 300_000)
    with pytest.raises(LookError, match="larger"):
        read_look(_png(tmp_path))


def _png(folder: Path) -> Path:
    path = folder / "png.json"
    path.write_text(json.dumps({"logo": "logo.png", "logo_text": "Stad"}))
    return path


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LookError, match="cannot be read"):
        read_look(tmp_path / "absent.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(LookError, match="the file"):
        read_look(tmp_path / "bad.json")


def test_a_server_does_not_start_with_a_look_that_cannot_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = look_file(tmp_path, changed={"colour": "#eeeeee"})
    monkeypatch.setenv("BUREAU_LOOK", str(path))
    with pytest.raises(typer.Exit):
        read_settings()
    monkeypatch.setenv("BUREAU_LOOK", str(look_file(tmp_path)))
    assert read_settings().look == path
