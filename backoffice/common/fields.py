"""Fields of the API: strict input, money as strings, account numbers in clear only for those who may read them."""

import functools
from collections.abc import Mapping
from datetime import UTC
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from backoffice.common import formats, money


# The bases have no docstrings: those of serializers are read by users of the API.
class Input(serializers.Serializer[Any]):
    # What comes in. A field that is not known is an error, so that a misspelt one is not silently left out.

    @staticmethod
    def unknown() -> ErrorDetail:
        return ErrorDetail(str(_("There is no such field here.")), code="unknown")

    def to_internal_value(self, data: Any) -> Any:
        unknown = [name for name in data if name not in self.fields] if isinstance(data, Mapping) else []
        if not unknown:
            return super().to_internal_value(data)
        errors: dict[str, Any] = {str(name): [self.unknown()] for name in unknown}
        try:
            super().to_internal_value(data)
        except ValidationError as error:
            errors |= error.detail if isinstance(error.detail, dict) else {}
        raise ValidationError(errors)


class PageQuery(Input):
    USUAL, MOST = 50, 500

    cursor = serializers.CharField(required=False, max_length=1000, help_text="From the link of another page.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST, help_text="Items of a page; 50.")


class Output(serializers.Serializer[Any]):
    # What goes out: every field by name, nothing by reflection.
    pass


@functools.cache
def shared(
    kind: type[serializers.BaseSerializer[Any]], *, many: bool = False, clear: bool = False
) -> serializers.BaseSerializer[Any]:
    """One instance of a serializer for every request: its fields are built once, and it keeps nothing of a call."""
    return kind(many=many, context={"clear": clear})


_MONEY = {"type": "string", "pattern": r"^-?\d{1,18}(\.\d{1,5})?$", "example": "1250.00"}


def plain(amount: Decimal, currency: str) -> str:
    """The amount with its currency's decimals; finer digits, should there be any, are kept."""
    step = Decimal(1).scaleb(-money.EXPONENTS.get(currency, 2))
    rounded = amount.quantize(step)
    return f"{rounded if rounded == amount else amount.normalize():f}"


@extend_schema_field(_MONEY)
class Money(serializers.Field[Any, Any, str, Any]):
    """An amount as a string with its currency's decimals. ``of`` and ``currency`` are attributes of the object."""

    def __init__(self, of: str = "", *, currency: str = "currency", **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)
        self._of, self._currency = of, attrgetter(currency)

    def bind(self, field_name: str, parent: Any) -> None:
        super().bind(field_name, parent)
        self._amount = attrgetter(self._of or field_name)

    def to_representation(self, value: Any) -> str | None:  # type: ignore[override]
        amount = self._amount(value)
        return None if amount is None else plain(amount, self._currency(value))


@extend_schema_field({"type": "string", "pattern": r"^\d{1,13}(\.\d{1,5})?$", "example": "1250.00"})
class MoneyText(serializers.CharField):
    """An amount that comes in: a string, for a number of JSON is a float to most who write it."""

    default_error_messages = {"not_a_string": _('Write the amount as a string, such as "1250.00".')}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_a_string")
        return str(super().to_internal_value(data))


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "example": "16:00:00"})
class Clock(serializers.TimeField):
    """An hour of a day in a time zone that stands elsewhere: the "time" of JSON schemas would name one."""


@extend_schema_field({"type": "string", "description": "Masked unless the right iban.view is held."})
class Number(serializers.CharField):
    """An account number (IBAN or other), masked for who may not read it in clear."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> str:
        return str(value) if self.context.get("clear") else formats.masked(str(value))


class Moment(serializers.DateTimeField):
    """A moment in UTC, ISO 8601."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


class Text(serializers.CharField):
    """A short text that may be left out or empty."""

    def __init__(self, longest: int, **options: Any) -> None:
        super().__init__(**{"required": False, "allow_blank": True, "default": "", **options}, max_length=longest)


class Person(Output):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField(source="full_name")
