"""评估结论的文字：由得分树按固定句式写成，每句都指向它的数据。

Deterministic: the same facts give the same sentences with the same keys. A sentence that people change keeps the words
that the system wrote, so that the change is visible until issue and afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from quanze.core.scoring import GroupRole, GroupScore, IndicatorScore, SetScore, show

SECTIONS = ("总体情况", "得分情况", "失分较多的指标", "没有数据的指标", "改进建议")
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Sentence:
    """一句结论：键、所属部分、文字、系统原文、依据（指标编码、“total”或“rank”）。"""

    key: str
    section: str
    text: str
    original: str
    sources: tuple[str, ...] = ()

    @property
    def is_edited(self) -> bool:
        return self.text != self.original

    def as_data(self) -> dict[str, object]:
        return {
            "key": self.key,
            "section": self.section,
            "text": self.text,
            "original": self.original,
            "sources": list(self.sources),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, object]) -> Sentence:
        sources = data.get("sources")
        return cls(
            key=str(data["key"]),
            section=str(data["section"]),
            text=str(data["text"]),
            original=str(data["original"]),
            sources=tuple(str(s) for s in sources) if isinstance(sources, list) else (),
        )


@dataclass(frozen=True)
class ConclusionFacts:
    """写结论所需的事实：单位、期间、方案、得分树、名次、同级平均分、各指标的问题行。"""

    body_name: str
    period: str
    scheme: str
    regulation: str
    score: SetScore
    level: str
    rank: int | None
    ranked: int
    peer_average: Decimal | None
    automatic: int
    indicators: int
    shortfalls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shortfall_counts: Mapping[str, int] = field(default_factory=dict)


def sentences_of(facts: ConclusionFacts) -> list[Sentence]:
    """全部句子，按部分与次序。"""
    lost = _losses(facts.score)
    return [
        *_overall(facts),
        *(_group(group) for group in facts.score.groups),
        *(_loss(leaf) for leaf in lost[:_LISTED]),
        *_missing(facts.score),
        *_advice(facts, lost),
    ]


def _named(name: str) -> str:
    """引号里的名称；名称自带的引号改为单引号。"""
    return "“" + name.replace("“", "‘").replace("”", "’") + "”"


def _written(key: str, section: str, text: str, sources: tuple[str, ...] = ()) -> Sentence:
    return Sentence(key, section, text, text, sources)


def _overall(facts: ConclusionFacts) -> list[Sentence]:
    score = facts.score
    found = [
        _written(
            "basis",
            SECTIONS[0],
            f"依据{facts.regulation}和“{facts.scheme}”，对{facts.body_name}{facts.period}权责清单运行情况进行了评估。",
        )
    ]
    if score.total is None:
        text = "各项基础指标均没有数据，本期不能给出总分。"
    else:
        bonus = f"，其中加分 {format(score.bonus, 'f')} 分" if score.bonus else ""
        text = f"总分 {format(score.total, 'f')} 分{bonus}。"
    found.append(_written("total", SECTIONS[0], text, ("total",)))
    if facts.rank is not None and facts.ranked > 1:
        compared = _compared(score.total, facts.peer_average)
        text = f"在 {facts.ranked} 个参评{facts.level}单位中列第 {facts.rank} 位{compared}。"
        found.append(_written("rank", SECTIONS[0], text, ("rank",)))
    with_data = sum(leaf.points is not None for leaf in score.leaves())
    text = (
        f"方案共 {facts.indicators} 项指标，{facts.automatic} 项由系统自动取数；本期 {with_data} 项有数据，"
        f"没有数据的不计分也不按零分处理。"
    )
    found.append(_written("coverage", SECTIONS[0], text, ("coverage",)))
    if score.scaled_base is not None and score.available != score.full:
        text = (
            f"有数据的基础指标满分合计 {show(score.available)} 分，得 {format(score.base, 'f')} 分，"
            f"按 {show(score.full)} 分折算为 {format(score.scaled_base, 'f')} 分。"
        )
        found.append(_written("scaled", SECTIONS[0], text, ("total",)))
    return found


def _compared(total: Decimal | None, average: Decimal | None) -> str:
    if total is None or average is None:
        return ""
    if total == average:
        return f"，与同级平均分 {format(average, 'f')} 分持平"
    return f"，{'高' if total > average else '低'}于同级平均分 {format(average, 'f')} 分"


def _group(group: GroupScore) -> Sentence:
    codes = tuple(leaf.code for leaf in group.leaves())
    if group.role is GroupRole.BONUS:
        text = (
            f"{group.name}得 {format(group.points, 'f')} 分。" if group.available else f"{group.name}尚未评定，未计分。"
        )
    elif not group.available:
        text = f"{group.name}各项指标均没有数据。"
    elif group.available == group.full:
        text = f"{group.name}满分 {show(group.full)} 分，得 {format(group.points, 'f')} 分。"
    else:
        text = f"{group.name}有数据的指标满分 {show(group.available)} 分，得 {format(group.points, 'f')} 分。"
    if group.note:
        text = text[:-1] + f"（{group.note}）。"
    return _written(f"group-{group.code}", SECTIONS[1], text, codes)


def _losses(score: SetScore) -> list[IndicatorScore]:
    """失分的指标，失分多者在前，同失分按编码次序。"""
    leaves = [leaf for group in score.groups if group.role is GroupRole.BASE for leaf in group.leaves()]
    lost = [leaf for leaf in leaves if leaf.points is not None and leaf.points < leaf.full]
    return sorted(lost, key=lambda leaf: (leaf.points or Decimal(0)) - leaf.full)


def _loss(leaf: IndicatorScore) -> Sentence:
    text = f"指标 {leaf.code}{_named(leaf.name)}：{leaf.explanation}。"
    return _written(f"loss-{leaf.code}", SECTIONS[2], text, (leaf.code,))


def _missing(score: SetScore) -> list[Sentence]:
    reasons: dict[str, list[IndicatorScore]] = {}
    for leaf in score.leaves():
        if leaf.points is None:
            reasons.setdefault(leaf.reading.missing, []).append(leaf)
    return [
        _written(
            f"missing-{leaves[0].code}",
            SECTIONS[3],
            f"{'、'.join(leaf.code + _named(leaf.name) for leaf in leaves)}：{reason}。",
            tuple(leaf.code for leaf in leaves),
        )
        for reason, leaves in reasons.items()
    ]


def _advice(facts: ConclusionFacts, lost: Sequence[IndicatorScore]) -> list[Sentence]:
    found: list[Sentence] = []
    for leaf in lost:
        labels = facts.shortfalls.get(leaf.code, ())
        if not labels:
            continue
        count = facts.shortfall_counts.get(leaf.code, len(labels))
        listed = "、".join(_named(label) for label in labels[:_LISTED])
        more = f"等 {count} 项" if count > min(len(labels), _LISTED) else f"共 {count} 项"
        text = f"针对{_named(leaf.name)}，请核对并改进{listed}{more}。"
        found.append(_written(f"advice-{leaf.code}", SECTIONS[4], text, (leaf.code,)))
        if len(found) == _LISTED:
            break
    if not found:
        found.append(_written("advice", SECTIONS[4], "请继续保持，并对没有数据的指标及时补齐数据。"))
    return found
