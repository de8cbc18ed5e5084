"""重复的表：目录、总表。同一事项在几张表里各写一遍的，只读一遍。

A workbook often carries a table of contents, or one table of everything beside a table per type. Counting both would
double the list, so a sheet whose items all stand in the other sheets is set aside and said so, never silently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quanze.core.listsheet.drafts import ItemDraft

# What a table of contents does not have.
SUBSTANCE = ("basis_text", "duty_text", "direct_duty_text", "guidance_duty_text", "accountability_text", "target")
# What makes two rows of the same name the same item: two levels or two bodies are two matters.
SAME = ("basis_text", "exercising_body", "exercise_level", "power_code", "duty_text", "region_name")


@dataclass(frozen=True, slots=True)
class SetAside:
    """一张不再读的表：在第几张、是目录还是重复、说明。"""

    place: int
    is_contents: bool
    message: str


def copies(sheets: Sequence[Sequence[ItemDraft]]) -> tuple[SetAside, ...]:
    """各表的事项里，哪几张表只是另外的表的目录或重复。"""
    found: dict[int, SetAside] = {}
    full = [place for place, drafts in enumerate(sheets) if any(map(_has_substance, drafts))]
    names = {_key(draft.name) for place in full for draft in sheets[place]}
    for place, drafts in enumerate(sheets):
        if place in full or not drafts:
            continue
        missing = [draft.name for draft in drafts if _key(draft.name) not in names]
        if len(missing) * 10 <= len(drafts):
            more = f"；其中“{missing[0][:20]}”等 {len(missing)} 项在其他表里没有，请核对" if missing else ""
            message = f"这张表只列了 {len(drafts)} 个事项的名称，内容在其他表里，按目录对待，没有读{more}"
            found[place] = SetAside(place, is_contents=True, message=message)
    kept = {place: {_same(draft) for draft in sheets[place]} for place in full}
    # The smaller is held against the larger, the later against the earlier.
    for place in sorted(full, key=lambda place: (len(sheets[place]), -place)):
        mine = kept.pop(place)
        if mine <= set().union(*kept.values()):
            message = f"这张表的 {len(sheets[place])} 个事项与其他表完全相同，没有重复读"
            found[place] = SetAside(place, is_contents=False, message=message)
        else:
            kept[place] = mine
    return tuple(found[place] for place in sorted(found))


def _has_substance(draft: ItemDraft) -> bool:
    return any(draft.fields.get(field) for field in SUBSTANCE)


def _key(name: str) -> str:
    return "".join(ch for ch in name if ch.isalnum())


def _same(draft: ItemDraft) -> tuple[str, ...]:
    subitems = "\n".join(_key(sub.name) for sub in draft.subitems)
    return (_key(draft.name), draft.power_type, subitems, *(_key(draft.fields.get(field, "")) for field in SAME))
