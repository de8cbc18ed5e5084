"""读到的事项化为事项内容：同一文件不论是检查还是导入，得到的内容都一样。

Field codes of the reading are those of ``ItemContent`` except for a few that only a table has (limits as words, one cell
of supervision). What an item states in its own row is kept as it is; a sub-item does not copy from its main item.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from quanze.apps.catalog.domain.fields import FIELDS
from quanze.apps.catalog.domain.items import (
    AUTHORITY_LABELS,
    AssistContent,
    BasisContent,
    DutyContent,
    ItemContent,
    ItemSnapshot,
    NodeKind,
)
from quanze.core.lawtext.citations import SplitText
from quanze.core.listsheet.clauses import Clause, ReadResponsibility
from quanze.core.listsheet.reading import ListReading, ReadItem, ReadSubitem

_DAYS = re.compile(r"^\s*(\d{1,4})\s*(?:个)?\s*(?:工作日|日|天)?\s*(?:内)?\s*[。.]?\s*$")
_NO_FEE = re.compile(r"^(?:否|无|不收费|免费|不收取|0)")
_FEE = re.compile(r"^(?:是|有|收费)|元|标准|依据|《")
_URL = re.compile(r"https?://[^\s\u4e00-\u9fff，。；）)]+")
_AUTHORITIES = {label: source.value for source, label in AUTHORITY_LABELS.items()}
# Marks of an item that a table gives as a word; any other word is not guessed.
_MARKS = {"is_local_addition": "本级补充", "is_city_set": "市设权力"}
_MARK_WORDS = {"是": True, "√": True, "否": False, "": False}
_DIVIDERS = re.compile(r"[、，,；;\n]")


def content_of_item(item: ReadItem) -> ItemContent:
    """主项或单项的内容。"""
    return _content(
        item.fields,
        name=item.name,
        seq=item.seq,
        power_type=item.power_type,
        node_kind=NodeKind.MAIN if item.subitems else NodeKind.SINGLE,
        citations=item.citations,
        responsibilities=item.responsibilities,
        accountability=item.accountability,
    )


def content_of_subitem(sub: ReadSubitem) -> ItemContent:
    """子项的内容；只有名称的子项，其余要素留空，随主项。"""
    return _content(
        sub.fields,
        name=sub.name,
        seq=sub.seq,
        power_type=sub.power_type,
        node_kind=NodeKind.SUB,
        citations=sub.citations,
        responsibilities=sub.responsibilities,
        accountability=sub.accountability,
    )


def snapshots_of(reading: ListReading) -> tuple[ItemSnapshot, ...]:
    """逐项快照，键为“工作表!行号”；同一行既写主项又写子项的，子项的键加序次。"""
    snapshots: list[ItemSnapshot] = []
    for item in reading.items:
        key = f"{item.sheet}!{item.row}"
        snapshots.append(ItemSnapshot(key, content_of_item(item), _place(item.sheet, item.row), texts=item.raw))
        for number, sub in enumerate(item.subitems, start=1):
            snapshots.append(
                ItemSnapshot(
                    f"{key}#{number}",
                    content_of_subitem(sub),
                    f"{_place(item.sheet, sub.row)}子项 {number}",
                    parent_key=key,
                    texts=sub.raw,
                )
            )
    return tuple(snapshots)


def _place(sheet: str, row: int) -> str:
    return f"工作表“{sheet}”第 {row} 行"


def _content(
    fields: Mapping[str, str],
    *,
    name: str,
    seq: str,
    power_type: str,
    node_kind: NodeKind,
    citations: SplitText,
    responsibilities: Iterable[ReadResponsibility],
    accountability: Iterable[Clause],
) -> ItemContent:
    legal, legal_note = _days(fields.get("legal_limit", ""), "法定时限")
    promised, promised_note = _days(fields.get("promised_limit", ""), "承诺时限")
    guide = _URL.search(fields.get("guide_url", ""))
    return ItemContent(
        name=name,
        seq=seq,
        power_type=power_type,
        node_kind=node_kind,
        power_code=fields.get("power_code", ""),
        exercising_body=fields.get("exercising_body", ""),
        responsible_body=fields.get("responsible_body", ""),
        lead_division=fields.get("lead_division", ""),
        assists=_assists(fields.get("assist_text", "")),
        basis_text=fields.get("basis_text", ""),
        bases=tuple(
            BasisContent(one.law, one.locator, one.quote, one.document_number) for one in citations.citations if one.law
        ),
        duty_text=fields.get("duty_text", ""),
        duties=tuple(DutyContent(one.stage, one.text) for one in responsibilities),
        duty_basis_text=fields.get("duty_basis_text", ""),
        accountability_text=fields.get("accountability_text", ""),
        accountability_cases=tuple(one.text for one in accountability),
        accountability_basis_text=fields.get("accountability_basis_text", ""),
        authority_source=_AUTHORITIES.get("".join(fields.get("authority_source", "").split()), ""),
        exercise_level=fields.get("exercise_level", ""),
        level_split=fields.get("level_split", ""),
        target=fields.get("target", ""),
        legal_limit_days=legal,
        promised_limit_days=promised,
        limit_note="；".join(note for note in (fields.get("limit_note", ""), legal_note, promised_note) if note),
        plain_summary=fields.get("plain_summary", ""),
        has_fee=_has_fee(fields.get("fee_text", "")),
        guide_url=guide[0] if guide else "",
        hotline=fields.get("hotline", "") or fields.get("supervision_way", ""),
        remedy=fields.get("remedy", ""),
        remark=fields.get("remark", ""),
        is_local_addition=_MARK_WORDS.get(fields.get("is_local_addition", "").strip(), False),
        addition_reason=fields.get("addition_reason", ""),
        is_city_set=_MARK_WORDS.get(fields.get("is_city_set", "").strip(), False),
        extra=_extra(fields),
    )


def _extra(fields: Mapping[str, str]) -> dict[str, Any]:
    """补充要素；读不懂的不猜，由 ``unread`` 说明。"""
    found = {}
    for field in FIELDS.fields:
        try:
            value = field.parsed(fields.get(field.key, ""))
        except ValueError:
            continue
        if value is not None:
            found[field.key] = value
    return found


def unread(fields: Mapping[str, str]) -> dict[str, str]:
    """一行里读不懂的补充要素与标记：键 → 栏名、所写、为何。"""
    found = {
        key: f"“{label}”写作“{text[:30]}”，只能写“是”或“否”"
        for key, label in _MARKS.items()
        if (text := fields.get(key, "").strip()) not in _MARK_WORDS
    }
    for field in FIELDS.fields:
        text = fields.get(field.key, "")
        try:
            field.parsed(text)
        except ValueError as error:
            found[field.key] = f"“{field.label}”写作“{text.strip()[:30]}”，{error}"
    return found


def _assists(text: str) -> tuple[AssistContent, ...]:
    """协办机构：“甲科、乙科”，或写明分工的“甲科：复核；乙科：送达”。"""
    if "：" not in text:
        return tuple(AssistContent(one.strip()) for one in _DIVIDERS.split(text) if one.strip())
    found: list[AssistContent] = []
    for part in re.split(r"[；;\n]", text):
        name, colon, duty = (piece.strip() for piece in part.partition("："))
        if colon or not found:
            found.append(AssistContent(name, duty))
        elif name:
            found[-1] = AssistContent(found[-1].division, f"{found[-1].duty}；{name}")
    return tuple(one for one in found if one.division)


def _days(text: str, label: str) -> tuple[int | None, str]:
    """“20 个工作日”读成天数；“即时办结”“自受理之日起……”之类留作说明。"""
    match = _DAYS.match(text)
    if match and not text.strip().endswith(("日历日", "自然日")):
        return int(match[1]), ""
    return None, f"{label}：{text.strip()}" if text.strip() else ""


def _has_fee(text: str) -> bool | None:
    """是否收费；写得看不出来的不猜。"""
    text = text.strip()
    if _NO_FEE.match(text):
        return False
    return True if _FEE.search(text) else None
