"""规则所见的主体：清单快照加上资料包与几张索引。

Built once per run, so that no rule walks the list to find a parent. What a sub-item leaves empty it has from its main
item, and a main item may leave to all its sub-items: published lists are written in both ways.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from quanze.apps.catalog.domain.base_lists import matched
from quanze.apps.catalog.domain.items import ItemSnapshot, ListSnapshot, NodeKind, TemplateNode
from quanze.apps.catalog.domain.naming import canonical_name, without_bracketed_end
from quanze.apps.catalog.domain.packs import ListTemplate, PowerType, RulePacks, Thresholds

# Cells that say "nothing": they count as not filled.
BLANKS = frozenset({"", "无", "/", "-", "—", "——", "暂无", "空", "略"})


class CheckedList:
    """受检清单。"""

    def __init__(self, snapshot: ListSnapshot, packs: RulePacks) -> None:
        self.snapshot = snapshot
        self.packs = packs
        self.template: ListTemplate = packs.template(snapshot.template)
        self.by_key = {item.key: item for item in snapshot.items}

    @property
    def items(self) -> Sequence[ItemSnapshot]:
        return self.snapshot.items

    @property
    def thresholds(self) -> Thresholds:
        return self.packs.thresholds

    @cached_property
    def _children(self) -> dict[str, list[ItemSnapshot]]:
        children: dict[str, list[ItemSnapshot]] = {}
        for item in self.items:
            if item.parent_key is not None:
                children.setdefault(item.parent_key, []).append(item)
        return children

    @cached_property
    def _canonical(self) -> dict[str, str]:
        return {item.key: canonical_name(item.content.name) for item in self.items}

    @cached_property
    def _base_nodes(self) -> dict[str, TemplateNode]:
        return matched(self.items, self.snapshot.base_nodes)

    def children(self, item: ItemSnapshot) -> Sequence[ItemSnapshot]:
        """主项的子项，按清单次序。"""
        return self._children.get(item.key, ())

    def parent(self, item: ItemSnapshot) -> ItemSnapshot | None:
        """子项的主项。"""
        return self.by_key.get(item.parent_key) if item.parent_key is not None else None

    def canonical(self, item: ItemSnapshot) -> str:
        """规范名称。"""
        return self._canonical[item.key]

    def type_code(self, item: ItemSnapshot) -> str:
        """职权类型代码；子项未写的从主项。"""
        own = item.content.power_type
        parent = self.parent(item)
        return own or (parent.content.power_type if parent is not None else "")

    def power_type(self, item: ItemSnapshot) -> PowerType | None:
        """职权类型；未写或包中没有则为 None。"""
        return self.packs.types.by_code.get(self.type_code(item))

    def is_filled(self, item: ItemSnapshot, *fields: str) -> bool:
        """要素是否已填：任一字段有内容即可，子项可从主项，主项可由全部子项分别写明。"""
        if any(_has(item, field) for field in fields):
            return True
        parent = self.parent(item)
        if parent is not None and any(_has(parent, field) for field in fields):
            return True
        children = self.children(item)
        return bool(children) and all(any(_has(child, field) for field in fields) for child in children)

    def base_node(self, item: ItemSnapshot) -> TemplateNode | None:
        """所对应的范本事项：自己写明的，或编码、名称相同的；没有范本或范本中没有则为 None。"""
        return self._base_nodes.get(item.key)

    def decided_type(self, item: ItemSnapshot) -> str:
        """名称足以断定的类型代码；断定不了则为空。"""
        name = without_bracketed_end(self.canonical(item))
        return next(
            (one.code for one in self.packs.types.types if one.decisive_words and name.endswith(one.decisive_words)), ""
        )

    def main_count(self) -> int:
        """主项与单项数，不计子项。"""
        return sum(1 for item in self.items if item.content.node_kind != NodeKind.SUB)


def _has(item: ItemSnapshot, field: str) -> bool:
    value = item.content.value(field)
    if isinstance(value, str):
        return value.strip() not in BLANKS
    return value is not None and value != ()
