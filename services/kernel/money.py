"""Money: whole micro-units of one currency, and what one unit of something costs; never a float."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache

from services.kernel.error import InvalidInput

MICRO = 1_000_000
_CURRENCY = re.compile(r"[A-Z]{3}")


@lru_cache(maxsize=512)
def _is_currency(text: str) -> bool:
    return _CURRENCY.fullmatch(text) is not None


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of one currency.

    Attributes
    ----------
    currency
        ISO 4217, three capital letters.
    micros
        Millionths of the unit: 2300 is 0.0023.
    """

    currency: str
    micros: int

    def __post_init__(self) -> None:
        if not _is_currency(self.currency):
            raise InvalidInput(f"{self.currency!r} is no currency; write three capitals, as USD.")

    @classmethod
    def parse(cls, text: str, currency: str) -> "Money":
        """Return an amount written as a decimal: ``"12.50"``.

        Raises
        ------
        InvalidInput
            When it is no finite number, or finer than a millionth.
        """
        try:
            exact = Decimal(text.strip()) * MICRO
        except InvalidOperation as error:
            raise InvalidInput(f"{text!r} is no amount; write it as 12.50.") from error
        if not exact.is_finite():
            raise InvalidInput(f"{text!r} is no amount; write it as 12.50.")
        if exact != exact.to_integral_value():
            raise InvalidInput(f"{text!r} is finer than a millionth of {currency}; round it.")
        return cls(currency, int(exact))

    @classmethod
    def none(cls, currency: str) -> "Money":
        """Return nothing, in a currency."""
        return cls(currency, 0)

    @property
    def decimal(self) -> str:
        """Return it as JSON carries it: ``"12.50"``, with at least two decimals."""
        sign, whole = ("-" if self.micros < 0 else ""), abs(self.micros)
        decimals = f"{whole % MICRO:06d}".rstrip("0").ljust(2, "0")
        return f"{sign}{whole // MICRO}.{decimals}"

    def __add__(self, other: "Money") -> "Money":
        return Money(self._same(other), self.micros + other.micros)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self._same(other), self.micros - other.micros)

    def times(self, quantity: Decimal) -> "Money":
        """Return the price of a quantity, rounded half to even to a millionth."""
        exact = Decimal(self.micros) * quantity
        return Money(self.currency, int(exact.to_integral_value(rounding=ROUND_HALF_EVEN)))

    def _same(self, other: "Money") -> str:
        if other.currency != self.currency:
            raise InvalidInput(
                f"{self.currency} and {other.currency} cannot be added; convert one by a dated rate."
            )
        return self.currency


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of something costs, and which price says so.

    Attributes
    ----------
    sku
        What is sold: ``cpu``, ``memory``, ``gpu:h100``.
    unit
        Of which ``each`` is the price: ``cpu-hour``, ``gb-hour``, ``gpu-hour``.
    sample
        Whether the price is only there to try the console out.
    """

    price_id: str
    sku: str
    unit: str
    each: Money
    sample: bool = False

    def of(self, quantity: Decimal) -> Money:
        """Return what a quantity costs."""
        return self.each.times(quantity)
