"""文字清理：控制字符、零宽字符、折行的词、混入的广告。

The raw cell is never touched: what is returned is the cleaned text beside what was found in it. Patterns of injected
advertising are data (``packs/injections.yaml``): they describe kinds, not phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

# Zero-width, bidirectional and other invisible characters; white space that is not a plain space is handled apart.
_INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffd]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SPACES = re.compile(r"[^\S\n]+")
# A blank between two Chinese characters (or marks) in a short field is a wrapped line or an alignment blank.
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’〇"
_BETWEEN_WIDE = re.compile(rf"(?<=[{_WIDE}])\s+|\s+(?=[{_WIDE}])")
_AROUND_MARKS = re.compile(r"(?<=[（《〈，、；：])[^\S\n]+|[^\S\n]+(?=[）》〉，。、；：])")
_LINE_OPENS = re.compile(
    r"\s*(?:\d{1,3}\s*[.．、)）](?!\d)|[（(]\s*[\d一二三四五六七八九十]{1,3}\s*[)）]|[①-⑳]|[一二三四五六七八九十]{1,3}\s*[、.．]"
    r"|[【《“]|第\s*[零〇一二三四五六七八九十百千\d]+\s*[条章节款项])"
)
NARROW = 24  # characters: what a printed column of an A3 sheet holds
_LINE_ENDS = re.compile(r"[。；;：:！？!?．.]\s*$")


@dataclass(frozen=True, slots=True)
class InjectionPattern:
    """一类混入文字：代码、含义、正则；``fields`` 为空表示各字段都查，``is_removed`` 表示清理时去掉。"""

    code: str
    label: str
    pattern: re.Pattern[str]
    is_removed: bool = True
    except_fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Injection:
    """发现的一处混入文字；位置在清理控制字符之后的文字里。"""

    code: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class CleanText:
    """清理结果：文字、是否含控制或不可见字符、混入的文字。"""

    text: str
    has_control: bool = False
    injections: tuple[Injection, ...] = ()


@dataclass(frozen=True, slots=True)
class InjectionPatterns:
    """混入文字的识别包。"""

    patterns: tuple[InjectionPattern, ...] = ()

    @classmethod
    def from_pack(cls, pack: Mapping[str, Any]) -> InjectionPatterns:
        """由数据包建立；每类 code、label、pattern，可选 remove、except_fields。"""
        return cls(
            tuple(
                InjectionPattern(
                    code=entry["code"],
                    label=entry["label"],
                    pattern=re.compile(entry["pattern"], re.IGNORECASE),
                    is_removed=entry.get("remove", True),
                    except_fields=frozenset(entry.get("except_fields", ())),
                )
                for entry in pack["patterns"]
            )
        )

    def find(self, text: str, field: str = "") -> tuple[tuple[InjectionPattern, str], ...]:
        """文中各处混入文字，按包中次序；重叠的只报先列出的一类。"""
        return tuple((found[0], found[1]) for found in self._found(text, field))

    def _found(self, text: str, field: str) -> list[tuple[InjectionPattern, str, int, int]]:
        found: list[tuple[InjectionPattern, str, int, int]] = []
        for pattern in self.patterns:
            if field in pattern.except_fields:
                continue
            for match in pattern.pattern.finditer(text):
                if match[0] and not any(match.start() < end and start < match.end() for _, _, start, end in found):
                    found.append((pattern, match[0], match.start(), match.end()))
        return found

    def clean(self, text: str, field: str = "") -> tuple[str, tuple[Injection, ...]]:
        """去掉应去掉的混入文字，返回余下文字与所见。"""
        found = self._found(text, field)
        for pattern, _, start, end in sorted(found, key=lambda f: f[2], reverse=True):
            if pattern.is_removed:
                text = text[:start] + text[end:]
        return text, tuple(Injection(pattern.code, pattern.label, what) for pattern, what, _, _ in found)


NO_PATTERNS = InjectionPatterns()


def has_control(raw: str) -> bool:
    """是否含控制字符或不可见字符。The writer's "_x000D_" counts: it is a control character spelt out."""
    return bool(_CONTROL.search(raw) or _INVISIBLE.search(raw) or _ESCAPED.search(raw))


def visible(raw: str) -> str:
    """只留可见文字：换行统一为 \\n，制表与各种空格化为空格，控制与不可见字符去掉。"""
    text = _ESCAPED.sub(lambda m: "\n" if m[1].upper() in ("000D", "000A") else "", raw)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u0085", "\n").replace("\u2028", "\n")
    text = text.replace("\u2029", "\n").replace("\t", " ")
    return _INVISIBLE.sub("", _CONTROL.sub("", text))


def short_text(raw: str) -> str:
    """短字段：折成几行的词拼回去，中文之间的空白去掉，其余空白留一个。``行政⏎处罚`` → ``行政处罚``"""
    text = _BETWEEN_WIDE.sub("", visible(raw).strip())
    return re.sub(r"\s+", " ", text)


def long_text(raw: str, *, is_wrapped: bool = False) -> str:
    """长字段：保留段落，去掉行尾空白与空行；按列宽硬折的行先还原。``is_wrapped``: the whole sheet is known to be
    wrapped."""
    lines = _lines(raw)
    soft = soft_breaks(lines, is_wrapped=is_wrapped)
    if soft:
        lines = _joined(lines, soft)
    return "\n".join(lines)


def _lines(raw: str) -> list[str]:
    lines = [_AROUND_MARKS.sub("", _SPACES.sub(" ", line)).strip() for line in visible(raw).split("\n")]
    return [line for line in lines if line]


def are_mostly_wrapped(cells: Iterable[str]) -> bool:
    """一张表的多行单元格是否多半按列宽硬折：是则连不易判断的格也按硬折还原。"""
    tall = [lines for lines in map(_lines, cells) if len(lines) >= 4]
    return len(tall) >= 4 and sum(1 for lines in tall if soft_breaks(lines)) * 2 > len(tall)


def soft_breaks(lines: list[str], *, is_wrapped: bool = False) -> frozenset[int]:
    """哪些行末是硬折（后一行应接上）；返回行号集合。

    Text converted from a printed page breaks in the middle of sentences, at about the same width all over the cell.
    One such line proves nothing; two or more of nearly the full width do. A line that ends a sentence, or is followed
    by a new numbered point, article or tag, ends its paragraph whatever its width.
    """
    if len(lines) < (2 if is_wrapped else 3):
        return frozenset()
    width = max(len(line) for line in lines)
    inner = [n for n in range(len(lines) - 1) if _is_inner_break(lines[n], lines[n + 1])]
    if width > NARROW:
        soft = [n for n in inner if len(lines[n]) >= 0.75 * width]
        return frozenset(soft) if width <= 80 and len(soft) >= (1 if is_wrapped else 2) else frozenset()
    if is_wrapped:
        return frozenset(inner)
    # A narrow column breaks raggedly (a word or mark is kept whole), so that every inner break is soft once it is clear
    # that the column was wrapped: most lines fill it, and marks of running text are there. A plain list has neither.
    filled = sum(1 for n in inner if len(lines[n]) >= width - 2)
    is_running = any(mark in line for line in lines for mark in "，。；、：")
    if is_running and len(inner) >= 2 and len(inner) * 2 >= len(lines) - 1 and filled * 10 >= len(inner) * 6:
        return frozenset(inner)
    return frozenset()


def _is_inner_break(line: str, after: str) -> bool:
    if line[-1] in "、，,（(《":
        return True
    return not _LINE_ENDS.search(line) and not _LINE_OPENS.match(after)


def _joined(lines: list[str], soft: frozenset[int]) -> list[str]:
    paragraphs: list[str] = []
    for number, line in enumerate(lines):
        if number and number - 1 in soft:
            paragraphs[-1] = f"{paragraphs[-1]} {line}"
        else:
            paragraphs.append(line)
    return [_BETWEEN_WIDE.sub("", paragraph) for paragraph in paragraphs]


def cleaned(
    raw: str,
    *,
    is_long: bool,
    field: str = "",
    patterns: InjectionPatterns = NO_PATTERNS,
    is_wrapped: bool = False,
) -> CleanText:
    """一格文字的清理：先去不可见字符，再去混入文字，最后按长短字段整理。"""
    if not raw:
        return CleanText("")
    text, injections = patterns.clean(visible(raw), field)
    text = long_text(text, is_wrapped=is_wrapped) if is_long else short_text(text)
    return CleanText(text, has_control(raw), injections)
