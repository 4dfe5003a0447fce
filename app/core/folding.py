"""Names compared without case and accents."""

import unicodedata


def fold(text: str) -> str:
    """Without case and accents: how names of places and organisations are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def fold_line(text: str) -> str:
    """Folded, and each run of spaces as one."""
    return " ".join(fold(text).split())
