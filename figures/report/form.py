"""Numbers as a page writes them. A bound is rounded to its safe side."""

from __future__ import annotations

import math

from figures.labels import power_of_ten, scientific
from figures.style import temperature_name


def number(value: float | None, digits: int = 3) -> str:
    """Three significant digits: 0.0123, 4.5, 1,230, 1.66 × 10⁶.

    Examples
    --------
    >>> number(0.01234), number(1756.4876), number(1.66e6), number(2.2e-7), number(None)
    ('0.0123', '1,760', '1.66 × 10⁶', '2.20 × 10⁻⁷', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0:
        return "0"
    if not 1e-4 <= abs(value) < 1e6:
        return scientific(value)
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    rounded = round(value, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{rounded:,.{places}f}".replace("-", "−")


def percent(value: float | None) -> str:
    """A share in per cent: two digits, and whole ones from ten on.

    Examples
    --------
    >>> percent(0.01234), percent(0.02), percent(0.0), percent(1e-6), percent(0.996), percent(None)
    ('1.2 %', '2 %', '0 %', '< 0.01 %', '100 %', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    share = 100 * value
    if 0 < share < 0.01:
        return "< 0.01 %"
    return f"{share:.0f} %" if share >= 10 else f"{share:.2g} %"


def at_most(value: float) -> str:
    """An upper bound, rounded up to two digits.

    Examples
    --------
    >>> at_most(0.00981), at_most(0.0100), at_most(1.0)
    ('0.0099', '0.010', '1.0')
    """
    return _two_digits(value, up=True) if value > 0 else "0"


def at_least(value: float) -> str:
    """A lower bound, rounded down to two digits.

    Examples
    --------
    >>> at_least(0.0389), at_least(0.0)
    ('0.038', '0')
    """
    return _two_digits(value, up=False) if value > 0 else "0"


def _two_digits(value: float, *, up: bool) -> str:
    places = max(1, 1 - math.floor(math.log10(value)))
    scaled = round(value * 10**places, 6)  # 0.01 * 1e4 is 100.00000000000001
    digits = math.ceil(scaled) if up else math.floor(scaled)
    return f"{digits / 10**places:.{places}f}"


def whole(value: float) -> str:
    """A count with separators, or a power of ten when it is long.

    Examples
    --------
    >>> whole(143392), whole(1.47e16)
    ('143,392', '1.47 × 10¹⁶')
    """
    return f"{value:,.0f}" if value < 1e8 else scientific(value)


def duration(seconds: float) -> str:
    """A time in the unit that fits.

    Examples
    --------
    >>> duration(0.2), duration(100), duration(1.5e8)
    ('0.2 seconds', '1.7 minutes', '4.8 years')
    """
    units = (("seconds", 1.0), ("minutes", 60.0), ("hours", 3600.0), ("days", 86400.0), ("years", 31557600.0))
    name, size = next((unit for unit in reversed(units) if seconds >= unit[1]), units[0])
    amount = seconds / size
    if amount >= 1e4:
        return f"{power_of_ten(amount)} {name}"
    return f"{amount:.2g} {name}" if amount < 10 else f"{amount:,.0f} {name}"


def temperature(value: float) -> str:
    """``T = 0.5``."""
    return temperature_name(value)


def chance(value: float) -> str:
    """A small probability: a power of ten where it is one.

    Examples
    --------
    >>> chance(1e-6), chance(0.05)
    ('10⁻⁶', '0.05')
    """
    power = power_of_ten(value)
    return power if math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-9) else f"{value:g}"
