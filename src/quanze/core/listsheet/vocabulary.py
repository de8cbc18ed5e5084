"""表头用语：栏目叫法到要素的对照，职权类型的叫法，非事项行的用语。

All words are data handed in (``packs/headers.yaml`` and the power-type pack); here are only the ways of comparing them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from quanze.core.lawtext.locators import chinese_number

Kind = Literal["short", "long", "number"]

_BRACKETED = re.compile(r"[（(\[【〔<〈﹝{][^）)\]】〕>〉﹞}]*[）)\]】〕>〉﹞}]")
_DROPPED = re.compile(r"[\s的*＊·.。,，:：;；、/／|_\-—“”\"'（()）]")
_MAIN_COUNT = re.compile(r"主项(?:\(含单项\))?(?P<count>\d+)项")
_COUNT = re.compile(
    r"[（(]?\s*(?:共|合计|总计|计)?\s*(?P<count>\d{1,5}|[零〇一二两三四五六七八九十百千]{1,8})\s*(?:大)?项\s*[）)]?"
)
_ENUMERATED = re.compile(
    r"^(?:第?[\d零一二三四五六七八九十]+(?:部分|章|类|[、.．:])|[（(][\d一二三四五六七八九十]+[）)][、.．]?)"
)
# "填表人签字：", "单位（公章）：" are signed like "填表人：".
_SIGNED = re.compile(r"^(?:\((?=[签盖公]))?(?:签字|签名|签章|盖章|公章)\)?")
_NAMED_TYPE = re.compile(r"(?P<type>[\u4e00-\u9fff]{2,8}?)(?:事项|项目|权力|职权)?(?:名称|事项|项目)")
_NUMBERED = re.compile(r"^\d{1,2}(?=[\u4e00-\u9fff])")
_LATIN = re.compile(r"(?<=[\u4e00-\u9fff])[A-Za-z]{2,}$|^[A-Za-z]{2,}(?=[\u4e00-\u9fff])")
_TYPE_TAIL = re.compile(r"(?:类|事项|权|职权|权力)+$")
_PARTS = re.compile(r"[-—－–:：/／、,，|]+")
# "行政处罚（二）", "其他权力1", "许可（续）": one of several sheets or parts of a type.
_PART_TAIL = re.compile(r"(?:\((?:\d{1,2}|[一二三四五六七八九十]|续|上|中|下)\)|[-_]?\d{1,2}|续表?)$")
_CELL_TAIL = re.compile(r"(?:类|清单|目录|事项|表)+$")


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """一个栏目：代码、名称、长短、各种叫法；横跨两栏时第二栏的代码。"""

    code: str
    label: str
    kind: Kind
    headers: frozenset[str]
    continued_as: str = ""


@dataclass(frozen=True, slots=True)
class HeaderMatch:
    """表头对上的栏目；``is_loose`` 表示只按正则对上，宜请人核对。"""

    code: str
    is_loose: bool = False


@dataclass(frozen=True, slots=True)
class PowerTypeWords:
    """一类职权的代码、名称与各种叫法。"""

    code: str
    label: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class HeaderVocabulary:
    """读表用语的全部。"""

    fields: tuple[FieldSpec, ...]
    power_types: tuple[PowerTypeWords, ...]
    loose: tuple[tuple[re.Pattern[str], str], ...] = ()
    note_openings: tuple[str, ...] = ()
    total_openings: tuple[str, ...] = ()
    none_words: frozenset[str] = frozenset()
    ditto_words: frozenset[str] = frozenset()
    _by_header: Mapping[str, str] = field(default_factory=dict)
    _by_type: Mapping[str, str] = field(default_factory=dict)
    _by_code: Mapping[str, FieldSpec] = field(default_factory=dict)

    @classmethod
    def from_packs(cls, headers: Mapping[str, Any], power_types: Iterable[Mapping[str, Any]]) -> HeaderVocabulary:
        """由表头包与职权类型包建立。``power_types``: mappings with code, label and optional aliases."""
        fields = tuple(
            FieldSpec(
                code=entry["code"],
                label=entry["label"],
                kind=entry["kind"],
                headers=frozenset(header_key(word) for word in entry["headers"]),
                continued_as=entry.get("continued_as", ""),
            )
            for entry in headers["fields"]
        )
        more = headers.get("power_type_words", {})
        types = tuple(
            PowerTypeWords(
                code=entry["code"],
                label=entry["label"],
                words=frozenset(
                    type_key(word)
                    for word in (
                        entry["label"],
                        *entry.get("aliases", ()),
                        *more.get(entry["code"], ()),
                        *((entry["letters"],) if entry.get("letters") else ()),  # "XK", "CF" in the type column
                    )
                ),
            )
            for entry in power_types
        )
        by_header: dict[str, str] = {}
        for spec in fields:
            for word in spec.headers:
                if by_header.setdefault(word, spec.code) != spec.code:
                    raise ValueError(f"表头“{word}”同时属于 {by_header[word]} 与 {spec.code}")
        return cls(
            fields=fields,
            power_types=types,
            loose=tuple((re.compile(rule["pattern"]), rule["code"]) for rule in headers.get("loose", ())),
            note_openings=tuple(headers.get("note_openings", ())),
            total_openings=tuple(headers.get("total_openings", ())),
            none_words=frozenset(_plain(str(word)) for word in headers.get("none_words", ())),
            ditto_words=frozenset(_plain(str(word)) for word in headers.get("ditto_words", ())),
            _by_header=by_header,
            _by_type={word: entry.code for entry in types for word in entry.words},
            _by_code={spec.code: spec for spec in fields},
        )

    def spec(self, code: str) -> FieldSpec:
        """栏目的说明。"""
        return self._by_code[code]

    def exact(self, header: str) -> str:
        """叫法一字不差时的栏目代码，否则 ""。"""
        key = header_key(header)
        code = self._by_header.get(key, "")
        if code or not key:
            return code
        # "2.事项名称*", "事项名称 Item": numbered columns and bilingual tables.
        bare = _LATIN.sub("", _NUMBERED.sub("", key))
        return self._by_header.get(bare, "") or ("name" if self.named_type(bare) else "")

    def named_type(self, header: str) -> str:
        """名称一栏的叫法里写明的类型，如“行政处罚事项”“许可项目名称”；没有则 ""。"""
        match = _NAMED_TYPE.fullmatch(header_key(header))
        return self._by_type.get(match["type"], "") if match else ""

    def match(self, header: str) -> HeaderMatch | None:
        """表头对照：先按叫法，再按正则。"""
        code = self.exact(header)
        if code:
            return HeaderMatch(code)
        key = header_key(header)
        # A long text is a sentence, not a heading.
        if not key or len(key) > 24:
            return None
        return next((HeaderMatch(code, is_loose=True) for rule, code in self.loose if rule.search(key)), None)

    def power_type(self, text: str) -> str:
        """类型单元格的代码；不认得则 ""。A finer kind may follow ("其他-备案"), but not another type ("许可/处罚")."""
        code = self._by_type.get(type_key(text), "")
        if code:
            return code
        head, *rest = _PARTS.split(_ENUMERATED.sub("", _plain(text)))
        others = {self._by_type.get(type_key(part), "") for part in rest} - {""}
        code = self._by_type.get(type_key(head), "")
        return code if others <= {code} else ""

    def power_type_in(self, text: str) -> str:
        """表名、标题、小标题里写明的类型，如“行政处罚（254项）”“二、行政许可类”；写了几类或没写则 ""。

        Only full labels count here ("行政处罚", "其他行政权力"), so that "处罚" inside a name says nothing.
        """
        key = _plain(text)
        found = {
            entry.code
            for entry in self.power_types
            # "行政许可类", "行政许可事项清单", but not the office named "行政许可服务局".
            if re.search(rf"{re.escape(entry.label)}(?:$|[类事权职责清目部表项\d()（）:：、,，_\-])", key)
        }
        if len(found) == 1:
            return found.pop()
        return "" if found else self.heading_type(text)

    def heading_type(self, text: str) -> str:
        """文字除去序号、项数、“类”“事项”之后就是一类职权的叫法：小标题、汇总行；不是则 ""。"""
        bare = _CELL_TAIL.sub("", _PART_TAIL.sub("", _COUNT.sub("", _ENUMERATED.sub("", _plain(text)))))
        return self._by_type.get(type_key(bare), "")

    def ends_with_act(self, name: str) -> bool:
        """名称是否以一类职权的用语收尾，如“……的处罚”“……监督检查”。"""
        return bool(name) and any(name.endswith(word) for word in self._by_type if len(word) >= 2)

    def is_none(self, text: str) -> bool:
        """单元格是否等于“无”；只有横线、斜线一类记号的也是。"""
        plain = _plain(text)
        return plain.strip("()[]【】。.;") in self.none_words or not any(ch.isalnum() for ch in plain)

    def is_ditto(self, text: str) -> bool:
        """单元格是否写“同上”。"""
        return _plain(text).strip("()。.") in self.ditto_words

    def is_note(self, text: str) -> bool:
        """是否注记、填表人一类的行。"""
        plain = _plain(text).lstrip("※*＊★（([【")
        for word in self.note_openings:
            if plain.startswith(word):
                rest = _SIGNED.sub("", plain[len(word) :])
                if not rest or rest[0] in ":：(（】]1234567890、":
                    return True
        return plain.startswith(("截至", "本清单", "注:", "注："))

    def is_total(self, text: str) -> bool:
        """是否合计行。"""
        plain = _plain(text)
        return any(
            plain == word or re.match(rf"{re.escape(word)}[:：]?[（(]?(?:事项|权力|职权)?\d*项?", plain) is not None
            for word in self.total_openings
            if word != "共"
        ) or bool(re.fullmatch(r"\(?共(?:计|有)?\d+(?:大)?项.{0,12}", plain))


def header_key(text: str) -> str:
    """表头比对用的形式：全半角统一，去掉空白、标点、“的”和括号里的说明。"""
    plain = unicodedata.normalize("NFKC", text)
    bare = _DROPPED.sub("", _BRACKETED.sub("", plain))
    return bare or _DROPPED.sub("", plain)


def type_key(text: str) -> str:
    """类型比对用的形式。"""
    bare = header_key(text)
    cut = _TYPE_TAIL.sub("", bare)
    return cut if len(cut) >= 2 else bare


def _plain(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def main_count(text: str) -> int | None:
    """表尾注记里写明的主项数：“主项（含单项）62 项、子项 3 项”；没有则 None。"""
    found = _MAIN_COUNT.search(_plain(text))
    return int(found["count"]) if found else None


def stated_count(text: str) -> int | None:
    """表名、标题、小标题里写明的项数：“254项”“共 3 项”“十二项”；没有则 None。"""
    plain = _plain(text)
    found = [match["count"] for match in _COUNT.finditer(plain) if not plain[: match.start()].endswith("第")]
    return chinese_number(found[-1]) if found else None
