"""Which passwords are taken, and that old hashes are renewed."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy import select, update

from app.core import clock
from app.core.access import Role
from app.core.database import Database
from app.core.errors import InvalidInputError
from app.identity import passwords
from app.identity.credentials import check_password
from app.identity.domain import own_part
from app.identity.models import StaffAccount
from app.identity.partner_models import PartnerPerson
from tests.makers.partner_access import PASSWORD, join, log_in_person
from tests.makers.partners import make_partner
from tests.makers.second_factors import make_colleague
from tests.makers.tour import done

NEAR = ("Sint-Truiden", "ilse", "Ilse Van Gènechten")


def _refused(password: str) -> str:
    with pytest.raises(InvalidInputError) as refused:
        passwords.new_hash(password, near=NEAR, pointer="/new_password")
    (error,) = refused.value.errors
    assert error.pointer == "/new_password"
    assert password not in str(error)
    return error.code


@pytest.mark.parametrize(
    "password",
    [
        "123456789012",
        "qwertyuiopasdfghjklzxcvbnm",
        "passwordpassword",
        "PasswordPassword",
        "iloveyou1234",
        "administrator",
        "aaaaaaaaaaaa",
        "motdepasse123",
    ],
)
def test_a_password_that_is_known_from_breaches_is_refused(password: str) -> None:
    assert _refused(password) == "known_password"


@pytest.mark.parametrize(
    "password",
    [
        "bureau-2026-11",
        "Gelijkebehandeling!",
        "discriminatie1",
        "Truiden-Sint-3800",
        "ILSE.Genechten.85",
        "Gènechten!!!1985",
        "unia unia unia unia",
    ],
)
def test_a_password_of_names_and_words_that_stand_close_is_refused(password: str) -> None:
    assert _refused(password) == "expected_words"


@pytest.mark.parametrize(
    "password",
    [
        PASSWORD,
        "bureau met paarse olifanten",
        "ilse kan heel hoog springen",
        "ゆうひがとてもきれいですね",
        "%&/()=?!§$-_:;<>|",
        "x" * 199 + "y",
    ],
)
def test_any_other_password_is_taken_as_it_is(password: str) -> None:
    kept = passwords.new_hash(password, near=NEAR)
    assert check_password(password, kept).is_right
    assert not check_password(password[:-1], kept).is_right
    assert not check_password(password.swapcase() + "1", kept).is_right


def test_a_longer_word_goes_before_the_one_inside_it() -> None:
    assert own_part("meldpunten-12", {"meld", "meldpunt"}) == "en12"
    assert own_part("aabab", {"ab"}) == "a"


def test_nobody_has_no_password() -> None:
    for stored in (None, ""):
        assert not check_password("", stored).is_right
        assert not check_password(PASSWORD, stored).is_right


def test_a_hash_of_older_parameters_is_renewed_when_a_colleague_logs_in(
    application: FastAPI, database: Database
) -> None:
    ilse = make_colleague(application, Role.ANALYST)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.transaction() as session:
        session.execute(update(StaffAccount).values(password_hash=weak))
    assert ilse.log_in(password="something else").status_code == 401
    assert _hash_of(database) == weak
    done(ilse.log_in())
    renewed = _hash_of(database)
    assert renewed != weak
    assert not check_password(PASSWORD, renewed).renewed_hash
    done(ilse.log_in())
    assert _hash_of(database) == renewed


def test_a_hash_of_older_parameters_is_renewed_when_a_person_logs_in(database: Database) -> None:
    now = clock.now()
    with database.transaction() as session:
        partner_id = make_partner(session).id
    joined = join(database, partner_id, at=now)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with database.transaction() as session:
        session.execute(update(PartnerPerson).values(password_hash=weak))
    log_in_person(database, joined, now + timedelta(seconds=30))
    with database.snapshot() as session:
        renewed = session.scalars(select(PartnerPerson.password_hash)).one()
    assert renewed != weak
    assert check_password(PASSWORD, renewed).is_right


def _hash_of(database: Database) -> str:
    with database.snapshot() as session:
        return session.scalars(select(StaffAccount.password_hash)).one()
