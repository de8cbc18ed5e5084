"""序号的读法：3、"2,3"、"1.2"、（三）、一 …… 各是什么。"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from quanze.core.lawtext.locators import chinese_number

Style = Literal["plain", "chinese", "bracketed", "pair", "code"]

MAX_LENGTH = 24
MAX_SPAN = 50
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"

_PLAIN = re.compile(r"第?(\d{1,5})(?:[.、项号]|\.0)?")
_SEVERAL = re.compile(r"\d{1,5}(?:\s*[,，、;；/和及]\s*\d{1,5})+[.、]?")
_PAIR = re.compile(r"(\d{1,5})\s*[-–—~～至.．]\s*(\d{1,5})")
# "1-2" typed into a spreadsheet becomes a date: the second of January of that year.
_AS_DATE = re.compile(r"(?:19|20)\d\d-(\d\d)-(\d\d)")
_CHINESE = re.compile(r"第?([零〇一二三四五六七八九十百]{1,6})[、.．]?")
_BRACKETED = re.compile(r"\((\d{1,4}|[一二三四五六七八九十百]{1,5})\)[、.．]?|(\d{1,3})\)")
_CODE = re.compile(r"(?=.*\d)[A-Za-z0-9_\-./]{1,24}")


@dataclass(frozen=True, slots=True)
class Seq:
    """一个序号：原样文字、所占的数、写法。``pair`` is (1, 2) of "1.2" or "1-2": sub-number or range, the reader
    decides."""

    text: str
    numbers: tuple[int, ...]
    style: Style
    pair: tuple[int, int] | None = None


def parse_seq(text: str) -> Seq | None:
    """读序号；不像序号（注记、长文）则 None。"""
    shown = "".join(text.split())
    if shown in CIRCLED and shown:
        return Seq(shown, (CIRCLED.index(shown) + 1,), "bracketed")
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if not plain or len(plain) > MAX_LENGTH:
        return None
    if match := _PLAIN.fullmatch(plain):
        return Seq(shown, (int(match[1]),), "plain")
    if _SEVERAL.fullmatch(plain):
        return Seq(shown, tuple(int(n) for n in re.findall(r"\d+", plain)), "plain")
    if match := _AS_DATE.fullmatch(plain):
        month, day = int(match[1]), int(match[2])
        return Seq(f"{month}-{day}", (), "pair", (month, day))
    if match := _PAIR.fullmatch(plain):
        return Seq(shown, (), "pair", (int(match[1]), int(match[2])))
    if match := _CHINESE.fullmatch(plain):
        value = chinese_number(match[1])
        return Seq(shown, (value,), "chinese") if value else None
    if match := _BRACKETED.fullmatch(plain):
        value = chinese_number(match[1] or match[2])
        return Seq(shown, (value,), "bracketed") if value else None
    if _CODE.fullmatch(plain):
        return Seq(shown, (), "code")
    return None


def as_range(pair: tuple[int, int]) -> tuple[int, ...]:
    """“2-4” 作为区间所占的数；不成区间则空。"""
    first, last = pair
    return tuple(range(first, last + 1)) if first < last <= first + MAX_SPAN else ()
