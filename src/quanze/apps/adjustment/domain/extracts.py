"""上级清单核对：提取件逐行与本级现行事项对应，说明一致、不同、待确认、两边各自没有的，与迟几个工作日。Pure."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quanze.core.errors import ErrorPlace, InvalidInput
from quanze.core.workdays import WorkCalendar

RESULTS = {
    "matched": "一致",
    "differing": "不同",
    "proposed": "名称对应，编码待确认",
    "unmatched": "上级有本级无",
    "extra": "本级有上级无",
}
FIELD_LABELS = {
    "code": "编码",
    "name": "名称",
    "power_type": "职权类型",
    "exercising_body": "实施主体",
    "legal_limit_days": "法定时限",
    "promised_limit_days": "承诺时限",
    "synced_on": "更新日期",
}
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class ExtractSystem:
    """一个上级系统：栏目怎样对到本级要素，哪些要素可作编码，比较哪些要素。"""

    code: str
    label: str
    codes: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    compare: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExtractRow:
    """提取件的一行：第几行，各要素的文字。"""

    row: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LocalItem:
    """本级的一项：编号、标识、可作编码的值、比较的要素（文字）、现行版本的生效日。"""

    item_id: int
    code: str
    codes: tuple[str, ...]
    values: Mapping[str, str]
    changed_on: date


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """一行的结果：对应到哪一项，哪些要素不同，上级何日同步，迟几个工作日（没有同步的算到提取日）。"""

    result: str
    name: str
    code: str
    row: int | None = None
    item_id: int | None = None
    item_code: str = ""
    note: str = ""
    synced_on: str = ""
    changed_on: str = ""
    late: int = 0
    trigger_id: int | None = None


def parse_systems(data: Mapping[str, Any]) -> dict[str, ExtractSystem]:
    """资料包 → 各系统；写错的指出哪一个。"""
    found: dict[str, ExtractSystem] = {}
    for entry in data.get("systems") or ():
        code = str(entry.get("code", ""))
        columns = {str(key): tuple(str(one) for one in words) for key, words in (entry.get("columns") or {}).items()}
        compare = tuple(str(one) for one in entry.get("compare") or ())
        wrong = [name for name in (*columns, *compare) if name not in FIELD_LABELS]
        if not code or code in found or "name" not in columns or wrong or set(compare) - set(columns):
            raise InvalidInput(
                f"上级清单资料包有误：{'、'.join(wrong) or '代码为空、重复，没有 name 栏，或比较了没有的要素'}",
                hint="请对照随系统提供的 extracts.yaml 改正后重新启动。",
                place=ErrorPlace(file="extracts.yaml", field=code),
                code="pack_invalid",
            )
        codes = tuple(str(one) for one in entry.get("codes") or ())
        found[code] = ExtractSystem(code, str(entry["label"]), codes, columns, compare)
    return found


def read_sheet(
    system: ExtractSystem, rows: Sequence[Sequence[str]], *, file: str, sheet: str
) -> list[ExtractRow] | None:
    """一张工作表的各行；没有名称这一栏的表返回空。"""
    for number, row in enumerate(rows[:30]):
        heads = ["".join(cell.split()) for cell in row]
        places = {
            name: place
            for name, words in system.columns.items()
            if (place := next((heads.index(word) for word in words if word in heads), None)) is not None
        }
        if "name" in places and len(places) > 1:
            found = [
                ExtractRow(line, {name: cells[place].strip() for name, place in places.items() if place < len(cells)})
                for line, cells in enumerate(rows[number + 1 :], start=number + 2)
            ]
            return _kept(found, file=file, sheet=sheet)
    return None


def read_json(system: ExtractSystem, data: bytes, *, file: str) -> list[ExtractRow]:
    """json：一个数组，或一个键下的数组，每个对象一行。"""
    try:
        told = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        raise InvalidInput("不是合法的 JSON", hint="请核对文件。", place=ErrorPlace(file=file)) from None
    if isinstance(told, dict):
        told = next((value for value in told.values() if isinstance(value, list)), [])
    rows = [
        ExtractRow(number, {name: _first(one, words) for name, words in system.columns.items()})
        for number, one in enumerate(told if isinstance(told, list) else [], start=1)
        if isinstance(one, dict)
    ]
    return _kept(rows, file=file, sheet="")


def _first(one: Mapping[str, Any], words: Sequence[str]) -> str:
    value = next((one[word] for word in words if one.get(word) not in (None, "")), "")
    return str(value).strip()


def _kept(rows: Sequence[ExtractRow], *, file: str, sheet: str) -> list[ExtractRow]:
    kept = [row for row in rows if row.values.get("name")]
    if not kept:
        raise InvalidInput(
            "表头之下没有内容", hint="每一行须有名称。", place=ErrorPlace(file=file, sheet=sheet), code="extract_empty"
        )
    if len(kept) > MOST_ROWS:
        raise InvalidInput(f"超过 {MOST_ROWS} 行", hint="请分机构提取。", place=ErrorPlace(file=file, sheet=sheet))
    return kept


def plain(text: str) -> str:
    """比较用的文字：全角半角、空白、标点不论。"""
    folded = unicodedata.normalize("NFKC", text).removesuffix(".0")
    return "".join(one for one in folded if not one.isspace() and one not in '()"“”《》、,，。;；')


def check(
    system: ExtractSystem,
    extract: Sequence[ExtractRow],
    local: Sequence[LocalItem],
    *,
    extract_on: date,
    synced_on: date | None,
    limit: int,
    calendar: WorkCalendar,
    known: Mapping[int, CheckedRow] | None = None,
) -> list[CheckedRow]:
    """逐行核对。编码先于名称；一个编码对着几项的不算；按名称对上而编码不同或没有的，只是提议，待人确认。

    The day of syncing is that of the row, else the one given (``synced_on``), else the one ``known`` from the check before for the
    same version of the item. What was out of step then and agrees now was synced by the day of the extract at the latest. Of
    what agrees at first sight nobody knows since when: no day, and not late.
    """
    by_code = _only((plain(code), one) for one in local for code in one.codes if code)
    by_name = _only((plain(one.values.get("name", "")), one) for one in local)
    taken: set[int] = set()
    pairs: list[tuple[ExtractRow, LocalItem | None, bool]] = []
    for row in extract:
        mine = by_code.get(plain(row.values.get("code", "")))
        mine = None if mine is not None and mine.item_id in taken else mine
        if mine is not None:
            taken.add(mine.item_id)
        pairs.append((row, mine, mine is not None))
    for number, (row, mine, _) in enumerate(pairs):
        named = by_name.get(plain(row.values["name"])) if mine is None else None
        if named is not None and named.item_id not in taken:
            taken.add(named.item_id)
            pairs[number] = (row, named, False)

    def late(changed: date, until: date) -> int:
        return max(0, calendar.between(changed, until) - limit) if until > changed else 0

    found = []
    for row, mine, by_its_code in pairs:
        code, name = row.values.get("code", ""), row.values["name"]
        if mine is None:
            found.append(CheckedRow("unmatched", name, code, row.row, note="本级清单没有这一项"))
            continue
        said = _differences(system, row, mine)
        has_codes = bool(code) and any(mine.codes)
        result = "differing" if said else "matched" if by_its_code or not has_codes else "proposed"
        if not by_its_code and has_codes:
            said.insert(0, f"编码：上级 {code}，本级 {'、'.join(one for one in mine.codes if one)}")
            result = "proposed"
        done = _synced(row, mine, synced_on, (known or {}).get(mine.item_id), extract_on)
        until = (done or mine.changed_on) if result == "matched" else extract_on
        found.append(
            CheckedRow(
                result,
                name,
                code,
                row.row,
                mine.item_id,
                mine.code,
                "；".join(said),
                done.isoformat() if done is not None and result == "matched" else "",
                mine.changed_on.isoformat(),
                late(mine.changed_on, until),
            )
        )
    for one in local:
        if one.item_id not in taken:
            found.append(
                CheckedRow(
                    "extra",
                    one.values.get("name", ""),
                    next((code for code in one.codes if code), ""),
                    None,
                    one.item_id,
                    one.code,
                    "上级清单没有这一项",
                    "",
                    one.changed_on.isoformat(),
                    late(one.changed_on, extract_on),
                )
            )
    return found


def _synced(
    row: ExtractRow, mine: LocalItem, given: date | None, before: CheckedRow | None, extract_on: date
) -> date | None:
    found = _day(row.values.get("synced_on", "")) or given
    if found is not None or before is None or before.changed_on != mine.changed_on.isoformat():
        return found
    return _day(before.synced_on) if before.result == "matched" else extract_on


def _only(pairs: Any) -> dict[str, LocalItem]:
    """各键对着的一项；对着几项的不要。"""
    held: dict[str, dict[int, LocalItem]] = defaultdict(dict)
    for key, one in pairs:
        if key:
            held[key][one.item_id] = one
    return {key: next(iter(ones.values())) for key, ones in held.items() if len(ones) == 1}


def _differences(system: ExtractSystem, row: ExtractRow, mine: LocalItem) -> list[str]:
    said = []
    for name in system.compare:
        theirs, ours = row.values.get(name, ""), mine.values.get(name, "")
        if theirs and plain(theirs) != plain(ours):
            said.append(f"{FIELD_LABELS[name]}：上级“{theirs}”，本级“{ours or '没有写'}”")
    return said


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10].replace("/", "-")) if text else None
    except ValueError:
        return None


def alignment_rate(matched: int, rows: int) -> int | None:
    """对应率（万分之几）：一致的行占提取件各行；没有行为空。"""
    return matched * 10_000 // rows if rows else None
