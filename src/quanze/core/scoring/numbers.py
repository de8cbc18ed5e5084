"""计分用的数：读入、舍入与显示。

Arithmetic runs on fractions, so that 38/40 of 3 points is 2.85 and not 2.8499…; the only rounding is half-up at the
end, to the number of places the indicator set states. A float that YAML made of ``0.1`` is read by its shortest text.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from quanze.core.errors import InvalidInput


def decimal(value: object, *, where: str) -> Decimal:
    """读入一个数：``3``、``"0.5"``、``"95%"``。``where`` names the place for the message."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float | str):
        raise InvalidInput(f"{where}应当是数，实际为“{value}”", hint="写成 3、0.5 或 95% 这样的数。")
    text = str(value).strip().replace("％", "%").replace("−", "-")
    is_percent = text.endswith("%")
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation as error:
        raise InvalidInput(f"{where}应当是数，实际为“{value}”", hint="写成 3、0.5 或 95% 这样的数。") from error
    if not number.is_finite():
        raise InvalidInput(f"{where}必须是有限的数，实际为“{value}”")
    return number / 100 if is_percent else number


def rounded(value: Fraction | Decimal, places: int) -> Decimal:
    """四舍五入到若干位小数（负数按绝对值进位）。"""
    scaled = abs(Fraction(value)) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    unsigned = Decimal(whole).scaleb(-places)
    return -unsigned if value < 0 and whole else unsigned


def show(value: Fraction | Decimal, places: int = 4) -> str:
    """显示一个数：去掉末尾的零，最多 places 位小数。"""
    text = format(rounded(value, places), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def show_in(value: Fraction | Decimal, unit: str) -> str:
    """带单位显示：单位为 % 时按百分数，其余照写。"""
    return f"{show(Fraction(value) * 100, 2)}%" if unit == "%" else f"{show(value)}{unit}"
