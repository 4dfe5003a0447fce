"""What may be sent about indicators. A plan itself: see `plan_file`."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from app.api.fields import Body, Remark
from app.indicators.plan_file import Number, PlanCode, PlanYear, decimal

DECIMALS = 3


def _check_decimals(value: float) -> float:
    if round(value, DECIMALS) != value:
        raise PydanticCustomError("too_precise", "more than three decimals")
    return value


Value = Annotated[Number, AfterValidator(_check_decimals)]

WebAddress = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~]*)?$", max_length=500),
]


class ValueBody(Body):
    """value: of what is counted, measured or has a norm; fulfilled: of everything else.
    evidence: what shows it, without names of people. plan: needed when several hold the year."""

    year: PlanYear
    plan: PlanCode | None = None
    value: Value | None = None
    fulfilled: bool | None = None
    evidence: Remark
    link: WebAddress | None = None

    def number(self) -> Decimal | None:
        return None if self.value is None else decimal(self.value)


class WithdrawalBody(Body):
    year: PlanYear
    plan: PlanCode | None = None
    reason: Remark


YearNumber = Annotated[int, Field(ge=1990, le=2199)]
