"""Bodies that operators write by hand: no field too many, and faults told in plain words."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

DAY = "a day is written like 2027-03-01"
# What a scheme may be called, and how stores are.
NAME = r"^[a-z][a-z0-9_]{0,19}$"
TIME = "a time is written like 2027-01-01T00:00:00+08:00"
_PLAIN = {
    "extra_forbidden": "no such field",
    "missing": "is missing",
    "model_attributes_type": 'a JSON object is expected: {"...": ...}',
    "model_type": 'a JSON object is expected: {"...": ...}',
    "timezone_aware": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
}


def _written(value: object) -> object:
    """Numbers would be taken for seconds, and times for days."""
    if type(value) is date or re.fullmatch(r"\d{4}-\d\d-\d\d", str(value), re.ASCII):
        return value
    raise PydanticCustomError("day", DAY)


Day = Annotated[date, BeforeValidator(_written)]
Store = Annotated[str, Field(pattern=r"^[0-9A-HJKMNP-TV-Z]{3}$")]


class Strict(BaseModel):
    """A body that refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="wrap")
    @classmethod
    def _in_plain_words(cls, value: Any, handler: ModelWrapValidatorHandler["Strict"]) -> "Strict":
        try:
            return handler(value)
        except ValidationError as error:
            faults = [_plain(one) for one in error.errors(include_url=False)]
            raise ValidationError.from_exception_data(error.title, faults) from None


def _plain(one: ErrorDetails) -> InitErrorDetails:
    kind, told = one["type"], one.get("ctx", {}).get("error")
    # Of what was put in plain words further in there is no error left.
    own = kind == "value_error" and told is not None
    words = str(told) if own else _PLAIN.get(kind, one["msg"])
    fault = PydanticCustomError(kind, words)
    return InitErrorDetails(type=fault, loc=one["loc"], input=one["input"])
