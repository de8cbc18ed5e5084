"""正在读的事项：逐行累积，读完后定形。"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from quanze.core.lawtext.citations import SplitText, split_citations
from quanze.core.listsheet.clauses import Clause, ReadResponsibility, split_clauses, split_responsibilities
from quanze.core.listsheet.reading import ReadItem, ReadLevel, ReadSubitem

# Texts repeat a lot in a list; results are values and may be shared.
_citations: Callable[[str], SplitText] = lru_cache(maxsize=512)(split_citations)
_DIRECT = (("direct_duty_text", "直接实施责任"), ("guidance_duty_text", "指导监督责任"))


@lru_cache(maxsize=512)
def _responsibilities(text: str) -> tuple[ReadResponsibility, ...]:
    return split_responsibilities(text)


@lru_cache(maxsize=512)
def _accountability(text: str) -> tuple[Clause, ...]:
    return split_clauses(text).clauses


@dataclass(slots=True)
class SubitemDraft:
    """正在读的子项。"""

    row: int
    seq: str
    name: str
    fields: dict[str, str]
    raw: dict[str, str]
    power_type: str = ""

    def freeze(self, inherited_type: str) -> ReadSubitem:
        """定形；没写类型的随主项。"""
        with_duty(self.fields)
        return ReadSubitem(
            row=self.row + 1,
            seq=self.seq,
            name=self.name,
            fields=self.fields,
            raw=self.raw,
            power_type=self.power_type or inherited_type,
            citations=_citations(self.fields.get("basis_text", "")),
            responsibilities=_responsibilities(self.fields.get("duty_text", "")),
            accountability=_accountability(self.fields.get("accountability_text", "")),
        )


@dataclass(slots=True)
class ItemDraft:
    """正在读的事项。"""

    sheet: str
    row: int
    seq: str
    numbers: tuple[int, ...]
    name: str
    power_type: str
    power_type_source: str
    fields: dict[str, str]
    raw: dict[str, str]
    subitems: list[SubitemDraft] = field(default_factory=list)
    levels: list[ReadLevel] = field(default_factory=list)

    def freeze(self) -> ReadItem:
        """定形：拆依据、责任、追责。"""
        with_duty(self.fields)
        self._give_code_once()
        return ReadItem(
            sheet=self.sheet,
            row=self.row + 1,
            seq=self.seq,
            numbers=self.numbers,
            name=self.name,
            power_type=self.power_type,
            power_type_source=self.power_type_source,
            fields=self.fields,
            raw=self.raw,
            subitems=tuple(sub.freeze(self.power_type) for sub in self.subitems),
            levels=tuple(self.levels),
            citations=_citations(self.fields.get("basis_text", "")),
            duty_citations=_citations(self.fields.get("duty_basis_text", "")),
            accountability_citations=_citations(self.fields.get("accountability_basis_text", "")),
            responsibilities=_responsibilities(self.fields.get("duty_text", "")),
            accountability=_accountability(self.fields.get("accountability_text", "")),
        )

    def _give_code_once(self) -> None:
        """主项与子项写在一行而只有一个编码的，编码只归其一：各子项另有编码的，归这一行的子项，否则归主项。"""
        code = self.fields.get("power_code", "")
        sharing = [sub for sub in self.subitems if sub.row == self.row]
        others = [sub.fields.get("power_code", "") for sub in self.subitems if sub.row != self.row]
        if not code or not sharing:
            return
        if len(sharing) == 1 and others and all(others) and code not in others:
            del self.fields["power_code"]
            return
        for sub in sharing:
            sub.fields.pop("power_code", None)


def append_texts(fields: dict[str, str], more: dict[str, str]) -> tuple[str, ...]:
    """接上续行的文字；已有的不重复。返回确有接上的要素。"""
    joined = []
    for code, text in more.items():
        before = fields.get(code, "")
        if text in before:
            continue
        fields[code] = f"{before}\n{text}" if before else text
        joined.append(code)
    return tuple(joined)


def with_duty(fields: dict[str, str]) -> None:
    """直接实施责任、指导监督责任分栏写的（山东式），合成责任事项，小标题即栏名。"""
    parts = [f"{label}：\n{fields[code]}" for code, label in _DIRECT if fields.get(code)]
    if parts and "duty_text" not in fields:
        fields["duty_text"] = "\n".join(parts)
