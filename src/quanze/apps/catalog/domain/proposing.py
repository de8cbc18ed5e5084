"""由几份实有的清单提议范本：同一事项（同名，或同编码）在几份清单里有，各份怎样写，多数怎样写，哪里不一致。

Pure. What is proposed is always something a list really says: the majority's type, the most frequent wording of the name and
of the basis. Where the lists disagree it is said, never averaged.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil

from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot, NodeKind
from quanze.apps.catalog.domain.naming import canonical_name, core_of

_CITED = re.compile(r"《([^《》]{2,80})》")


@dataclass(frozen=True, slots=True)
class SourceList:
    """一份作为来源的清单：名称与事项。"""

    name: str
    items: Sequence[ItemSnapshot]


@dataclass(frozen=True, slots=True)
class Variant:
    """一种写法与用它的清单。"""

    text: str
    lists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposedItem:
    """提议的一项：取多数的内容、有它的清单、名称与类型与依据的各种写法、子项（名称 → 有它的清单数）。"""

    key: str
    content: ItemContent
    lists: tuple[str, ...]
    names: tuple[Variant, ...]
    types: tuple[Variant, ...]
    bases: tuple[Variant, ...]
    subitems: tuple[tuple[ItemContent, int], ...]
    split_counts: tuple[int, ...]
    share: float

    @property
    def disagreements(self) -> tuple[str, ...]:
        """各份清单不一致的要素。"""
        found = [("名称", self.names), ("职权类型", self.types), ("依据", self.bases)]
        told = [label for label, variants in found if len(variants) > 1]
        return (*told, "子项") if len(set(self.split_counts)) > 1 else tuple(told)


@dataclass(frozen=True, slots=True)
class Proposal:
    """一份提议：来源的清单、取舍的份额、提议的各项（共有多者在前）、不足份额的项数。"""

    lists: tuple[str, ...]
    share: float
    items: tuple[ProposedItem, ...]
    left_out: int
    repeated: int

    @property
    def disagreeing(self) -> int:
        return sum(bool(item.disagreements) for item in self.items)


@dataclass(frozen=True, slots=True)
class _Held:
    """某清单里的一项与它的子项。"""

    list_name: str
    item: ItemSnapshot
    subs: tuple[ItemSnapshot, ...]


def propose(
    sources: Sequence[SourceList],
    *,
    share: float,
    fillers: re.Pattern[str],
    variants: Mapping[str, str],
) -> Proposal:
    """提议。``share`` in (0, 1]: the least part of the lists that must hold an item; at least two lists whatever it says.

    Items are the same where their names are (typography and filler words aside) or their power codes are; codes count only
    where the names do not contradict them in the same list.
    """
    held = [one for source in sources for one in _mains(source)]
    groups = _groups(held, fillers, variants)
    least = max(2, _least(share, len(sources)))
    found, left_out, repeated = [], 0, 0
    for key, members in groups:
        by_list: dict[str, _Held] = {}
        for one in members:
            if one.list_name in by_list:
                repeated += 1
            by_list.setdefault(one.list_name, one)
        if len(by_list) < least:
            left_out += 1
            continue
        found.append(_proposed(key, list(by_list.values()), len(sources)))
    found.sort(key=lambda one: -len(one.lists))
    return Proposal(tuple(source.name for source in sources), share, tuple(found), left_out, repeated)


def _least(share: float, lists: int) -> int:
    """至少几份清单有才提议：份额乘份数，向上取整。"""
    return ceil(round(share * lists, 9))


def _mains(source: SourceList) -> Iterable[_Held]:
    subs: dict[str, list[ItemSnapshot]] = {}
    for item in source.items:
        if item.parent_key is not None:
            subs.setdefault(item.parent_key, []).append(item)
    for item in source.items:
        if item.parent_key is None:
            yield _Held(source.name, item, tuple(subs.get(item.key, ())))


def _groups(
    held: Sequence[_Held], fillers: re.Pattern[str], variants: Mapping[str, str]
) -> list[tuple[str, list[_Held]]]:
    """归组：先按名称的实义部分，再把编码相同的组并在一起。"""
    by_core: dict[str, list[_Held]] = {}
    for one in held:
        core = core_of(one.item.content.name, fillers=fillers, variants=variants)
        by_core.setdefault(core or canonical_name(one.item.content.name), []).append(one)
    root = {core: core for core in by_core}

    def find(core: str) -> str:
        while root[core] != core:
            core = root[core]
        return core

    by_code: dict[str, str] = {}
    for core, members in by_core.items():
        for one in members:
            code = one.item.content.power_code
            if not code:
                continue
            other = find(by_code.setdefault(code, core))
            mine = find(core)
            lists = {m.list_name for m in by_core[other]} & {m.list_name for m in by_core[mine]}
            if other != mine and not lists:
                root[mine] = other
                by_core[other] += by_core[mine]
    return [(core, members) for core, members in by_core.items() if root[core] == core]


def _laws(content: ItemContent) -> str:
    """依据所引的法规，作为“依据是否相同”的判断。"""
    named = [one.law for one in content.bases] or _CITED.findall(content.basis_text)
    return "、".join(dict.fromkeys(law.removeprefix("中华人民共和国") for law in named))


def _variants(pairs: Iterable[tuple[str, str]]) -> tuple[Variant, ...]:
    """写法 → 用它的清单，多者在前；空白的不算一种写法。"""
    found: dict[str, list[str]] = {}
    for text, name in pairs:
        if text:
            found.setdefault(text, []).append(name)
    return tuple(Variant(text, tuple(names)) for text, names in sorted(found.items(), key=lambda one: -len(one[1])))


def _most(values: Iterable[str]) -> str:
    counted = Counter(value for value in values if value)
    return counted.most_common(1)[0][0] if counted else ""


def _proposed(key: str, held: Sequence[_Held], lists: int) -> ProposedItem:
    contents = [one.item.content for one in held]
    power_type = _most(content.power_type for content in contents)
    name = _most(canonical_name(content.name) for content in contents)
    laws = _most(_laws(content) for content in contents)
    chosen = next(
        (content for content in contents if _laws(content) == laws and content.power_type == power_type), contents[0]
    )
    subs = Counter(canonical_name(sub.content.name) for one in held for sub in one.subs)
    wordings = {canonical_name(sub.content.name): sub.content for one in reversed(held) for sub in one.subs}
    shared = tuple((bare(wordings[text]), number) for text, number in subs.items() if number * 2 > len(held))
    kind = NodeKind.MAIN if shared else NodeKind.SINGLE
    return ProposedItem(
        key=key,
        content=replace(bare(chosen), name=name, power_type=power_type, node_kind=kind),
        lists=tuple(one.list_name for one in held),
        names=_variants((canonical_name(one.item.content.name), one.list_name) for one in held),
        types=_variants((one.item.content.power_type, one.list_name) for one in held),
        bases=_variants((_laws(one.item.content), one.list_name) for one in held),
        subitems=shared,
        split_counts=tuple(len(one.subs) for one in held),
        share=len(held) / lists,
    )


def bare(content: ItemContent) -> ItemContent:
    """去掉属于某个机构的要素：主体、科室、编码、电话、承诺、本级补充。"""
    return replace(
        content,
        seq="",
        power_code="",
        exercising_body="",
        responsible_body="",
        authority_source="",
        lead_division="",
        assists=(),
        hotline="",
        guide_url="",
        promised_limit_days=None,
        limit_note="",
        remark="",
        is_local_addition=False,
        addition_reason="",
        template_key="",
        is_city_set=False,
        extra={},
    )
