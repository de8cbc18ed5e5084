"""目录范本与清单的对应：哪一项认领了范本的哪一项，符合多少，差在哪里。

Pure, and used alike by the rules (a finding per item), the page (a share and a list of deviations) and the evaluation
(claimed or not). A list names its base; an item names the base item by its key. Where it names none, the same code or the
same name speaks for it: a file has no keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quanze.apps.catalog.domain.items import ItemSnapshot, NodeKind, TemplateNode
from quanze.apps.catalog.domain.naming import canonical_name

POWER_LIST = "QZ"
BASE_LIST = "TPL"
LIST_TYPE_LABELS: Mapping[str, str] = {POWER_LIST: "权责清单", BASE_LIST: "目录范本"}


class DeviationKind(StrEnum):
    """差异的种类。"""

    MISSING = "missing"
    ADDED = "added"
    UNEXPLAINED = "unexplained"
    RENAMED = "renamed"
    RETYPED = "retyped"
    RESPLIT = "resplit"
    OMITTED = "omitted"


DEVIATION_LABELS: Mapping[DeviationKind, str] = {
    DeviationKind.MISSING: "缺少",
    DeviationKind.ADDED: "本级补充",
    DeviationKind.UNEXPLAINED: "多出未说明",
    DeviationKind.RENAMED: "名称不同",
    DeviationKind.RETYPED: "类型不同",
    DeviationKind.RESPLIT: "子项不同",
    DeviationKind.OMITTED: "不列入",
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """一处差异：种类、清单的事项（缺少时没有）、范本的事项（补充时没有）、名称、说明。"""

    kind: DeviationKind
    name: str
    note: str = ""
    item_id: int | None = None
    node_key: str = ""
    is_explained: bool = False

    @property
    def label(self) -> str:
        return DEVIATION_LABELS[self.kind]


@dataclass(frozen=True, slots=True)
class Conformance:
    """符合情况：范本应列的项数、清单中有的项数、差异、没有认领的选列事项。

    ``base_items`` counts what the list has to hold: the mandatory items of its kind of body, and the optional ones it claimed.
    """

    base_items: int
    present: int
    deviations: tuple[Deviation, ...]
    optional: tuple[TemplateNode, ...] = ()

    @property
    def drift(self) -> int:
        """偏离数：没有说明理由的差异有几处。"""
        return sum(not one.is_explained for one in self.deviations)

    @property
    def explained(self) -> int:
        """已说明理由的差异有几处。"""
        return len(self.deviations) - self.drift

    @property
    def percent(self) -> int:
        """符合率，只舍不入：差一项便不是百分之百。"""
        return 100 * self.present // self.base_items if self.base_items else 0

    def of(self, *kinds: DeviationKind) -> tuple[Deviation, ...]:
        """某几种差异。"""
        return tuple(one for one in self.deviations if one.kind in kinds)

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """各种差异的名称与处数，没有的不列。"""
        found = [(kind, len(self.of(kind))) for kind in DeviationKind]
        return tuple((DEVIATION_LABELS[kind], number) for kind, number in found if number)


# Registered elements of a base item: must it be listed, and by which kinds of body (packs/fields.yaml).
NEED, OPTIONAL, KINDS = "claim_need", "may", "claim_kinds"
TOWN, TOWNSHIP, SUBDISTRICT = "town", "township", "subdistrict"


def is_optional(extra: Mapping[str, Any]) -> bool:
    """范本的这一项可列可不列。"""
    return extra.get(NEED) == OPTIONAL


def claim_kinds(extra: Mapping[str, Any]) -> tuple[str, ...]:
    """范本的这一项只适用于哪几种机构；没有写的都适用。"""
    return tuple(extra.get(KINDS) or ())


def claim_kind(body_kind: str, body_name: str) -> str:
    """机构在认领上算哪一种：镇、乡、街道；其他机构为空，各项都适用。"""
    if body_kind == SUBDISTRICT:
        return SUBDISTRICT
    if body_kind != TOWN:
        return ""
    name = body_name.removesuffix("人民政府")
    return TOWNSHIP if name.endswith("乡") else TOWN


def applicable(nodes: Iterable[TemplateNode], kind: str) -> tuple[TemplateNode, ...]:
    """适用于这种机构的范本事项。"""
    return tuple(node for node in nodes if not node.kinds or not kind or kind in node.kinds)


def base_nodes_of(items: Sequence[ItemSnapshot], *, keys: Mapping[str, str] | None = None) -> tuple[TemplateNode, ...]:
    """范本的各项（主项与单项）及应有子项数；``keys`` 为快照的键 → 范本事项的键，不给则用快照的键。"""
    subitems: dict[str, int] = {}
    for item in items:
        if item.parent_key is not None:
            subitems[item.parent_key] = subitems.get(item.parent_key, 0) + 1
    return tuple(
        TemplateNode(
            key=keys[item.key] if keys is not None else item.key,
            name=item.content.name,
            power_type=item.content.power_type,
            subitems=subitems.get(item.key, 0),
            power_code=item.content.power_code,
            is_optional=is_optional(item.content.extra),
            kinds=claim_kinds(item.content.extra),
        )
        for item in items
        if item.parent_key is None and item.content.node_kind != NodeKind.SUB
    )


def matched(items: Iterable[ItemSnapshot], nodes: Sequence[TemplateNode]) -> dict[str, TemplateNode]:
    """事项键 → 所对应的范本事项。

    Its own key decides. Without one, the same power code or, failing that, the same name; what is marked as a local
    addition has no counterpart. A name or a code that stands twice in the base says nothing.
    """
    if not nodes:
        return {}
    by_key = {node.key: node for node in nodes}
    by_code = _once((node.power_code, node) for node in nodes if node.power_code)
    by_name = _once((canonical_name(node.name), node) for node in nodes)
    found: dict[str, TemplateNode] = {}
    for item in items:
        content = item.content
        node = by_key.get(content.template_key) if content.template_key else None
        if node is None and not content.template_key and not content.is_local_addition and item.parent_key is None:
            node = by_code.get(content.power_code) or by_name.get(canonical_name(content.name))
        if node is not None:
            found[item.key] = node
    return found


def _once(pairs: Iterable[tuple[str, TemplateNode]]) -> dict[str, TemplateNode]:
    held: dict[str, list[TemplateNode]] = {}
    for key, node in pairs:
        held.setdefault(key, []).append(node)
    return {key: nodes[0] for key, nodes in held.items() if len(nodes) == 1}


def conformance(
    items: Sequence[ItemSnapshot], nodes: Sequence[TemplateNode], *, omissions: Mapping[str, str] | None = None
) -> Conformance:
    """清单与范本的符合情况：先说缺少与多出，再说认领了而写法不同的，各按原来的次序。

    ``nodes`` are those that apply to the list's kind of body; ``omissions`` says of which base items the list told why it
    does not hold them.
    """
    claims = matched(items, nodes)
    claimed = {node.key for node in claims.values()}
    omitted = omissions or {}
    subitems: dict[str, int] = {}
    for item in items:
        if item.parent_key is not None:
            subitems[item.parent_key] = subitems.get(item.parent_key, 0) + 1
    found: list[Deviation] = []
    optional: list[TemplateNode] = []
    for node in nodes:
        if node.key in claimed:
            continue
        if node.is_optional:
            optional.append(node)
        elif node.key in omitted:
            reason = omitted[node.key]
            found.append(
                Deviation(DeviationKind.OMITTED, node.name, f"理由：{reason}", node_key=node.key, is_explained=True)
            )
        else:
            found.append(Deviation(DeviationKind.MISSING, node.name, node_key=node.key))
    added: list[Deviation] = []
    different: list[Deviation] = []
    for item in items:
        if item.parent_key is not None:
            continue
        counterpart = claims.get(item.key)
        if counterpart is None:
            added.append(_addition(item))
        else:
            different += differences(item, counterpart, subitems.get(item.key, 0))
    expected = len(nodes) - len(optional)
    return Conformance(expected, expected - len(found), (*found, *added, *different), tuple(optional))


def _addition(item: ItemSnapshot) -> Deviation:
    reason = item.content.addition_reason.strip()
    is_told = item.content.is_local_addition and bool(reason)
    kind = DeviationKind.ADDED if is_told else DeviationKind.UNEXPLAINED
    note = reason or ("标为本级补充而没有写明理由" if item.content.is_local_addition else "没有标明为本级补充")
    return Deviation(kind, item.content.name, note, item.item_id, is_explained=is_told)


def differences(item: ItemSnapshot, node: TemplateNode, subitems: int) -> list[Deviation]:
    """认领了的一项与范本的不同：名称、类型、子项数。"""
    content, found = item.content, []
    if canonical_name(content.name) != canonical_name(node.name):
        reason = content.addition_reason.strip()
        note = f"范本为“{node.name}”" + (f"；理由：{reason}" if reason else "")
        found.append(
            Deviation(DeviationKind.RENAMED, content.name, note, item.item_id, node.key, is_explained=bool(reason))
        )
    if node.power_type and content.power_type and node.power_type != content.power_type:
        note = f"{content.power_type}→{node.power_type}"
        found.append(Deviation(DeviationKind.RETYPED, content.name, note, item.item_id, node.key))
    if subitems != node.subitems:
        reason = content.addition_reason.strip()
        note = f"有 {subitems} 个子项，范本有 {node.subitems} 个" + (f"；理由：{reason}" if reason else "")
        found.append(
            Deviation(DeviationKind.RESPLIT, content.name, note, item.item_id, node.key, is_explained=bool(reason))
        )
    return found
