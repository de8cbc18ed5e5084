"""排序：新增的事项放到表格所在的位置。"""

from __future__ import annotations

from collections.abc import Collection, Sequence

Placed = tuple[int, int | None]


def with_new_in_place(existing: Sequence[Placed], table: Sequence[Placed], *, new: Collection[int]) -> list[int]:
    """清单的新次序：``existing`` 与 ``table`` 为（事项，主项），各按现有与表中的次序；``new`` 为新增的事项。

    A new item comes after what stands before it in the table, a new main item after the whole family of that. What the
    list holds already keeps its order, whatever the table says.
    """
    order = [item_id for item_id, _ in existing]
    parents = dict(existing)
    before: int | None = None
    for place, (item_id, parent_id) in enumerate(table):
        if item_id in new:
            parents[item_id] = parent_id
            order.insert(_place(order, parents, table[place + 1 :], before, parent_id), item_id)
        before = item_id
    return order


def _place(
    order: Sequence[int],
    parents: dict[int, int | None],
    following: Sequence[Placed],
    before: int | None,
    parent_id: int | None,
) -> int:
    if parent_id is not None:
        is_near = before is not None and parent_id in (before, parents.get(before))
        return order.index(before if is_near and before is not None else parent_id) + 1
    if before is None:
        known = next((parents[item] or item for item, _ in following if item in parents), None)
        return len(order) if known is None else order.index(known)
    after = order.index(before) + 1
    while after < len(order) and parents.get(order[after]) is not None:
        after += 1
    return after
