"""What it takes for a file to be found after a power failure."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """A new name, or one that was changed, is on disk only once its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
