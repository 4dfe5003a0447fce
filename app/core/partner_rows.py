"""A partner's transaction finds on PostgreSQL only the rows that are the partner's own.

The second line behind the queries of the partner's surface: policies of the tables (migration 0020)
look at a setting that lives as long as the transaction. It holds against a query that forgot its
filter, not against who can send SQL of their own. SQLite has no such line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

SETTING = "bureau.partner_id"

_SET = select(func.set_config(SETTING, bindparam("partner"), True))  # True: this transaction only
_PARTNER = "partner_rows_of"

OPEN_TO_PARTNERS = frozenset(
    {
        "audit_pending",  # written by the trigger of the trail: ids
        "data_keys",  # wrapped; what they open is not found
        "kept_answers",  # found and opened by the client's own key alone
        "kept_years",
        "login_throttles",
        "master_key_checks",
        "partner_used_assertions",
        "stale_months",  # written by triggers: months
        "vocabulary_entries",
        "vocabulary_revisions",
    }
)
"""Tables without a policy: nothing in them is of a person or of another partner."""


def narrow(session: Session, partner_id: UUID) -> None:
    """From now on to its end, this transaction finds only what is this partner's."""
    session.info[_PARTNER] = str(partner_id)
    session.connection().execute(_SET, {"partner": str(partner_id)})


@contextmanager
def house_rows(session: Session) -> Iterator[None]:
    """For what the bureau itself does in a partner's act, such as noting it in the case.

    Nothing that is found in the block may reach the partner as it is.
    """
    partner = session.info.get(_PARTNER)
    if partner is None:
        yield
        return
    session.flush()
    session.connection().execute(_SET, {"partner": ""})
    try:
        yield
        session.flush()
    except DBAPIError:
        raise  # the transaction is over: it takes no statement, and finds nothing
    except BaseException:
        session.connection().execute(_SET, {"partner": partner})
        raise
    session.connection().execute(_SET, {"partner": partner})
