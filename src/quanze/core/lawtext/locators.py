"""条款项的读法：第二十四条之一第二款第（三）项，及其并列与区间。

A locator is kept as written; what can be read out of it with certainty is given beside it as ``ArticleRef`` values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
UNITS = {"十": 10, "百": 100, "千": 1000}
MAX_RANGE = 300

NUMBER = r"[零〇一二两三四五六七八九十百千\d０-９]+"
_PARAGRAPH = rf"第\s*{NUMBER}(?:\s*、\s*第?\s*{NUMBER})*\s*款"
_ITEM = (
    rf"第?\s*[（(]?\s*{NUMBER}\s*[）)]?"
    rf"(?:\s*、\s*第?\s*[（(]?\s*{NUMBER}\s*[）)]?|\s*[（(]\s*{NUMBER}\s*[）)])*\s*项"
)
_POINT = rf"第\s*{NUMBER}\s*目"
ARTICLE = (
    rf"第\s*{NUMBER}(?:\s*[、,，至~～—–-]\s*{NUMBER})*\s*条(?:\s*之\s*[一二三四五六七八九十]+)?"
    rf"(?:\s*{_PARAGRAPH})?(?:\s*{_ITEM})?(?:\s*{_POINT})?"
)
OTHER_PLACE = (
    rf"附件\s*(?:{NUMBER})?\s*(?:[：:]?\s*第?\s*{NUMBER}\s*项)?"
    rf"|第\s*[（(]?\s*{NUMBER}\s*[）)]?\s*(?:章|节|编|部分|项)(?:\s*第\s*[（(]?\s*{NUMBER}\s*[）)]?\s*(?:节|条|项|款))?"
)
_NEXT = (
    rf"{ARTICLE}|{NUMBER}\s*条(?:\s*{_PARAGRAPH})?(?:\s*{_ITEM})?"
    rf"|{_PARAGRAPH}|第\s*[（(]?\s*{NUMBER}\s*[）)]?\s*项|{OTHER_PLACE}"
)
_JOIN = r"[^\S\n]*(?:[、，,和及与至到~～—–-]|以及|[^\S\n])[^\S\n]*"
# One place or several joined by 、和至…: the longest run that is certainly a locator.
LOCATOR_LIST = rf"(?:{ARTICLE}|{OTHER_PLACE})(?:{_JOIN}(?:{_NEXT}))*"
# Right behind a law the word 第 may be missing: 《…》10条.
OPENING_LIST = rf"(?:{ARTICLE}|{OTHER_PLACE}|{NUMBER}\s*条(?:\s*{_PARAGRAPH})?(?:\s*{_ITEM})?)(?:{_JOIN}(?:{_NEXT}))*"
_SHARED = re.compile(rf"({NUMBER})\s*([、,，至~～—–-])\s*(?={NUMBER}(?:\s*[、,，至~～—–-]\s*{NUMBER})*\s*条)")

_ARTICLE_PARTS = re.compile(
    rf"(?P<joined>[至到~～—–-]\s*)?第?\s*(?P<article>{NUMBER})\s*条(?:\s*之\s*(?P<suffix>[一二三四五六七八九十]+))?"
    rf"(?:\s*第\s*(?P<paragraph>{NUMBER})\s*款)?(?:\s*第?\s*[（(]?\s*(?P<item>{NUMBER})\s*[）)]?\s*项)?"
)


@dataclass(frozen=True, slots=True)
class ArticleRef:
    """一处条款：第 article 条之 suffix 第 paragraph 款第 item 项；没有写明的为 None（suffix 为 0）。"""

    article: int
    suffix: int = 0
    paragraph: int | None = None
    item: int | None = None


def chinese_number(text: str) -> int | None:
    """中文或阿拉伯数字化为整数；读不成则为 None。"二十四" → 24，"一百零八" → 108，"１２" → 12。"""
    text = re.sub(r"\s", "", text)
    if not text:
        return None
    if text.isdecimal():
        return int(text) if len(text) < 10 else None
    total, digit, seen_unit = 0, 0, False
    for ch in text:
        if ch in DIGITS:
            # Bare digits in a row (二〇二四) are read as a decimal number, otherwise a digit waits for its unit.
            digit = digit * 10 + DIGITS[ch] if not seen_unit and digit else DIGITS[ch]
        elif ch in UNITS:
            total += (digit or 1) * UNITS[ch]
            digit, seen_unit = 0, True
        else:
            return None
    return total + digit


def article_refs(locator: str) -> tuple[ArticleRef, ...]:
    """读出定位语里的各条；区间（至）展开。Chapters, parts and annexes have no article and give nothing."""
    refs: list[ArticleRef] = []
    # "第10-12条", "第十、十一条": the last one's 条 is meant for all.
    for part in _ARTICLE_PARTS.finditer(_SHARED.sub(r"\1条\2", locator)):
        article = chinese_number(part["article"])
        if article is None:
            continue
        if part["joined"] and refs and not part["suffix"]:
            first = refs[-1].article
            if first < article <= first + MAX_RANGE:
                refs.extend(ArticleRef(n) for n in range(first + 1, article))
        refs.append(
            ArticleRef(
                article,
                chinese_number(part["suffix"]) or 0 if part["suffix"] else 0,
                chinese_number(part["paragraph"]) if part["paragraph"] else None,
                chinese_number(part["item"]) if part["item"] else None,
            )
        )
    return tuple(refs)
