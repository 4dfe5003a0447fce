"""People of partners log in with a password and a second factor."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app.core import clock
from app.core.database import Database
from app.core.errors import (
    TooManyAttemptsError,
)
from app.identity import second_factor
from app.identity.partner_models import RecoveryCode
from tests.makers.partner_access import (
    at_once,
    code_at,
    join,
    log_in_person,
    refusal,
)
from tests.makers.partners import make_partner

NOW = clock.now()
STEP = timedelta(seconds=30)


@pytest.fixture
def partner_id(database: Database) -> UUID:
    with database.transaction() as session:
        return make_partner(session).id


def test_whatever_is_wrong_the_answer_is_the_same(database: Database, partner_id: UUID) -> None:
    joined = join(database, partner_id, at=NOW)
    at = NOW + STEP
    wrong = f"{(int(joined.code(at)) + 1) % 10**6:06}"
    answers = {
        refusal(lambda: log_in_person(database, joined, at, username="nobody")),
        refusal(lambda: log_in_person(database, joined, at, password="something else")),
        refusal(lambda: log_in_person(database, joined, at, code=wrong)),
        refusal(lambda: log_in_person(database, joined, at, code="aaaa-bbbb-cccc-dddd")),
    }
    assert len(answers) == 1


def test_a_code_works_once(database: Database, partner_id: UUID) -> None:
    joined = join(database, partner_id, at=NOW)
    refusal(lambda: log_in_person(database, joined, NOW))  # used to confirm
    assert log_in_person(database, joined, NOW + STEP)
    refusal(lambda: log_in_person(database, joined, NOW + STEP))
    earlier = joined.code(NOW)
    refusal(lambda: log_in_person(database, joined, NOW + STEP, code=earlier))
    assert log_in_person(database, joined, NOW + 2 * STEP)


def test_of_two_with_one_code_at_once_one_gets_in(database: Database, partner_id: UUID) -> None:
    joined = join(database, partner_id, at=NOW)
    outcomes = at_once(
        lambda: log_in_person(database, joined, NOW + STEP),
        lambda: log_in_person(database, joined, NOW + STEP, address="b"),
    )
    assert outcomes == ["done", "wrong_login"]


def test_a_recovery_code_works_once_however_it_is_typed(
    database: Database, partner_id: UUID
) -> None:
    joined = join(database, partner_id, at=NOW)
    code = joined.recovery_codes[3]
    typed = code.upper().replace("-", " ")
    assert log_in_person(database, joined, NOW, code=typed)
    refusal(lambda: log_in_person(database, joined, NOW, code=code))
    with database.snapshot() as session:
        kept = session.scalars(select(RecoveryCode.code_hash)).all()
    assert len(kept) == 9
    assert not set(kept) & set(joined.recovery_codes)


def test_of_two_with_one_recovery_code_at_once_one_gets_in(
    database: Database, partner_id: UUID
) -> None:
    joined = join(database, partner_id, at=NOW)
    code = joined.recovery_codes[0]
    outcomes = at_once(
        lambda: log_in_person(database, joined, NOW, code=code),
        lambda: log_in_person(database, joined, NOW, code=code, address="b"),
    )
    assert outcomes == ["done", "wrong_login"]


def test_failures_make_wait(database: Database, partner_id: UUID) -> None:
    joined = join(database, partner_id, at=NOW)
    for _ in range(5):
        refusal(lambda: log_in_person(database, joined, NOW + STEP, password="something else"))
    with pytest.raises(TooManyAttemptsError):
        log_in_person(database, joined, NOW + STEP)
    assert log_in_person(database, joined, NOW + STEP, address="another")


def test_guessing_codes_from_many_addresses_makes_wait_without_telling(
    database: Database, partner_id: UUID
) -> None:
    joined = join(database, partner_id, at=NOW)
    at = NOW + STEP

    def guess(address: str) -> object:
        return log_in_person(database, joined, at, code="aaaa", address=address)

    for address in "bcdefg":
        refusal(partial(guess, address))
    refusal(lambda: log_in_person(database, joined, at, address="z"))
    later = at + timedelta(minutes=1)
    assert log_in_person(database, joined, later, address="z")


@given(offset=st.integers(-300, 300), start=st.integers(10**9, 2 * 10**9))
def test_a_code_belongs_to_its_step_and_the_two_beside_it(offset: int, start: int) -> None:
    shown_at, used_at = (datetime.fromtimestamp(s, UTC) for s in (start, start + offset))
    secret = second_factor.new_secret()
    step = second_factor.matching_step(secret, code_at(secret, shown_at), at=used_at)
    apart = (start + offset) // 30 - start // 30
    if abs(apart) <= 1:
        assert step is not None
    elif step is not None:
        # One code in a million belongs to two steps.
        assert code_at(secret, datetime.fromtimestamp(step * 30, UTC)) == code_at(secret, shown_at)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "१२३४५६", "abcdef"])
def test_only_six_digits_are_a_time_code(code: str) -> None:
    assert not second_factor.is_time_code(code)


def test_a_recovery_code_holds_128_bits_and_more() -> None:
    codes = second_factor.new_recovery_codes()
    texts = [code.replace("-", "") for code in codes]
    assert len(set(texts)) == 10
    for text in texts:
        assert re.fullmatch("[a-z2-7]{26}", text)  # 5 bits each
    drawn = "".join(text for _ in range(200) for text in second_factor.new_recovery_codes())
    seen = Counter(drawn.replace("-", ""))
    # Each of the 32 as often as the others: 52,000 drawn, 1,625 expected, 40 the deviation.
    assert len(seen) == 32
    assert all(1_300 < count < 1_950 for count in seen.values())
