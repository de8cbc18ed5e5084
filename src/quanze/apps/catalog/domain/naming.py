"""名称的归一：写法不同而所指相同的名称化为同一形。

Pure text. ``canonical_name`` forgives only typography (brackets, width, spaces); ``core_of`` also drops words that do
not change which matter is meant, and is used to ask "is this the same matter", never to show a name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"[、，,。．.；;：:!！?？（）()\[\]【】“”\"'‘’《》〈〉<>·\-—…/]")
_BRACKETED_END = re.compile(r"（[^（）]*）$")
_HAN_NUMBER = "[一二三四五六七八九十]{1,3}"
_NUMBERING = re.compile(rf"^(?:\d{{1,3}}[.．、]|[（(](?:\d{{1,3}}|{_HAN_NUMBER})[)）]|{_HAN_NUMBER}、)\s*")


def canonical_name(name: str) -> str:
    """规范名称：去空白、去子项序号，宽度与括号统一。"""
    text = _SPACES.sub("", unicodedata.normalize("NFKC", name))
    text = text.replace("(", "（").replace(")", "）").replace(",", "，").replace(";", "；").replace(":", "：")
    return _NUMBERING.sub("", text)


def without_bracketed_end(name: str) -> str:
    """去掉末尾的括号说明：“…审批（两项：…）”看作“…审批”。"""
    stripped = _BRACKETED_END.sub("", name)
    return stripped if stripped else name


def word_pattern(words: Iterable[str]) -> re.Pattern[str]:
    """匹配任一词的模式，长词优先。"""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(re.escape(word) for word in ordered)) if ordered else re.compile(r"(?!)")


def core_of(name: str, *, fillers: re.Pattern[str], variants: Mapping[str, str]) -> str:
    """名称的实义部分：异体写法统一，虚字与标点去掉。"""
    text = canonical_name(name)
    for variant, standard in variants.items():
        text = text.replace(variant, standard)
    return fillers.sub("", _PUNCTUATION.sub("", text))


def licence_core(name: str, *, endings: re.Pattern[str]) -> str:
    """许可名称的主干：去掉括号说明、“申请”与末尾的许可用语，供与许可清单比对。"""
    text = canonical_name(name)
    text = _PUNCTUATION.sub("", without_bracketed_end(text)).replace("申请", "")
    while True:
        shorter = endings.sub("", text)
        if shorter == text or len(shorter) < 4:
            return text
        text = shorter
