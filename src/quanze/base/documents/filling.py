"""套用 Word 样式文件：找出 {{字段}}，逐处填入，字体字号与表格线一概不动。

The office's own template is its own; nothing is laid out anew. A placeholder that Word or WPS has torn into several runs is
read over the tears and its text goes into the run where it began, so the run's formatting is the value's formatting. A
table row with a field of a group (``{{事项.名称}}``) is repeated once per line of the group, and goes when there are none.
"""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from quanze.base.documents.opening import open_word
from quanze.base.documents.word import stable_zip
from quanze.core.errors import Defect, ErrorPlace, RulesNotMet

_FIELD = re.compile(r"\{\{\s*([^{}\s](?:[^{}]{0,58}[^{}\s])?)\s*\}\}")
_BROKEN = re.compile(r"\{\{[^{}]*$|\{\{[^{}]*\}(?!\})|｛｛[^｛｝]*｝｝|\{\{\s*\}\}")


@dataclass(frozen=True, slots=True)
class FoundField:
    """样式文件里的一个字段：名称、在哪一部分、出现几次。"""

    name: str
    part: str
    count: int


def fields_in(template: bytes, *, file: str = "") -> list[FoundField]:
    """样式文件里的字段，按出现先后。写坏的占位（没有合上、用了全角括号、空的）逐处指明，一个字段也不读出。"""
    word = open_word(template, file=file, what="样式文件")
    counted: dict[tuple[str, str], int] = {}
    broken: list[Defect] = []
    for part, root in _parts(word):
        for number, paragraph in enumerate(root.iter(_tag("p")), 1):
            text = "".join(node.text or "" for node in _texts(paragraph))
            for found in _FIELD.finditer(text):
                key = (found[1], part)
                counted[key] = counted.get(key, 0) + 1
            place = ErrorPlace(file=file, field=f"{part}第 {number} 段")
            broken += [
                Defect("placeholder_broken", f"{part}第 {number} 段的“{bad[0][:30]}”不是完整的 {{{{字段}}}}", place)
                for bad in _BROKEN.finditer(_FIELD.sub("", text))
            ]
    if broken:
        raise RulesNotMet(
            f"样式文件里有 {len(broken)} 处占位写得不对：{broken[0].message}",
            hint="占位写作 {{会议号}}：两个半角大括号，中间是字段名，写在同一段里。",
            defects=broken,
            code="placeholder_broken",
        )
    return [FoundField(name, part, n) for (name, part), n in counted.items()]


def require_known(found: Iterable[FoundField], known: Iterable[str], *, file: str = "") -> None:
    """字段都认得；不认得的逐个指明在哪里、是否把哪个字段写错了。"""
    names = sorted(set(known))
    defects = []
    for one in found:
        if one.name in names:
            continue
        near = get_close_matches(one.name, names, n=1, cutoff=0.5)
        guess = f"，是不是“{near[0]}”" if near else ""
        place = ErrorPlace(file=file, field=one.part)
        defects.append(Defect("field_unknown", f"{one.part}的字段“{one.name}”没有这个名称{guess}", place))
    if defects:
        raise RulesNotMet(
            f"有 {len(defects)} 个字段不认得：{defects[0].message}",
            hint="请对照“可用的字段”改正后再上传。",
            defects=defects,
            code="field_unknown",
        )


def fill(template: bytes, values: Mapping[str, str], groups: Mapping[str, Sequence[Mapping[str, str]]]) -> bytes:
    """填好的 docx。``groups`` maps a group (事项) to its lines, each mapping the field's name after the dot to its text.

    Fields of a group outside a table are filled with all lines, one under the other.
    """
    word = open_word(template, file="", what="样式文件")
    for _part, root in _parts(word):
        rows = _rows_to_repeat(root, groups)
        inside = {paragraph for row, _ in rows for paragraph in row.iter(_tag("p"))}
        # Each paragraph is read once: what a value says is never taken for a field.
        for paragraph in [one for one in root.iter(_tag("p")) if one not in inside]:
            _replace(paragraph, lambda name: _value(name, values, groups))
        for row, group in rows:
            _repeat(row, group, groups[group], values)
    target = io.BytesIO()
    word.save(target)
    return stable_zip(target.getvalue())


def _value(name: str, values: Mapping[str, str], groups: Mapping[str, Sequence[Mapping[str, str]]]) -> str | None:
    group, dot, field = name.partition(".")
    if dot and group in groups:
        return "\n".join(line.get(field, "") for line in groups[group])
    return values.get(name)


def _rows_to_repeat(root: Any, groups: Mapping[str, Sequence[Mapping[str, str]]]) -> list[tuple[Any, str]]:
    """含有某组字段的表格行，与组名。A row that holds a table of its own is a frame around it, not a line."""
    found = []
    for row in root.iter(_tag("tr")):
        if row.find(f".//{_tag('tbl')}") is not None:
            continue
        text = "".join(node.text or "" for node in row.iter(_tag("t")))
        group = next((name.partition(".")[0] for name in _FIELD.findall(text) if name.partition(".")[0] in groups), "")
        if group:
            found.append((row, group))
    return found


def _repeat(row: Any, group: str, lines: Sequence[Mapping[str, str]], values: Mapping[str, str]) -> None:
    for line in lines:
        made = copy.deepcopy(row)
        row.addprevious(made)
        for paragraph in list(made.iter(_tag("p"))):
            _replace(paragraph, lambda name, line=line: _of_line(name, group, line, values))  # type: ignore[misc]
    row.getparent().remove(row)


def _of_line(name: str, group: str, line: Mapping[str, str], values: Mapping[str, str]) -> str | None:
    prefix, dot, field = name.partition(".")
    return line.get(field, "") if dot and prefix == group else values.get(name)


def _replace(paragraph: Any, value_of: Callable[[str], str | None]) -> None:
    """一段之内逐处填入；不认得的原样留着。From the last to the first, so that positions stay true."""
    nodes = list(_texts(paragraph))
    text = "".join(node.text or "" for node in nodes)
    for found in reversed(list(_FIELD.finditer(text))):
        value = value_of(found[1])
        if value is None:
            continue
        start = 0
        is_written = False
        for node in nodes:
            own = node.text or ""
            end = start + len(own)
            if end > found.start() and start < found.end():
                before, after = own[: max(0, found.start() - start)], own[max(0, found.end() - start) :]
                node.text = before + ("" if is_written else value) + after
                node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
                is_written = True
            start = end
        text = text[: found.start()] + value + text[found.end() :]
    for node in nodes:
        _break_lines(node)


def _break_lines(node: Any) -> None:
    """值里的换行写成 Word 的换行。"""
    from docx.oxml import OxmlElement

    lines = (node.text or "").split("\n")
    if len(lines) == 1:
        return
    node.text = lines[0]
    last = node
    for line in lines[1:]:
        rupture, more = OxmlElement("w:br"), OxmlElement("w:t")
        more.text = line
        more.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        last.addnext(rupture)
        rupture.addnext(more)
        last = more


def _texts(paragraph: Any) -> Iterator[Any]:
    """这一段自己的文字，不含段内文本框里的段落。"""
    for node in paragraph.iter(_tag("t")):
        owner = node.getparent()
        while owner.tag != _tag("p"):
            owner = owner.getparent()
        if owner is paragraph:
            yield node


def _parts(word: Any) -> Iterator[tuple[str, Any]]:
    """正文、各节的页眉页脚；同一页眉只走一次。"""
    yield "正文", word.element.body
    seen: set[Any] = set()
    for section in word.sections:
        for label, part in (
            ("页眉", section.header),
            ("页眉", section.first_page_header),
            ("页眉", section.even_page_header),
            ("页脚", section.footer),
            ("页脚", section.first_page_footer),
            ("页脚", section.even_page_footer),
        ):
            if part.is_linked_to_previous or part._element in seen:
                continue
            seen.add(part._element)
            yield label, part._element


def _tag(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(f"w:{name}"))
