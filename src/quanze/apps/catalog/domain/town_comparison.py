"""乡镇比较：同县各份清单与一把尺子（范本，没有的取各份清单多数共有的）逐项对照，项数之差归到原因；各县之间比项数。

Pure. A line is an item of the yardstick or something that only towns have; a cell says how one town stands to it. The same
``conformance`` that the town sees on its own page is what is laid side by side here, so the two never disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from quanze.apps.catalog.domain.base_lists import (
    Conformance,
    Deviation,
    DeviationKind,
    applicable,
    conformance,
    matched,
)
from quanze.apps.catalog.domain.items import ItemSnapshot, TemplateNode
from quanze.apps.catalog.domain.naming import canonical_name

LEAST_PEERS = 3


@dataclass(frozen=True, slots=True)
class TownList:
    """一份参加比较的清单：机构、种类（``claim_kind``）、现行事项、说明过不列入的范本事项。"""

    list_id: int
    body_id: int
    name: str
    kind: str
    items: Sequence[ItemSnapshot]
    omissions: Mapping[str, str] = field(default_factory=dict)
    is_bound: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """一格：这份清单的事项（没有为 None）、差异；``is_inapplicable`` 为范本此项不适用于这种机构。"""

    item_id: int | None = None
    deviations: tuple[Deviation, ...] = ()
    is_inapplicable: bool = False

    @property
    def kinds(self) -> tuple[DeviationKind, ...]:
        return tuple(one.kind for one in self.deviations)

    @property
    def is_present(self) -> bool:
        return self.item_id is not None


@dataclass(frozen=True, slots=True)
class Line:
    """一行：范本的一项，或只有清单才有的一项；各格次序与清单相同。"""

    key: str
    name: str
    power_type: str
    is_base: bool
    cells: tuple[Cell, ...]

    @property
    def holders(self) -> int:
        return sum(cell.is_present for cell in self.cells)

    def has(self, kind: DeviationKind | None) -> bool:
        """这一行有某种（不给则任何一种）差异。"""
        return any(cell.kinds if kind is None else kind in cell.kinds for cell in self.cells)


@dataclass(frozen=True, slots=True)
class ComparedTown:
    """一份清单的比较结果：项数、子项数、与尺子的符合情况、偏离多少、是否超过允许偏差。"""

    town: TownList
    items: int
    subitems: int
    result: Conformance
    expected: float
    is_outlier: bool

    @property
    def gap(self) -> float:
        """比应有的多（正）或少（负）几项。"""
        return self.items - self.expected


@dataclass(frozen=True, slots=True)
class TownComparison:
    """同县比较：尺子的项数、各份清单、各行。"""

    base_items: int
    towns: tuple[ComparedTown, ...]
    lines: tuple[Line, ...]

    def count(self, kind: DeviationKind) -> int:
        """某种差异共有几处。"""
        return sum(len(one.result.of(kind)) for one in self.towns)


def compare_towns(towns: Sequence[TownList], nodes: Sequence[TemplateNode], *, limit_percent: int) -> TownComparison:
    """同县各份清单逐项比较。``limit_percent`` 为项数允许偏差（%）；没有尺子时与同种机构的中位数比，至少三份。"""
    compared = []
    columns: list[dict[str, Cell]] = []
    extra: dict[str, tuple[str, str]] = {}
    for town in towns:
        own = applicable(nodes, town.kind)
        result = conformance(town.items, own, omissions=town.omissions)
        cells, additions = _cells(town, own, result)
        for key, item in additions.items():
            extra.setdefault(key, (item.content.name, item.content.power_type))
        columns.append(cells)
        mains = sum(item.parent_key is None for item in town.items)
        compared.append((town, mains, len(town.items) - mains, result))
    kinds = [town.kind for town in towns]
    done = []
    for town, mains, subs, result in compared:
        peers = [other[1] for other, kind in zip(compared, kinds, strict=True) if kind == town.kind]
        expected = float(result.base_items) if nodes else float(median(peers)) if len(peers) >= LEAST_PEERS else mains
        is_outlier = bool(expected) and abs(mains - expected) * 100 > limit_percent * expected
        done.append(ComparedTown(town, mains, subs, result, expected, is_outlier))
    lines = [
        Line(node.key, node.name, node.power_type, True, tuple(column.get(node.key, Cell()) for column in columns))
        for node in nodes
    ]
    lines += [
        Line(key, name, power_type, False, tuple(column.get(key, Cell()) for column in columns))
        for key, (name, power_type) in extra.items()
    ]
    return TownComparison(len(nodes), tuple(done), tuple(lines))


def _cells(
    town: TownList, nodes: Sequence[TemplateNode], result: Conformance
) -> tuple[dict[str, Cell], dict[str, ItemSnapshot]]:
    """一份清单在各行的格；只有它才有的事项以规范名称为键，供各份清单归到同一行。"""
    by_node: dict[str, list[Deviation]] = {}
    by_item: dict[int, list[Deviation]] = {}
    for one in result.deviations:
        if one.node_key:
            by_node.setdefault(one.node_key, []).append(one)
        elif one.item_id is not None:
            by_item.setdefault(one.item_id, []).append(one)
    claims = matched(town.items, nodes)
    applies = {node.key for node in nodes}
    cells = {key: Cell(None, tuple(found)) for key, found in by_node.items() if key in applies}
    additions: dict[str, ItemSnapshot] = {}
    for item in town.items:
        node = claims.get(item.key)
        if node is not None:
            cells[node.key] = Cell(item.item_id, tuple(by_node.get(node.key, ())))
        elif item.parent_key is None:
            key = f"name:{canonical_name(item.content.name)}"
            additions.setdefault(key, item)
            cells[key] = Cell(item.item_id, tuple(by_item.get(item.item_id or 0, ())))
    return cells, additions


def common_nodes(towns: Sequence[TownList]) -> tuple[TemplateNode, ...]:
    """没有范本时的尺子：至少半数清单（不少于两份）都有的事项，类型与子项数取最多的。次序随第一次出现。"""
    held: dict[str, list[tuple[ItemSnapshot, int]]] = {}
    for town in towns:
        subs = Counter(item.parent_key for item in town.items if item.parent_key is not None)
        seen: set[str] = set()
        for item in town.items:
            name = canonical_name(item.content.name)
            if item.parent_key is None and name not in seen:
                seen.add(name)
                held.setdefault(name, []).append((item, subs[item.key]))
    return tuple(
        TemplateNode(
            f"name:{name}",
            found[0][0].content.name,
            Counter(item.content.power_type for item, _ in found).most_common(1)[0][0],
            Counter(number for _, number in found).most_common(1)[0][0],
        )
        for name, found in held.items()
        if len(found) >= 2 and len(found) * 2 >= len(towns)
    )


@dataclass(frozen=True, slots=True)
class CountyGap:
    """一县与别县相差过大：差得最远的县、差几项、各县中位数、允许偏差。"""

    farthest: str
    items: float
    middle: float
    limit_percent: int


def county_gap(own: str, typical: Mapping[str, float], *, limit_percent: int) -> CountyGap | None:
    """各县典型项数（中位数）之间，本县与差得最远的县是否超过允许偏差；不足三县不比。"""
    if own not in typical or len(typical) < LEAST_PEERS:
        return None
    middle = median(typical.values())
    farthest = max(typical, key=lambda region: (abs(typical[region] - typical[own]), region))
    gap = abs(typical[farthest] - typical[own])
    return CountyGap(farthest, gap, middle, limit_percent) if middle and gap * 100 > limit_percent * middle else None
