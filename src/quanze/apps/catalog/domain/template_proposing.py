"""由几个清单文件共有的要素提议清单模板：哪些要素大家都写，写得满不满，据此定必填与所用的补充要素。

Pure. A file has an element when one of its items says something for it. Proposed as required is what enough of the files have and
nearly every item of those files fills; the columns that became no element are told, so that they can be registered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from quanze.apps.catalog.domain.items import CONTENT_LABELS, ItemContent

NEARLY_ALL = 0.95
# What only says where an item stands in its list, and what says again in rows what a text says.
_NOT_ELEMENTS = frozenset(
    [
        "seq",
        "node_kind",
        "bases",
        "duties",
        "accountability_cases",
        "is_local_addition",
        "addition_reason",
        "template_key",
        "is_city_set",
        "extra",
        "remark",
        "limit_note",
        "plain_summary",
    ]
)


@dataclass(frozen=True, slots=True)
class FileContents:
    """一个文件：名称、各主项的内容、没有对上要素的栏目。"""

    name: str
    items: Sequence[ItemContent]
    unread_columns: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SharedElement:
    """一个要素：代码、名称、写了它的文件、这些文件的事项有几成写了；``is_further`` 为补充要素。"""

    code: str
    label: str
    files: tuple[str, ...]
    filled: float
    is_further: bool


@dataclass(frozen=True, slots=True)
class TemplateProposal:
    """提议的模板：文件、要素（共有多者在前）、必填的、所用的补充要素、没有对上要素的栏目与份数。"""

    files: tuple[str, ...]
    share: float
    elements: tuple[SharedElement, ...]
    required: tuple[str, ...]
    further: tuple[str, ...]
    unread_columns: tuple[tuple[str, int], ...]


def propose_template(files: Sequence[FileContents], *, share: float, further: Mapping[str, str]) -> TemplateProposal:
    """提议。``share`` in (0, 1]: the part of the files that must have an element; ``further``：登记的补充要素，代码 → 名称。"""
    own = [one.name for one in fields(ItemContent) if one.name not in _NOT_ELEMENTS]
    labels = {code: CONTENT_LABELS[code] for code in own} | dict(further)
    elements = []
    for code, label in labels.items():
        is_further = code in further
        counted = [
            (one.name, sum(_says(item, code, is_further) for item in one.items), len(one.items)) for one in files
        ]
        held = [(name, said, items) for name, said, items in counted if said]
        if held:
            filled = sum(said for _, said, _ in held) / sum(items for _, _, items in held)
            elements.append(SharedElement(code, label, tuple(name for name, _, _ in held), filled, is_further))
    elements.sort(key=lambda one: (-len(one.files), -one.filled, one.code))
    kept = [one for one in elements if len(one.files) >= share * len(files) - 1e-9]
    return TemplateProposal(
        files=tuple(one.name for one in files),
        share=share,
        elements=tuple(elements),
        required=tuple(one.code for one in kept if one.filled >= NEARLY_ALL),
        further=tuple(one.code for one in kept if one.is_further),
        unread_columns=tuple(Counter(column for one in files for column in one.unread_columns).most_common()),
    )


def _says(content: ItemContent, code: str, is_further: bool) -> bool:
    value = content.extra.get(code) if is_further else getattr(content, code)
    return value not in (None, "", (), [])
