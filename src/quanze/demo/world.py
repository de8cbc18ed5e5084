"""示范城市的清单：确定的生成器，同一种子在任何机器上得到同样的城市。

Pure: no database, no clock. ``build`` gives what is published (``fields``) and, for items with a planted defect that
would block a submission, the draft that was written afterwards (``draft``). ``seeding`` loads it through the services.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random
from typing import Any

from quanze.demo.facts import Fact, department_divisions, department_facts, town_facts
from quanze.demo.mix import spread
from quanze.demo.packs import pack
from quanze.demo.writing import write

SEED = 20261122

# Holders whose list carries a planted defect of the whole list.
OTHER_HEAVY = "WJ-NH"  # C203: half of the list is 其他
BOILERPLATE = "SQ-YL"  # S010: one accountability text for all

TEMPLATE_SIZE = 190
BASE = "base"


@dataclass(frozen=True, slots=True)
class DemoItem:
    """一个事项：``ref`` 在全市唯一；``fields`` 为已公布的内容，``draft`` 为公布之后写坏的修改稿。"""

    ref: str
    holder: str
    fields: Mapping[str, Any]
    parent: str = ""
    draft: Mapping[str, Any] | None = None

    @property
    def working(self) -> Mapping[str, Any]:
        return self.draft if self.draft is not None else self.fields

    @property
    def is_sub(self) -> bool:
        return bool(self.parent)


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """一处预设缺陷：机构、规则、事项（空为整份清单）、说明。"""

    holder: str
    rule: str
    ref: str
    note: str


@dataclass(frozen=True, slots=True)
class Holder:
    """有清单的机构及其事项。"""

    code: str
    name: str
    kind: str
    region: str
    county: str
    divisions: tuple[str, ...]
    data: Mapping[str, Any]
    items: tuple[DemoItem, ...]

    @property
    def is_town(self) -> bool:
        return self.kind in ("town", "subdistrict")

    @property
    def is_base(self) -> bool:
        """目录范本的制定机构，而不是行使职权的机构。"""
        return self.kind == BASE

    @property
    def main_items(self) -> tuple[DemoItem, ...]:
        return tuple(item for item in self.items if not item.is_sub)


@dataclass(frozen=True, slots=True)
class World:
    """示范城市的全部清单与预设缺陷。"""

    holders: tuple[Holder, ...]
    defects: tuple[PlantedDefect, ...]
    bases: tuple[Holder, ...] = ()

    def base_of(self, code: str) -> Holder | None:
        """某机构的清单所绑定的目录范本。"""
        return next((base for base in self.bases if code in base.data["bound"]), None)

    @property
    def items(self) -> tuple[DemoItem, ...]:
        return tuple(item for holder in self.holders for item in holder.items)

    def holder(self, code: str) -> Holder:
        return next(holder for holder in self.holders if holder.code == code)

    def only(self, codes: Collection[str]) -> World:
        """只留若干机构的小城市，用于快速的演示与测试。清单之间的缺陷要有全部清单才成立，因此不留；与范本之间的照留。"""
        return World(
            tuple(holder for holder in self.holders if holder.code in codes),
            tuple(one for one in self.defects if one.holder in codes and self._holds_alone(one)),
            tuple(base for base in self.bases if not set(codes).isdisjoint(base.data["bound"])),
        )

    def _holds_alone(self, defect: PlantedDefect) -> bool:
        return defect.rule[0] != "X" or (defect.rule != "X802" and self.base_of(defect.holder) is not None)

    def digest(self) -> str:
        """全部内容的摘要。"""
        content = [
            [item.ref, item.parent, dict(item.fields), dict(item.draft) if item.draft else None]
            for item in (*self.items, *(item for base in self.bases for item in base.items))
        ]
        text = json.dumps([content, truth(self)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def truth(world: World) -> list[dict[str, str]]:
    """真值：每处预设缺陷一行，供测试与检查结果对照。"""
    return [
        {"holder": one.holder, "rule": one.rule, "ref": one.ref, "note": one.note}
        for one in sorted(world.defects, key=lambda one: (one.holder, one.rule, one.ref))
    ]


@lru_cache(maxsize=2)
def build(seed: int = SEED) -> World:
    """生成示范城市。"""
    from quanze.demo.defects import plant

    city = pack("city")
    counts = _quotas(city)
    pool = town_facts()
    bases = tuple(_base(row, city, counts, pool, Random(f"{seed}/{row['owner']}")) for row in city["bases"])
    keys = {code: _keys(base) for base in bases for code in base.data["bound"]}
    holders = []
    for row in city["holders"]:
        rng = Random(f"{seed}/{row['code']}")
        county = _county_of(city, row["region"])
        facts = _chosen(row, counts, pool)
        divisions = _divisions(city, row)
        items = _written(row, facts, divisions, rng, keys.get(row["code"], {}))
        holders.append(
            Holder(row["code"], row["name"], row["kind"], row["region"], county, divisions, row, tuple(items))
        )
    return plant(World(tuple(holders), (), bases), Random(f"{seed}/defects"))


def _base(
    row: Mapping[str, Any],
    city: Mapping[str, Any],
    counts: Mapping[str, Mapping[str, int]],
    pool: Mapping[str, Sequence[Fact]],
    rng: Random,
) -> Holder:
    """一份县级目录范本；``ref`` 即事项标识，因为范本一次写成，流水号依次编下去。"""
    shares = counts[row.get("like") or "template"]
    facts = [
        (fact, False)
        for power_type, everything in pool.items()
        for fact in _take(
            [fact for fact in everything if not fact.urban],
            shares.get(power_type, 0) + (row.get("more", 0) if power_type == "other" else 0),
        )
    ]
    county = _county_of(city, row["region"])
    holder = {
        "code": row["owner"],
        "name": county,
        "short": county,
        "kind": BASE,
        "region": row["region"],
        "hotline": "",
    }
    divisions = tuple(city["divisions"]["town"])
    written = _written(holder, facts, divisions, rng, {})
    codes = {item.ref: f"{row['owner']}-{number:05d}" for number, item in enumerate(written, start=1)}
    items = tuple(
        DemoItem(codes[item.ref], row["owner"], dict(item.fields) | _NOT_IN_BASES, codes.get(item.parent, ""))
        for item in written
    )
    return Holder(row["owner"], row["short"], BASE, row["region"], county, (), row, items)


# What the body that claims an item writes itself.
_NOT_IN_BASES = {
    "power_code": "",
    "exercising_body": "",
    "responsible_body": "",
    "authority_source": "",
    "lead_division": "",
    "assists": (),
    "hotline": "",
    "promised_limit_days": None,
}


def _keys(base: Holder) -> dict[str, str]:
    """事项名称 → 范本事项的标识。"""
    return {item.fields["name"]: item.ref for item in base.main_items}


def _county_of(city: Mapping[str, Any], region: str) -> str:
    rows = {row["code"]: row for row in city["regions"]}
    row = rows[region]
    return rows[row["parent"]]["name"] if row["level"] == "town" else row["name"]


def _quotas(city: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """各清单每类几项；县范本与超出范本的部分分开算。"""
    rows = {row["code"]: row for row in city["holders"]}
    segments = [(OTHER_HEAVY, rows[OTHER_HEAVY]["items"], 1)]
    segments += [(code, row["items"], 1) for code, row in rows.items() if not row.get("mold")]
    segments.append(("template", TEMPLATE_SIZE, 3))
    for code, row in rows.items():
        if row.get("mold") in ("extended", "reworded"):
            segments.append((code, row["items"] - TEMPLATE_SIZE, 1))
        elif row.get("mold") in ("part", "street") and code != OTHER_HEAVY:
            segments.append((code, row["items"], 1))
    return spread(segments, city["type_shares"], other_share={OTHER_HEAVY: 0.5})


def _chosen(
    row: Mapping[str, Any], counts: Mapping[str, Mapping[str, int]], pool: Mapping[str, Sequence[Fact]]
) -> list[tuple[Fact, bool]]:
    """某清单的事实与“是否本级补充”，按类型排列。"""
    code, mold = row["code"], row.get("mold")
    if mold is None:
        return [
            (fact, False)
            for power_type, facts in department_facts(code).items()
            for fact in _take(facts, counts[code].get(power_type, 0))
        ]
    chosen: list[tuple[Fact, bool]] = []
    for power_type, everything in pool.items():
        if mold == "street":
            # Urban matters first: they are what sets a street's list apart from a town's.
            facts = sorted((f for f in everything if not f.rural), key=lambda f: not f.urban)
            chosen += [(fact, False) for fact in _take(facts, counts[code].get(power_type, 0))]
            continue
        facts = [fact for fact in everything if not fact.urban]
        if mold == "part":
            chosen += [(fact, False) for fact in _take(facts, counts[code].get(power_type, 0))]
            continue
        base = counts["template"].get(power_type, 0)
        extra = counts[code].get(power_type, 0) if mold in ("extended", "reworded") else 0
        chosen += [(fact, n >= base) for n, fact in enumerate(_take(facts, base + extra))]
    return chosen


def _take(facts: Sequence[Fact], number: int) -> Sequence[Fact]:
    if number > len(facts):
        raise ValueError(f"演示用语不够：{facts[0].power_type if facts else ''} 要 {number} 项，只有 {len(facts)} 项")
    return facts[:number]


def _divisions(city: Mapping[str, Any], row: Mapping[str, Any]) -> tuple[str, ...]:
    if row["kind"] in ("town", "subdistrict"):
        return tuple(city["divisions"][row["kind"]])
    return department_divisions(row["code"])


def _written(
    row: Mapping[str, Any],
    facts: Sequence[tuple[Fact, bool]],
    divisions: tuple[str, ...],
    rng: Random,
    keys: Mapping[str, str],
) -> list[DemoItem]:
    """写成事项：编号、职权编码、序号、所认领的范本事项；检查类的第一项分出子项。"""
    city = pack("city")
    items: list[DemoItem] = []
    numbers: dict[str, int] = {}
    rewordings = _rewordings(facts) if row.get("mold") == "reworded" else {}
    is_family_made = False
    for seq, (fact, is_addition) in enumerate(facts, start=1):
        division = fact.division if fact.division in divisions else divisions[rng.randrange(1, len(divisions))]
        content = write(fact, holder=row, division=division, divisions=divisions, rng=rng)
        content |= {"seq": str(seq), "power_code": _code(row, fact.power_type, numbers)}
        if row.get("mold"):
            content["template_key"] = "" if is_addition else keys.get(fact.name, "")
        if is_addition:
            content |= {"is_local_addition": True, "addition_reason": rng.choice(pack("towns")["addition_reasons"])}
        content["name"] = rewordings.get(fact.name, fact.name)
        item = DemoItem(f"{row['code']}/{seq:03d}", row["code"], content)
        items.append(item)
        if fact.power_type == "inspection" and not is_family_made:
            is_family_made = True
            items[-1] = replace(item, fields=content | {"node_kind": "main"})
            # The town that rewords also divides differently: one part of the family is left out (X803).
            parts = city["family_parts"][: -1 if row.get("mold") == "reworded" else None]
            items += _sub_items(row, item, fact, parts, numbers, divisions, rng)
    return items


def _code(row: Mapping[str, Any], power_type: str, numbers: dict[str, int]) -> str:
    numbers[power_type] = numbers.get(power_type, 0) + 1
    return f"{row['region']}-{row['code'][-2:]}-{pack('city')['letters'][power_type]}-{numbers[power_type]:03d}"


def _sub_items(
    row: Mapping[str, Any],
    main: DemoItem,
    fact: Fact,
    parts: Sequence[str],
    numbers: dict[str, int],
    divisions: tuple[str, ...],
    rng: Random,
) -> list[DemoItem]:
    made = []
    for number, part in enumerate(parts, start=1):
        sub = replace(fact, name=f"对{fact.thing}{part}的监督检查")
        content = write(sub, holder=row, division=main.fields["lead_division"], divisions=divisions, rng=rng)
        content |= {
            "seq": f"{main.fields['seq']}.{number}",
            "power_code": _code(row, fact.power_type, numbers),
            "node_kind": "sub",
        }
        made.append(DemoItem(f"{main.ref}.{number}", row["code"], content, parent=main.ref))
    return made


def _rewordings(facts: Sequence[tuple[Fact, bool]]) -> dict[str, str]:
    """改写范本名称：前十二个能改写的。"""
    changed: dict[str, str] = {}
    for fact, is_addition in facts:
        for old, new in pack("towns")["rewording"]:
            if old in fact.name and not is_addition and len(changed) < 12:
                changed[fact.name] = fact.name.replace(old, new)
    return changed
