"""序号的读法：3、"2,3"、"1.2"、（三）、一 …… 各是什么。"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from quanze.core.lawtext.locators import chinese_number

Style = Literal["plain", "chinese", "bracketed", "pair", "code", "letter", "sub"]
# The finer form of a number: what stands side by side has the same mark, what stands below has another.
Mark = Literal["plain", "chinese", "bracketed_chinese", "bracketed", "circled", "letter", "other"]

MAX_LENGTH = 24
MAX_SPAN = 50
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

_PLAIN = re.compile(r"第?(\d{1,5})(?:[.、项号]|\.0)?")
_SEVERAL = re.compile(r"\d{1,5}(?:\s*[,，、;；/和及]\s*\d{1,5})+[.、]?")
# "1.2", "1-2", "1（2）"; what goes deeper ("1.2.1") still stands below the first number.
_PAIR = re.compile(r"(\d{1,4})[-–—~至.](\d{1,4})[.、]?|(\d{1,4})[-–—.]?\((\d{1,3})\)")
_DEEP = re.compile(r"([1-9]\d{0,2})([-–—.])([1-9]\d?)(?:\2[1-9]\d?){1,3}[.、]?")
# "1-2" typed into a spreadsheet becomes a date: the second of January of that year.
_AS_DATE = re.compile(r"(?:19|20)\d\d-(\d\d)-(\d\d)|(\d{1,2})月(\d{1,2})日")
_CHINESE = re.compile(r"第?([零〇一二三四五六七八九十百]{1,6})[、.．]?")
_BRACKETED = re.compile(r"\((\d{1,4}|[一二三四五六七八九十百]{1,5})\)[、.．]?|(\d{1,3})\)")
_LETTER = re.compile(r"\(?([A-Za-z])[.、)]?")
_SUB = re.compile(r"(?:子项|小项|分项)(\d{1,3}|[一二三四五六七八九十]{1,3})[.、:]?")
_FORMAL = str.maketrans("壹贰叁肆伍陆柒捌玖拾", "一二三四五六七八九十")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9_\-./]{1,24}")


@dataclass(frozen=True, slots=True)
class Seq:
    """一个序号：原样文字、所占的数、写法。``pair`` is (1, 2) of "1.2" or "1-2": sub-number or range, the reader
    decides."""

    text: str
    numbers: tuple[int, ...]
    style: Style
    pair: tuple[int, int] | None = None
    mark: Mark = "other"


def parse_seq(text: str) -> Seq | None:
    """读序号；不像序号（注记、长文）则 None。"""
    shown = "".join(text.split())
    if shown in CIRCLED and shown:
        return Seq(shown, (CIRCLED.index(shown) + 1,), "bracketed", mark="circled")
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if not plain or len(plain) > MAX_LENGTH:
        return None
    return _counted(shown, plain) or _paired(shown, plain) or _marked(shown, plain)


def _counted(shown: str, plain: str) -> Seq | None:
    """一个或几个数：3、2,3、一、（一）。"""
    if match := _PLAIN.fullmatch(plain):
        return Seq(shown, (int(match[1]),), "plain", mark="plain")
    if _SEVERAL.fullmatch(plain):
        return Seq(shown, tuple(int(n) for n in re.findall(r"\d+", plain)), "plain", mark="plain")
    if match := _CHINESE.fullmatch(plain.translate(_FORMAL)):
        value = chinese_number(match[1])
        return Seq(shown, (value,), "chinese", mark="chinese") if value else None
    if match := _BRACKETED.fullmatch(plain):
        number = match[1] or match[2]
        value = chinese_number(number)
        mark: Mark = "bracketed" if number.isdecimal() else "bracketed_chinese"
        return Seq(shown, (value,), "bracketed", mark=mark) if value else None
    return None


def _paired(shown: str, plain: str) -> Seq | None:
    """两级的数：1.2、1-2、1（2）。"""
    if match := _AS_DATE.fullmatch(plain):
        month, day = int(match[1] or match[3]), int(match[2] or match[4])
        return Seq(f"{month}-{day}", (), "pair", (month, day))
    if match := _PAIR.fullmatch(plain):
        return Seq(shown, (), "pair", (int(match[1] or match[3]), int(match[2] or match[4])))
    if match := _DEEP.fullmatch(plain):
        return Seq(shown, (), "pair", (int(match[1]), int(match[3])))
    return None


def _marked(shown: str, plain: str) -> Seq | None:
    """不是数的标记：a、子项1、XK-001。"""
    if match := _SUB.fullmatch(plain):
        value = chinese_number(match[1])
        return Seq(shown, (value,), "sub") if value else None
    if match := _LETTER.fullmatch(plain):
        return Seq(shown, (ord(match[1].lower()) - ord("a") + 1,), "letter", mark="letter")
    return Seq(shown, (), "code") if _CODE.fullmatch(plain) else None


def as_range(pair: tuple[int, int]) -> tuple[int, ...]:
    """“2-4” 作为区间所占的数；不成区间则空。"""
    first, last = pair
    return tuple(range(first, last + 1)) if first < last <= first + MAX_SPAN else ()
