"""Money in micro-dollars: whole numbers, small enough for the price of a gigabyte's month."""

from decimal import Decimal

MICROS = 1_000_000


def show_dollars(micros: int | None) -> str:
    """In words for people: cents are enough, but for prices of less than a dollar."""
    if micros is None:
        return "-"
    digits = 2 if abs(micros) >= MICROS or micros % 10_000 == 0 else 3
    return f"${Decimal(micros) / MICROS:,.{digits}f}"
