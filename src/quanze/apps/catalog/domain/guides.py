"""简明指南与运行流程：一个事项怎么办，用平常话写的步骤、材料、时间、地点、电话。

Plain text throughout: nothing a guide says is markup, so that nothing has to be cleaned. A guide is published when it can be
used: steps (or the reason why the flow is not published), the place, the hours and a telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Any

from quanze.core.errors import Defect, ErrorPlace, InvalidInput, RulesNotMet
from quanze.core.sealing import content_digest
from quanze.core.statemachine import Lifecycle, Transition

_WRITERS = frozenset({"drafter", "publisher"})
_PUBLISHERS = frozenset({"publisher"})

GUIDE_FLOW = Lifecycle(
    name="catalog.guide",
    label="简明指南",
    initial="draft",
    states={"draft": "草稿", "published": "已公布", "discarded": "已放弃"},
    transitions=(
        Transition("draft", "save", "draft", _WRITERS, "保存"),
        Transition("draft", "publish", "published", _PUBLISHERS, "公布"),
        Transition("draft", "discard", "discarded", _WRITERS, "放弃草稿"),
        Transition("published", "end", "published", _PUBLISHERS, "停止公开", reason_required=True),
    ),
)
MOST_STEPS, MOST_MATERIALS = 20, 40
LONGEST_LINE, LONGEST_TEXT = 200, 1000
LABELS = {
    "steps": "运行流程",
    "no_flow_reason": "流程不公开的理由",
    "materials": "申请材料",
    "hours": "办理时间",
    "place": "办理地点",
    "phone": "咨询电话",
    "note": "注意事项",
}
_PHONE = re.compile(r"[0-9０-９+()（）\-—－ 、，,;；/转]{3,}")
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class GuideStep:
    """一步：做什么、谁来办、多久（原样文字，如“2 个工作日”）、说明。"""

    title: str
    who: str = ""
    limit: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class GuideMaterial:
    """一份材料：名称、份数与形式（如“原件 1 份”）、说明。"""

    name: str
    form: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GuideContent:
    """指南的内容。"""

    steps: tuple[GuideStep, ...] = ()
    no_flow_reason: str = ""
    materials: tuple[GuideMaterial, ...] = ()
    hours: str = ""
    place: str = ""
    phone: str = ""
    note: str = ""

    def stored(self) -> dict[str, Any]:
        """存储形式。"""
        return asdict(self)

    @property
    def digest(self) -> str:
        return content_digest(self.stored())


def read_content(data: Mapping[str, Any]) -> GuideContent:
    """由存储形式读出。"""
    return GuideContent(
        steps=tuple(GuideStep(**one) for one in data.get("steps", ())),
        materials=tuple(GuideMaterial(**one) for one in data.get("materials", ())),
        **{name: str(data.get(name, "")) for name in ("no_flow_reason", "hours", "place", "phone", "note")},
    )


def tidy(content: GuideContent) -> GuideContent:
    """首尾空白、看不见的字符去掉，全空的行略去。"""
    steps = (GuideStep(*map(_clean, (one.title, one.who, one.limit, one.text))) for one in content.steps)
    materials = (GuideMaterial(*map(_clean, (one.name, one.form, one.note))) for one in content.materials)
    texts = {name: _clean(getattr(content, name)) for name in ("no_flow_reason", "hours", "place", "phone", "note")}
    return GuideContent(
        steps=tuple(one for one in steps if one != GuideStep("")),
        materials=tuple(one for one in materials if one != GuideMaterial("")),
        **texts,
    )


def _clean(text: str) -> str:
    return _HIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def require_storable(content: GuideContent) -> None:
    """能存：行数、字数不过多，每步、每份材料有名称。"""
    defects = [*_row_defects("steps", [one.title for one in content.steps], MOST_STEPS, "这一步做什么")]
    defects += _row_defects("materials", [one.name for one in content.materials], MOST_MATERIALS, "材料的名称")
    blocks: tuple[tuple[str, Sequence[GuideStep | GuideMaterial]], ...] = (
        ("steps", content.steps),
        ("materials", content.materials),
    )
    for name, rows in blocks:
        for number, row in enumerate(rows, start=1):
            for value in astuple(row):
                if len(value) > LONGEST_TEXT:
                    place = ErrorPlace(field=name, row=number)
                    defects.append(
                        Defect("guide_too_long", f"{LABELS[name]}第 {number} 行超过 {LONGEST_TEXT} 字", place)
                    )
    for name in ("no_flow_reason", "hours", "place", "phone", "note"):
        most = LONGEST_LINE if name in ("hours", "place", "phone") else LONGEST_TEXT
        if len(getattr(content, name)) > most:
            defects.append(Defect("guide_too_long", f"{LABELS[name]}最多 {most} 字", ErrorPlace(field=name)))
    if defects:
        raise InvalidInput(
            defects[0].message, hint="请精简后再保存。", place=defects[0].place, code="guide_not_storable"
        )


def _row_defects(field: str, names: Sequence[str], most: int, wanted: str) -> list[Defect]:
    found = []
    if len(names) > most:
        found.append(Defect("guide_too_many", f"{LABELS[field]}最多 {most} 行", ErrorPlace(field=field)))
    for number, name in enumerate(names, start=1):
        if not name:
            said = f"{LABELS[field]}第 {number} 行没有写{wanted}"
            found.append(Defect("guide_row_nameless", said, ErrorPlace(field=field, row=number)))
    return found


def gaps(content: GuideContent, *, is_on_application: bool) -> list[Defect]:
    """还差什么才能公布：步骤（或流程不公开的理由）、材料（依申请的）、时间、地点、电话。"""
    found = []
    if not content.steps and not content.no_flow_reason:
        said = "还没有写运行流程；流程依法不公开的，写明理由"
        found.append(Defect("steps_missing", said, ErrorPlace(field="steps")))
    if content.steps and content.no_flow_reason:
        said = "写了流程，就不要再写流程不公开的理由"
        found.append(Defect("flow_and_reason", said, ErrorPlace(field="no_flow_reason")))
    if is_on_application and not content.materials:
        said = "依申请办理的要写申请材料；不需要材料的写一行“不需要提交材料”"
        found.append(Defect("materials_missing", said, ErrorPlace(field="materials")))
    for name in ("hours", "place", "phone"):
        if not getattr(content, name):
            found.append(Defect(f"{name}_missing", f"还没有写{LABELS[name]}", ErrorPlace(field=name)))
    if content.phone and not _PHONE.search(content.phone):
        found.append(Defect("phone_form", f"“{content.phone[:20]}”看不出电话号码", ErrorPlace(field="phone")))
    return found


def require_complete(content: GuideContent, *, is_on_application: bool) -> None:
    """不全的不能公布。"""
    defects = gaps(content, is_on_application=is_on_application)
    if defects:
        raise RulesNotMet(
            "指南还不能公布：" + "；".join(one.message for one in defects),
            defects=defects,
            hint="请补齐后再公布，群众照着就能办。",
            code="guide_incomplete",
        )
