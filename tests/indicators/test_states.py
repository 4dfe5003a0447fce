"""When a norm is due and when it is missed: the rules alone."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.indicators.domain import (
    FREQUENCIES_OF,
    Frequency,
    Kind,
    Norm,
    Operator,
    Per,
    Reached,
    State,
    Terms,
    judge,
    window_of,
)

FIRST, LAST = 2009, 2011
YEARS = range(FIRST, LAST + 1)


def _norm(value: int = 4, per: Per = Per.YEAR, operator: Operator = Operator.AT_LEAST) -> Norm:
    return Norm(operator, Decimal(value), per)


def _terms(
    *due: int,
    kind: Kind = Kind.ACTIVITY_COUNT,
    frequency: Frequency = Frequency.YEARLY,
    norm: Norm | None = None,
) -> Terms:
    return Terms(kind, frequency, FIRST, LAST, due, norm)


def _values(**of_years: int) -> dict[int, Reached]:
    return {int(year[1:]): Reached(Decimal(value)) for year, value in of_years.items()}


reached = st.builds(
    Reached,
    st.none() | st.decimals(0, 20, places=1),
    st.none() | st.booleans(),
)
known = st.dictionaries(st.sampled_from(YEARS), reached)


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    frequency = draw(st.sampled_from(Frequency))
    pers = [per for per, fitting in FREQUENCIES_OF.items() if frequency in fitting]
    norm = draw(
        st.none()
        | st.builds(
            Norm,
            st.sampled_from(Operator),
            st.decimals(0, 20, places=1),
            st.sampled_from(pers),
        )
        if pers
        else st.none()
    )
    due = draw(st.sets(st.sampled_from(YEARS)))
    return Terms(draw(st.sampled_from(Kind)), frequency, FIRST, LAST, sorted(due), norm)


@given(terms(), known, st.sampled_from(YEARS), st.integers(2005, 2030))
def test_a_year_that_the_plan_leaves_open_is_never_missed(
    asked: Terms, found: dict[int, Reached], year: int, this_year: int
) -> None:
    state = judge(asked, year, found, this_year=this_year).state
    if not asked.due_years:
        assert state in (State.OPEN, State.MET)
    elif year not in asked.due_years and asked.frequency is not Frequency.EVERY_TWO_YEARS:
        window = window_of(asked, year)
        is_between = window is not None and window.due_from <= year
        assert is_between or state in (State.NOT_DUE, State.MET)


@given(terms(), known, st.sampled_from(YEARS), st.integers(2005, 2030))
def test_nothing_is_missed_before_its_time_is_over_unless_a_ceiling_is_passed(
    asked: Terms, found: dict[int, Reached], year: int, this_year: int
) -> None:
    standing = judge(asked, year, found, this_year=this_year)
    if standing.state in (State.NOT_MET, State.UNKNOWN):
        is_ceiling = asked.norm is not None and asked.norm.operator is Operator.AT_MOST
        assert standing.window is not None
        assert standing.window.last < this_year or is_ceiling
        assert not standing.window.is_open


@given(terms(), known, st.sampled_from(YEARS), st.integers(2005, 2030), st.integers(0, 20))
def test_a_year_that_reaches_the_norm_meets_it_whatever_the_others_are(
    asked: Terms, found: dict[int, Reached], year: int, this_year: int, more: int
) -> None:
    window = window_of(asked, year)
    if window is None or asked.norm is None or asked.norm.operator is Operator.AT_MOST:
        return
    enough = {window.last: Reached(asked.norm.value + more)}
    assert judge(asked, year, found | enough, this_year=this_year).state is State.MET


@given(terms(), known, st.sampled_from(YEARS))
def test_what_is_known_does_not_depend_on_the_order_of_entering(
    asked: Terms, found: dict[int, Reached], year: int
) -> None:
    backwards = dict(reversed(found.items()))
    there, back = (judge(asked, year, one, this_year=2012) for one in (found, backwards))
    assert there == back


def test_three_of_four_in_a_year_is_missed_once_the_year_is_over() -> None:
    asked = _terms(*YEARS, norm=_norm())
    found = _values(y2009=3, y2010=4)
    assert judge(asked, 2009, found, this_year=2009).state is State.PENDING
    assert judge(asked, 2009, found, this_year=2010).state is State.NOT_MET
    assert judge(asked, 2010, found, this_year=2010).state is State.MET
    assert judge(asked, 2011, found, this_year=2012).state is State.UNKNOWN


def test_a_window_of_two_years_is_missed_after_the_second_only() -> None:
    asked = _terms(2009, 2010, frequency=Frequency.ONCE, kind=Kind.DOCUMENT)
    no = {2009: Reached(fulfilled=False)}
    assert judge(asked, 2009, no, this_year=2010).state is State.PENDING
    assert judge(asked, 2010, no, this_year=2010).state is State.PENDING
    assert judge(asked, 2009, no, this_year=2011).state is State.NOT_MET
    done = no | {2010: Reached(fulfilled=True)}
    assert {judge(asked, year, done, this_year=2011).state for year in (2009, 2010)} == {State.MET}
    assert judge(asked, 2011, done, this_year=2012).state is State.NOT_DUE


def test_what_is_done_before_it_is_due_counts() -> None:
    asked = _terms(2011, frequency=Frequency.ONCE, kind=Kind.DOCUMENT)
    early = {2010: Reached(fulfilled=True)}
    assert judge(asked, 2010, {}, this_year=2010).state is State.NOT_DUE
    assert judge(asked, 2010, early, this_year=2010).state is State.MET
    assert judge(asked, 2011, early, this_year=2012).state is State.MET


def test_every_two_years_a_round_a_year_later_is_in_time() -> None:
    asked = _terms(2009, 2011, frequency=Frequency.EVERY_TWO_YEARS, norm=_norm(1, Per.TWO_YEARS))
    assert judge(asked, 2009, _values(y2010=1), this_year=2011).state is State.MET
    assert judge(asked, 2010, _values(y2009=1), this_year=2011).state is State.MET
    assert judge(asked, 2011, _values(y2009=1), this_year=2012).state is State.UNKNOWN
    assert judge(asked, 2009, _values(y2009=0), this_year=2010).state is State.PENDING


def test_counts_of_a_window_add_up_and_of_figures_the_best_year_stands() -> None:
    norm = _norm(10, Per.PLAN)
    found = _values(y2009=6, y2010=5)
    counts = _terms(2009, 2010, frequency=Frequency.ONCE, norm=norm)
    figures = _terms(2009, 2010, frequency=Frequency.ONCE, norm=norm, kind=Kind.FIGURE)
    assert judge(counts, 2010, found, this_year=2011).total == 11
    assert judge(counts, 2010, found, this_year=2011).state is State.MET
    assert judge(figures, 2010, found, this_year=2011).total == 6
    assert judge(figures, 2010, found, this_year=2011).state is State.NOT_MET


def test_a_ceiling_is_kept_at_the_end_and_lost_when_it_is_passed() -> None:
    asked = _terms(2010, norm=_norm(2, operator=Operator.AT_MOST))
    assert judge(asked, 2010, _values(y2010=2), this_year=2010).state is State.PENDING
    assert judge(asked, 2010, _values(y2010=2), this_year=2011).state is State.MET
    assert judge(asked, 2010, _values(y2010=3), this_year=2010).state is State.NOT_MET


def test_without_a_number_one_that_is_counted_is_enough() -> None:
    asked = _terms(2009, frequency=Frequency.ONCE)
    assert judge(asked, 2009, _values(y2009=1), this_year=2009).state is State.MET
    assert judge(asked, 2009, _values(y2009=0), this_year=2010).state is State.NOT_MET
    measured = _terms(2009, frequency=Frequency.ONCE, kind=Kind.FIGURE)
    assert judge(measured, 2009, _values(y2009=0), this_year=2010).state is State.MET


def test_what_depends_on_something_that_is_not_there_is_not_due() -> None:
    asked = _terms(2009, frequency=Frequency.ONCE, kind=Kind.DOCUMENT)
    not_there = {2009: Reached(Decimal(0), is_due=False)}
    assert judge(asked, 2009, not_there, this_year=2012).state is State.NOT_DUE
