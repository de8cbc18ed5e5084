"""事项的由来：由领域与行为组成的一条条“事实”（名称、类型、法规、条款、领域、科室），尚未写成事项内容。"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quanze.demo.packs import pack

# Lists of ready names in the packs: [name, law, article, thing, optional mark].
_NAMED = {
    "licenses": "license",
    "coercions": "coercion",
    "levies": "levy",
    "benefits": "benefit",
    "confirmations": "confirmation",
    "rewards": "reward",
    "adjudications": "adjudication",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """一个事项的由来。"""

    name: str
    power_type: str
    law: str
    article: int
    thing: str
    division: str
    rural: bool = False
    urban: bool = False


def _named(source: Mapping[str, Any], divisions: Mapping[str, str]) -> Iterator[Fact]:
    for key, power_type in _NAMED.items():
        for name, law, article, thing, *marks in source[key]:
            yield Fact(name, power_type, law, int(article), thing, divisions[thing], rural="rural" in marks)


def _penalties(sectors: Sequence[Mapping[str, Any]], shared: Sequence[str]) -> Iterator[Fact]:
    """逐个行为轮流取各领域，使截取任意前若干条都含各领域。"""
    longest = max(len(sector.get("acts", shared)) for sector in sectors)
    for turn in range(longest):
        for sector in sectors:
            acts = sector.get("acts", shared)
            if turn < len(acts):
                first, last = sector["liability"]
                yield Fact(
                    f"对{acts[turn].format(o=sector['thing'])}的处罚",
                    "penalty",
                    sector["law"],
                    first + turn % (last - first + 1),
                    sector["thing"],
                    sector["division"],
                    rural=sector.get("rural", False),
                    urban=sector.get("urban", False),
                )


def _inspections(sectors: Sequence[Mapping[str, Any]], patterns: Sequence[str]) -> Iterator[Fact]:
    for pattern in patterns:
        for sector in sectors:
            yield Fact(
                pattern.format(o=sector["thing"]),
                "inspection",
                sector["law"],
                sector["oversight"],
                sector["thing"],
                sector["division"],
                rural=sector.get("rural", False),
                urban=sector.get("urban", False),
            )


def department_facts(body_code: str) -> dict[str, list[Fact]]:
    """某部门可用的事实，按类型。"""
    source = next(one for one in pack("departments") if one["body"] == body_code)
    sectors = source["sectors"]
    divisions = {sector["thing"]: sector["division"] for sector in sectors}
    facts = [*_named(source, divisions), *_penalties(sectors, source["acts"])]
    facts += _inspections(sectors, source["inspections"])
    facts += [
        Fact(
            pattern.format(o=sector["thing"]),
            "other",
            sector["law"],
            sector["oversight"],
            sector["thing"],
            sector["division"],
        )
        for pattern in source["others"]
        for sector in sectors
    ]
    return by_type(facts)


def department_divisions(body_code: str) -> tuple[str, ...]:
    """某部门的内设机构：通用的与各领域的业务科室。"""
    source = next(one for one in pack("departments") if one["body"] == body_code)
    return tuple(dict.fromkeys([*pack("city")["divisions"]["department"], *(s["division"] for s in source["sectors"])]))


def town_facts() -> dict[str, list[Fact]]:
    """乡镇（街道）可用的事实，按类型。"""
    source = pack("towns")
    sectors = source["sectors"]
    divisions = {sector["thing"]: sector["division"] for sector in sectors}
    facts = [*_named(source, divisions), *_penalties(sectors, ()), *_inspections(sectors, source["inspections"])]
    facts += [
        Fact(f"对{place}的安全检查", "inspection", "中华人民共和国安全生产法", 62, "小微企业安全生产", "平安法治办公室")
        for place in source["inspection_extra"]
    ]
    facts += [
        Fact(
            pattern.format(o=matter["thing"]),
            "other",
            matter["law"],
            matter["article"],
            matter["thing"],
            matter["division"],
            rural=matter.get("rural", False),
            urban=matter.get("urban", False),
        )
        for pattern in source["procedures"]
        for matter in source["matters"]
    ]
    return by_type(facts)


def by_type(facts: Iterable[Fact]) -> dict[str, list[Fact]]:
    """按类型归类，名称不得重复。"""
    found: dict[str, list[Fact]] = {}
    seen: set[str] = set()
    for fact in facts:
        if fact.name in seen:
            raise ValueError(f"演示用语中有重复的事项名称：{fact.name}")
        seen.add(fact.name)
        found.setdefault(fact.power_type, []).append(fact)
    return found
