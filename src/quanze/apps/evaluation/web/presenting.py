"""页面用语：层级、徽标、读数与得分的说法，页签。"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from quanze.apps.evaluation.domain.lifecycles import ASSESSORS, OFFICE
from quanze.apps.evaluation.selectors.results import Line
from quanze.apps.evaluation.selectors.rounds import BodyRow
from quanze.apps.org import public as org
from quanze.base.web import subjects
from quanze.base.web.badges import Badge
from quanze.base.web.navigation import Tab
from quanze.core.actor import Actor
from quanze.core.scoring import Indicator, Reading, show, show_in
from quanze.core.scoring.functions import Blend, BonusPerCase, DeductPerCase, GradedChoice

OFFICE_ROLES = tuple(sorted(OFFICE))
ASSESSOR_ROLES = tuple(sorted(ASSESSORS))
# Bodies look at their own results; who may change anything is decided by the services.
BUSINESS_ROLES = (
    *ASSESSOR_ROLES,
    "drafter",
    "legal_section",
    "division_head",
    "deputy_head",
    "head",
    "publisher",
    "supervisor",
    "discipline",
)

ROUND_BADGES = {
    "draft": Badge("方案草拟", "neutral"),
    "open": Badge("评定中", "busy"),
    "computed": Badge("已计分", "soon"),
    "concluded": Badge("已审定", "done"),
}
CONCLUSION_BADGES = {
    "draft": Badge("起草中", "busy"),
    "issued": Badge("已印发", "done"),
    "": Badge("未起草", "neutral"),
}
ORIGIN_LABELS = {"seed": "原文", "phrase": "原文用语", "own": "补充"}


def level_label(level: str) -> str:
    """层级名称。"""
    return org.REGION_LEVEL_LABELS[org.RegionLevel(level)]


@dataclass(frozen=True)
class MatrixCell:
    """矩阵一格：文字、提示、得分率（用于底色深浅）。"""

    text: str
    title: str
    share: int | None


@dataclass(frozen=True)
class MatrixRow:
    """矩阵一行。"""

    row: BodyRow
    url: str
    level: str
    total: str
    cells: tuple[MatrixCell, ...]


def matrix(rows: Iterable[BodyRow], round_id: int) -> list[MatrixRow]:
    """单位 × 一级指标；先层级后名次，没有总分的在后。"""
    order = {str(level): n for n, level in enumerate(org.RegionLevel)}
    ranked = sorted(rows, key=lambda r: (order.get(r.level, 9), r.rank is None, r.rank or 0))
    return [
        MatrixRow(
            row=row,
            url=reverse("evaluation:body", args=[round_id, row.body_id]),
            level=level_label(row.level),
            total="—" if row.total is None else format(row.total, "f"),
            cells=tuple(_cell(g.points, g.available, g.full) for g in row.groups),
        )
        for row in ranked
    ]


def _cell(points: Decimal, available: Decimal, full: Decimal) -> MatrixCell:
    if not available:
        return MatrixCell("—", "没有数据，不计分", None)
    title = f"得 {show(points)} 分；有数据指标满分 {show(available)} 分，本组满分 {show(full)} 分"
    text = f"{format(points, 'f')} / {show(available)}"
    return MatrixCell(text, title, min(100, int(points * 100 / available)))


def reading_facts(indicator: Indicator, reading: Reading) -> list[tuple[str, str]]:
    """读数逐项：名称与数。"""
    function = indicator.function
    if isinstance(function, Blend):
        found: list[tuple[str, str]] = []
        for part in function.parts:
            inner = reading.parts.get(part.key, Reading.absent("尚未评定"))
            found.append((part.label, part_text(inner)))
        return found
    if isinstance(function, BonusPerCase | DeductPerCase) and reading.counts:
        return [(k.label, f"{show(reading.counts.get(k.key, Decimal(0)))} {k.unit}") for k in function.kinds]
    if isinstance(function, GradedChoice) and reading.choice:
        return [("评定档次", next((c.label for c in function.choices if c.key == reading.choice), reading.choice))]
    return [("读数", part_text(reading))]


def part_text(reading: Reading) -> str:
    """一个读数的说法。"""
    if not reading.has_data:
        return f"没有数据：{reading.missing}"
    if reading.numerator is not None and reading.denominator is not None:
        amount = reading.amount
        rate = "" if amount is None else f"（{show_in(amount, '%')}）"
        return f"{show(reading.numerator)} / {show(reading.denominator)}{rate}"
    if reading.value is not None:
        return show(reading.value)
    return reading.choice or "、".join(f"{kind} {show(n)}" for kind, n in reading.counts.items())


@dataclass(frozen=True)
class EvidenceRow:
    """背后的一行，能打开的带地址。"""

    label: str
    why: str
    url: str


def evidence_rows(line: Line, body_id: int) -> list[EvidenceRow]:
    """指标背后的行。"""
    return [
        EvidenceRow(row["label"], row["why"], _row_url(row["kind"], row["id"], body_id))
        for row in line.evidence.get("rows", ())
    ]


def _row_url(kind: str, id: str, body_id: int) -> str:
    """行的页面；运行数据的页面按机构与事项标识，其余按客体种类。"""
    if kind == "performance.item":
        return reverse("performance:item", args=[body_id, id])
    return subjects.url_of(kind, id)


def is_office(actor: Actor) -> bool:
    return actor.has(*OFFICE)


def next_step(round_state: str, conclusion_state: str, body_name: str) -> str:
    """结论的下一步：由谁办什么。"""
    if conclusion_state == "issued":
        return f"{body_name}阅知并改进；发现差错的，由编办勘误"
    if round_state == "concluded":
        return "编办核对文字、编文号印发" if conclusion_state else "编办起草评估结论"
    if round_state == "computed":
        return "编办审定本轮评估，审定后印发"
    return "编办办理系统计分，计分后起草结论"


def body_tabs(round_id: int, body_id: int, active: str) -> list[Tab]:
    """单位结果的页签。"""
    return [
        Tab(label, reverse(f"evaluation:{name}", args=[round_id, body_id]), name == active)
        for name, label in (("body", "得分"), ("body_charts", "图表"), ("conclusion", "评估结论"))
    ]
