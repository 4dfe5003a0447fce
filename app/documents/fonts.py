"""The letters of prints: files of pinned wheels, the same on every machine.

Source Sans Pro (SIL Open Font License 1.1, in its wheel); DejaVu Sans, which Matplotlib brings, for
signs and alphabets that the first does not have.
"""

import atexit
import shutil
import tempfile
import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path

import matplotlib
from matplotlib.ft2font import FT2Font

FAMILY, SECOND_FAMILY = "Source Sans Pro", "DejaVu Sans"
STYLES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")
SECOND_STYLES = ("", "-Bold", "-Oblique", "-BoldOblique")
NO_LETTER = "\u25a1"
"""An empty square, where no font has the letter."""
_NOT_DRAWN = frozenset("\n\u00ad\u200b\u200c\u200d")


@cache
def font_files() -> list[Path]:
    """Files of the styles that are used, in one order."""
    first = Path(str(resources.files("font_source_sans_pro"))) / "files"
    second = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    return [
        *(first / f"SourceSansPro-{style}.ttf" for style in STYLES),
        *(second / f"DejaVuSans{style}.ttf" for style in SECOND_STYLES),
    ]


@cache
def font_folder() -> Path:
    """A folder with these files and no others, until the program ends: the wheels hold each style
    in two forms, and which one were found first would differ from machine to machine."""
    folder = Path(tempfile.mkdtemp(prefix="bureau-fonts-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for file in font_files():
        shutil.copy(file, folder)
    return folder


@cache
def _letters() -> frozenset[str]:
    places = {place for file in font_files() for place in FT2Font(str(file)).get_charmap()}
    return frozenset(map(chr, places)) | _NOT_DRAWN


def drawable(text: str) -> str:
    """The text with an empty square for each letter that no font has; a print that lacked one
    would not be accessible, and is refused by who makes it."""
    letters = _letters()
    composed = unicodedata.normalize("NFC", text)
    if all(letter in letters for letter in composed):
        return composed
    return "".join(letter if letter in letters else NO_LETTER for letter in composed)
