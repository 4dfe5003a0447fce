"""The letters of prints: files of a pinned wheel, the same on every machine.

Source Sans Pro (SIL Open Font License 1.1, in the wheel).
"""

from functools import cache
from importlib import resources
from pathlib import Path

FAMILY = "Source Sans Pro"
STYLES = ("Regular", "It", "Semibold", "SemiboldIt", "Bold", "BoldIt")


@cache
def font_files() -> list[Path]:
    """Files of the styles that are used, in one order."""
    folder = Path(str(resources.files("font_source_sans_pro"))) / "files"
    return [folder / f"SourceSansPro-{style}.ttf" for style in STYLES]
