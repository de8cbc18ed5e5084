"""名录载入的计划：表中所写与现有名录逐行对照，得出新增、变动、撤销与缺陷。机构部分；人员部分在 people_plan。

Pure: the present directory is a snapshot, the result is a list of changes. The same rows against a directory that already
holds them give no change at all. What is not in the workbook stays as it is: offices load parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from quanze.apps.org.domain.directory_layout import BODY, DIVISION, FUNCTIONS, POST, REGION
from quanze.apps.org.domain.directory_present import Present, PresentBody, PresentDivision, PresentRegion
from quanze.apps.org.domain.kinds import BODY_KIND_LABELS, REGION_LEVEL_LABELS
from quanze.apps.org.domain.sheets import ReadRow, SheetDefect, bare, code_of, read_date, split_words

NEW, CHANGED, ENDED, UNCHANGED = "new", "changed", "ended", "unchanged"
CHANGE_LABELS = {NEW: "新增", CHANGED: "变动", ENDED: "撤销或终止", UNCHANGED: "不变"}
ACCOUNT, APPOINTMENT, ROLES_ASKED = "account", "appointment", "roles"
SECTION_LABELS = {
    REGION: "行政区划",
    BODY: "机构",
    DIVISION: "内设机构",
    POST: "岗位",
    ACCOUNT: "账号",
    APPOINTMENT: "任职",
    ROLES_ASKED: "角色（待确认）",
}
_LEVEL_ORDER = {code: order for order, code in enumerate(REGION_LEVEL_LABELS)}


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """一处：哪一类、新增还是变动、名称、出自哪一行、前后（给人看）、写入所需的值。"""

    section: str
    change: str
    label: str
    sheet: str
    row: int
    before: Mapping[str, str] = field(default_factory=dict)
    after: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)


class Draft:
    """编制中的计划：累积变动与缺陷，按编码、名称、简称认机构。"""

    def __init__(self, present: Present, today: date) -> None:
        self.present = present
        self.today = today
        self.changes: list[PlannedChange] = []
        self.defects: list[SheetDefect] = []
        self.regions: dict[str, PresentRegion] = dict(present.regions)
        self.bodies: dict[str, PresentBody] = dict(present.bodies)
        self.divisions: dict[tuple[str, str], PresentDivision] = {(d.body, d.code): d for d in present.divisions}
        self.posts: set[tuple[str, str, str]] = set(present.posts)
        self._named: dict[str, set[str]] | None = None

    def refuse(self, row: ReadRow, code: str, key: str, what: str, remedy: str) -> None:
        self.defects.append(row.defect(code, key, what, remedy))

    def add(self, section: str, change: str, label: str, row: ReadRow, **more: Any) -> None:
        self.changes.append(PlannedChange(section, change, label, row.sheet, row.row, **more))

    def day(self, row: ReadRow, key: str) -> date | None:
        """某栏的日期；没填为 None，读不出为缺陷。"""
        text = row.text(key)
        if not text:
            return None
        found = read_date(text)
        if found is None:
            self.refuse(row, "date_unreadable", key, f"“{text}”不是日期", "请写成 2026-03-01 的样子。")
        return found

    def body(self, row: ReadRow, key: str, text: str | None = None) -> str | None:
        """某栏所指机构的编码；没有或不唯一为缺陷。"""
        text = row.text(key) if text is None else text
        if not text:
            return None
        if text in self.bodies:
            return text
        if self._named is None:
            self._named = {}
            for body in self.bodies.values():
                for name in (body.name, body.short_name, body.code):
                    if name:
                        self._named.setdefault(bare(name), set()).add(body.code)
        codes = self._named.get(bare(text), set())
        alive = {code for code in codes if not self._is_gone(self.bodies[code])} or codes
        if len(alive) == 1:
            return next(iter(alive))
        if alive:
            remedy = f"请改写机构编码：{'、'.join(sorted(alive))}。"
            self.refuse(row, "body_ambiguous", key, f"叫“{text}”的机构不止一个", remedy)
        else:
            self.refuse(row, "body_unknown", key, f"没有叫“{text}”的机构", "请核对名称，或先列入“机构”表。")
        return None

    def division(self, row: ReadRow, key: str, body: str) -> str | None:
        """某栏所指内设机构的编码；没填为空文字，没有或不唯一为缺陷（None）。"""
        text = row.text(key)
        if not text:
            return ""
        mine = [d for (owner, _), d in self.divisions.items() if owner == body]
        codes = [d.code for d in mine if d.code == text] or [d.code for d in mine if bare(d.name) == bare(text)]
        if len(codes) == 1:
            return codes[0]
        what = f"{self.bodies[body].name}没有内设机构“{text}”" if not codes else f"叫“{text}”的内设机构不止一个"
        remedy = "请核对名称，或先列入“内设机构”表。" if not codes else f"请改写编码：{'、'.join(codes)}。"
        self.refuse(row, "division_unknown" if not codes else "division_ambiguous", key, what, remedy)
        return None

    def _is_gone(self, body: PresentBody) -> bool:
        return body.valid_to is not None and body.valid_to <= self.today


def plan_regions(draft: Draft, rows: Iterable[ReadRow]) -> None:
    """区划：代码唯一，上级须高一级。"""
    taken: dict[str, int] = {}
    read: list[tuple[ReadRow, PresentRegion]] = []
    for row in rows:
        code, level = row.text("code"), code_of(row.text("level"), REGION_LEVEL_LABELS)
        if not code or not row.text("name") or _repeated(draft, row, taken, code, "区划代码"):
            continue
        if not code.isascii() or not code.isdigit() or len(code) < 6:
            draft.refuse(row, "region_code_invalid", "code", f"区划代码“{code}”不是六至十二位数字", "请核对区划代码。")
            continue
        if level is None:
            _refuse_choice(draft, row, "level", "层级", REGION_LEVEL_LABELS)
            continue
        region = PresentRegion(code, row.text("name"), level)
        read.append((row, region))
        draft.regions[code] = region
    for row, region in read:
        old = draft.present.regions.get(region.code)
        parent = _region_of(draft, row, "parent") if row.text("parent") else (old.parent if old else "")
        if parent is None:
            continue
        if parent and _LEVEL_ORDER[draft.regions[parent].level] >= _LEVEL_ORDER[region.level]:  # type: ignore[index]
            draft.refuse(row, "region_parent_level", "parent", "上级区划的层级须高于本级", "请改正上级或层级。")
            continue
        if old is not None and old.level != region.level:
            draft.refuse(row, "region_level_fixed", "level", f"系统中是{_level(old)}，层级建立后不改", "请改回。")
            continue
        new = PresentRegion(region.code, region.name, region.level, parent)
        draft.regions[region.code] = new
        data = {"code": new.code, "name": new.name, "level": new.level, "parent": parent}
        if old is None:
            draft.add(REGION, NEW, new.name, row, after={"层级": _level(new), "上级": _name(draft, parent)}, data=data)
        else:
            pairs = {"名称": (old.name, new.name), "上级": (_name(draft, old.parent), _name(draft, parent))}
            _add_changed(draft, REGION, new.name, row, pairs, data)


def plan_bodies(draft: Draft, rows: Iterable[ReadRow]) -> None:
    """机构：先都认下来，再看上级，因此先后次序不拘。"""
    taken: dict[str, int] = {}
    read: list[tuple[ReadRow, PresentBody]] = []
    for row in rows:
        code = row.text("code")
        if not code or not row.text("name") or _repeated(draft, row, taken, code, "机构编码"):
            continue
        body = _body_read(draft, row, draft.present.bodies.get(code))
        if body is not None:
            read.append((row, body))
            draft.bodies[code] = body
    for row, body in read:
        parent = draft.body(row, "parent") if row.text("parent") else body.parent
        if parent is None:
            continue
        draft.bodies[body.code] = _with_parent(body, parent)
    for row, body in read:
        if _in_circle(draft.bodies, body.code):
            draft.refuse(row, "parent_circle", "parent", f"{body.name}的上级绕了一圈又回到自己", "请改正上级机构。")
    depth = {body.code: _depth(draft.bodies, body.code) for _, body in read}
    for row, body in sorted(read, key=lambda each: depth[each[1].code]):
        _body_planned(draft, row, draft.bodies[body.code])


def _body_read(draft: Draft, row: ReadRow, old: PresentBody | None) -> PresentBody | None:
    kind = code_of(row.text("kind"), BODY_KIND_LABELS)
    if kind is None and row.text("kind"):
        _refuse_choice(draft, row, "kind", "种类", BODY_KIND_LABELS)
    region = _region_of(draft, row, "region") if row.text("region") else None
    start, end = draft.day(row, "valid_from"), draft.day(row, "valid_to")
    if kind is None or region is None:
        return None
    if old is not None and (kind, region) != (old.kind, old.region):
        what = f"系统中是{BODY_KIND_LABELS[old.kind]}、{_name(draft, old.region)}"  # type: ignore[index]
        draft.refuse(row, "body_fixed", "kind", f"{what}，种类和区划建立后不改", "请改回，或另立机构。")
        return None
    since = old.valid_from if old else start or draft.today
    if old is not None and start not in (None, old.valid_from):
        draft.refuse(row, "body_since_fixed", "valid_from", f"系统中的设立日期是 {old.valid_from}", "请改回或留空。")
    until = end or (old.valid_to if old else None)
    if until is not None and until <= since:
        draft.refuse(row, "body_period", "valid_to", "撤销日期须在设立日期之后", "请改正日期。")
        return None
    return PresentBody(
        code=row.text("code"),
        name=row.text("name"),
        kind=kind,
        region=region,
        valid_from=since,
        short_name=row.text("short_name") or (old.short_name if old else ""),
        document_mark=row.text("document_mark") or (old.document_mark if old else ""),
        parent=old.parent if old else "",
        valid_to=until,
    )


def _body_planned(draft: Draft, row: ReadRow, new: PresentBody) -> None:
    old = draft.present.bodies.get(new.code)
    gains = []
    for word in split_words(row.text("functions")):
        role = code_of(word, FUNCTIONS)
        if role is None:
            draft.refuse(
                row,
                "function_unknown",
                "functions",
                f"没有“{word}”这种审查职能",
                f"可填：{'、'.join(FUNCTIONS.values())}。",
            )
        elif draft.present.functions.get((new.region, role)) != new.code:
            gains.append(role)
    data = {
        "code": new.code, "name": new.name, "short_name": new.short_name, "kind": new.kind, "region": new.region,
        "document_mark": new.document_mark, "parent": new.parent, "valid_from": new.valid_from,
        "valid_to": new.valid_to, "functions": gains, "moves": old is not None and old.parent != new.parent,
    }  # fmt: skip
    words = "、".join(FUNCTIONS[role] for role in gains)
    if old is None:
        after = {
            "种类": BODY_KIND_LABELS[new.kind],  # type: ignore[index]
            "区划": _name(draft, new.region),
            "上级": _body_name(draft, new.parent),
            "承担职能": words,
        }
        draft.add(BODY, NEW, new.name, row, after={key: text for key, text in after.items() if text}, data=data)
        return
    pairs = {
        "名称": (old.name, new.name),
        "简称": (old.short_name, new.short_name),
        "机关代字": (old.document_mark, new.document_mark),
        "上级": (_body_name(draft, old.parent), _body_name(draft, new.parent)),
        "承担职能": ("", words),
        "撤销日期": (str(old.valid_to or ""), str(new.valid_to or "")),
    }
    _add_changed(draft, BODY, new.name, row, pairs, data, is_ended=old.valid_to != new.valid_to)


def plan_divisions(draft: Draft, rows: Iterable[ReadRow]) -> None:
    """内设机构：按编码认，没有编码的按名称认，都没有的编一个。"""
    taken: dict[str, int] = {}
    for row in rows:
        body = draft.body(row, "body")
        name, start, end = row.text("name"), draft.day(row, "valid_from"), draft.day(row, "valid_to")
        if body is None or not name:
            continue
        code = row.text("code") or _division_code(draft, body, name)
        if _repeated(draft, row, taken, f"{body} {code}", "机构与编码"):
            continue
        old = draft.divisions.get((body, code))
        since = old.valid_from if old else start or max(draft.today, draft.bodies[body].valid_from)
        until = end or (old.valid_to if old else None)
        if until is not None and until <= since:
            draft.refuse(row, "division_period", "valid_to", "撤销日期须在设立日期之后", "请改正日期。")
            continue
        if old is not None and old.valid_to is not None and old.valid_to != until:
            draft.refuse(row, "division_closed", "valid_to", f"已于 {old.valid_to} 撤销", "请改回或留空。")
            continue
        draft.divisions[body, code] = PresentDivision(body, code, name, since, until)
        data = {"body": body, "code": code, "name": name, "valid_from": since, "valid_to": until}
        label = f"{draft.bodies[body].name} {name}"
        if old is None:
            draft.add(DIVISION, NEW, label, row, after={"编码": code}, data=data)
        else:
            pairs = {"名称": (old.name, name), "撤销日期": (str(old.valid_to or ""), str(until or ""))}
            _add_changed(draft, DIVISION, label, row, pairs, data, is_ended=old.valid_to != until)


def plan_posts(draft: Draft, rows: Iterable[ReadRow]) -> None:
    """岗位：机构、内设机构、名称三者相同即同一岗位。"""
    taken: dict[str, int] = {}
    for row in rows:
        body, name = draft.body(row, "body"), row.text("name")
        if body is None or not name:
            continue
        division = draft.division(row, "division", body)
        if division is None or _repeated(draft, row, taken, f"{body} {division} {name}", "岗位"):
            continue
        post_need(draft, row, body, division, name)


def post_need(draft: Draft, row: ReadRow, body: str, division: str, name: str) -> None:
    """须有这个岗位：没有的列为新增。"""
    key = (body, division, name)
    label = f"{draft.bodies[body].name} {name}"
    if key not in draft.posts:
        draft.posts.add(key)
        draft.add(POST, NEW, label, row, data={"body": body, "division": division, "name": name})
    elif "name" in row.columns:
        draft.add(POST, UNCHANGED, label, row)


def _division_code(draft: Draft, body: str, name: str) -> str:
    mine = [d for (owner, _), d in draft.divisions.items() if owner == body]
    same = next((d.code for d in mine if bare(d.name) == bare(name)), None)
    if same is not None:
        return same
    used = {d.code for d in mine}
    return next(code for number in range(1, len(used) + 2) if (code := f"{number:02d}") not in used)


def _add_changed(
    draft: Draft,
    section: str,
    label: str,
    row: ReadRow,
    pairs: Mapping[str, tuple[str, str]],
    data: Mapping[str, Any],
    *,
    is_ended: bool = False,
) -> None:
    moved = {key: pair for key, pair in pairs.items() if pair[0] != pair[1]}
    change = ENDED if is_ended and moved else CHANGED if moved else UNCHANGED
    before = {key: pair[0] for key, pair in moved.items()}
    draft.add(
        section, change, label, row, before=before, after={key: pair[1] for key, pair in moved.items()}, data=data
    )


def _repeated(draft: Draft, row: ReadRow, taken: dict[str, int], key: str, what: str) -> bool:
    if key in taken:
        draft.refuse(row, "row_repeated", "code", f"{what}与第 {taken[key]} 行重复", "请删去一行，或改正。")
        return True
    taken[key] = row.row
    return False


def _refuse_choice(draft: Draft, row: ReadRow, key: str, what: str, labels: Mapping[Any, str]) -> None:
    if row.text(key):
        remedy = f"可填：{'、'.join(labels.values())}。"
        draft.refuse(row, f"{key}_unknown", key, f"没有“{row.text(key)}”这种{what}", remedy)


def _region_of(draft: Draft, row: ReadRow, key: str) -> str | None:
    text = row.text(key)
    if text in draft.regions:
        return text
    codes = [region.code for region in draft.regions.values() if bare(region.name) == bare(text)]
    if len(codes) == 1:
        return codes[0]
    what = f"没有叫“{text}”的区划" if not codes else f"叫“{text}”的区划不止一个"
    draft.refuse(row, "region_unknown", key, what, "请写区划代码，或先列入“行政区划”表。")
    return None


def _with_parent(body: PresentBody, parent: str) -> PresentBody:
    return PresentBody(
        body.code, body.name, body.kind, body.region, body.valid_from, body.short_name, body.document_mark, parent,
        body.valid_to,
    )  # fmt: skip


def _in_circle(bodies: Mapping[str, PresentBody], code: str) -> bool:
    seen, at = {code}, bodies[code].parent
    while at:
        if at == code:
            return True
        if at in seen or at not in bodies:
            return False
        seen.add(at)
        at = bodies[at].parent
    return False


def _depth(bodies: Mapping[str, PresentBody], code: str) -> int:
    seen: set[str] = set()
    at = code
    while at and at in bodies and at not in seen:
        seen.add(at)
        at = bodies[at].parent
    return len(seen)


def _name(draft: Draft, region: str) -> str:
    return draft.regions[region].name if region in draft.regions else ""


def _body_name(draft: Draft, code: str) -> str:
    return draft.bodies[code].name if code in draft.bodies else ""


def _level(region: PresentRegion) -> str:
    return REGION_LEVEL_LABELS[region.level]  # type: ignore[index]
