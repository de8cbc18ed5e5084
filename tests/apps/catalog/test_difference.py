"""对照：新增、变更、未变、缺少，同名按次序相配，子项在主项之下。"""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from quanze.apps.catalog.domain.difference import (
    Choices,
    EntryKind,
    Existing,
    Incoming,
    carried_fields,
    chosen_entries,
    compare,
    content_as_json,
    content_from_json,
)
from quanze.apps.catalog.domain.items import AssistContent, BasisContent, DutyContent, ItemContent

EVERY = carried_fields(
    ["power_code", "exercising_body", "lead_division", "basis_text", "duty_text", "accountability_text"], has_type=True
)


def existing(item_id, name="对电鱼的处罚", **fields):
    place = {key: fields.pop(key) for key in ("parent_id", "is_locked", "is_in_force", "in_force") if key in fields}
    return Existing(item_id, ItemContent(name=name, power_type="penalty", **fields), **place)


def row(key, name="对电鱼的处罚", **fields):
    place = {key: fields.pop(key) for key in ("parent_key", "doubts", "carried") if key in fields}
    fields.setdefault("power_type", "penalty")
    return Incoming(key, ItemContent(name=name, **fields), place.pop("carried", EVERY), place=key, **place)


def kinds(found):
    return [(entry.key, entry.kind.value, entry.item_id) for entry in found.entries]


def test_sorts_a_table_into_new_changed_unchanged_and_missing():
    # given
    held = [existing(1), existing(2, "对毒鱼的处罚", basis_text="旧"), existing(3, "对炸鱼的处罚")]
    table = [row("s!2"), row("s!3", "对毒鱼的处罚", basis_text="新"), row("s!4", "渔业捕捞许可", power_type="license")]

    # when
    found = compare(held, table)

    # then
    assert kinds(found) == [("s!2", "unchanged", 1), ("s!3", "changed", 2), ("s!4", "new", None)]
    assert [(c.label, c.old, c.new) for c in found.entries[1].changes] == [("实施依据", "旧", "新")]
    assert [one.item_id for one in found.missing] == [3]


def test_alike_items_are_matched_in_their_order_and_the_identical_ones_first():
    # given: three of one name; the middle one has gone from the table
    held = [existing(1, basis_text="甲"), existing(2, basis_text="乙"), existing(3, basis_text="丙")]

    # when
    found = compare(held, [row("s!2", basis_text="甲"), row("s!3", basis_text="丙")])

    # then: no cascade of changes
    assert kinds(found) == [("s!2", "unchanged", 1), ("s!3", "unchanged", 3)]
    assert [one.item_id for one in found.missing] == [2]


def test_what_the_table_has_no_column_for_is_kept():
    # given: a division assigned by hand
    held = [existing(1, lead_division="渔政科", basis_text="旧")]

    # when: the table has a basis column only
    found = compare(held, [row("s!2", basis_text="新", carried=carried_fields(["basis_text"], has_type=True))])

    # then
    assert found.entries[0].content.lead_division == "渔政科"
    assert [c.field for c in found.entries[0].changes] == ["basis_text"]


def test_an_emptied_cell_of_a_present_column_is_a_change():
    found = compare([existing(1, lead_division="渔政科")], [row("s!2")])

    assert [(c.field, c.new) for c in found.entries[0].changes] == [("lead_division", "")]


def test_a_changed_serial_number_alone_is_no_change():
    assert kinds(compare([existing(1, seq="7")], [row("s!2", seq="8")])) == [("s!2", "unchanged", 1)]


def test_a_renamed_item_with_the_same_code_is_the_same_item():
    found = compare([existing(1, power_code="CF-1")], [row("s!2", "对使用电鱼方法捕捞的处罚", power_code="CF-1")])

    assert kinds(found) == [("s!2", "changed", 1)]


def test_an_item_whose_type_was_corrected_is_the_same_item():
    found = compare([existing(1)], [row("s!2", power_type="coercion")])

    assert kinds(found) == [("s!2", "changed", 1)]
    assert [c.field for c in found.entries[0].changes] == ["power_type"]


def test_subitems_are_matched_under_their_own_main_item_only():
    # given: two main items, each with a sub-item of the same name
    held = [
        existing(1, "甲类许可", node_kind="main"),
        existing(2, "延续", parent_id=1, node_kind="sub"),
        existing(3, "乙类许可", node_kind="main"),
        existing(4, "延续", parent_id=3, node_kind="sub"),
    ]
    table = [
        row("s!2", "乙类许可", node_kind="main"),
        row("s!2#1", "延续", parent_key="s!2", node_kind="sub"),
        row("s!4", "丙类许可", node_kind="main"),
        row("s!4#1", "延续", parent_key="s!4", node_kind="sub"),
    ]

    # when
    found = compare(held, table)

    # then
    assert kinds(found) == [
        ("s!2", "unchanged", 3),
        ("s!2#1", "unchanged", 4),
        ("s!4", "new", None),
        ("s!4#1", "new", None),
    ]
    assert [one.item_id for one in found.missing] == [1, 2]


def test_items_in_review_and_items_without_a_name_stay_out():
    held = [existing(1, is_locked=True, basis_text="旧")]

    found = compare(held, [row("s!2", basis_text="新"), row("s!3", " ")])

    assert found.entries[0].blocked.startswith("正在审查")
    assert found.entries[1].blocked == "事项名称不能为空"
    assert chosen_entries(found, Choices(include=frozenset({"s!2", "s!3"}))) == ()


def test_a_draft_somebody_changed_is_overwritten_only_when_ticked():
    # given: in force and drafted alike; drafted anew; drafted for the first time
    force = existing(1, basis_text="现行").content
    held = [
        existing(1, basis_text="现行", in_force=force, is_in_force=True),
        existing(2, "对毒鱼的处罚", basis_text="草稿", in_force=replace(force, name="对毒鱼的处罚"), is_in_force=True),
        existing(3, "对炸鱼的处罚", basis_text="草稿"),
    ]
    names = ("对电鱼的处罚", "对毒鱼的处罚", "对炸鱼的处罚")

    # when
    found = compare(held, [row(f"s!{at}", name, basis_text="表") for at, name in enumerate(names, start=2)])

    # then
    assert [entry.overwrites_draft for entry in found.entries] == [False, True, False]
    assert [entry.key for entry in found.overwriting] == ["s!3"]
    assert [entry.key for entry in chosen_entries(found, Choices())] == ["s!2", "s!4"]
    assert len(chosen_entries(found, Choices(include=frozenset({"s!3"})))) == 3


def test_a_changed_draft_the_table_agrees_with_is_not_overwritten():
    force = existing(1, basis_text="现行").content
    found = compare([existing(1, basis_text="草稿", in_force=force)], [row("s!2", basis_text="草稿")])

    assert kinds(found) == [("s!2", "unchanged", 1)]
    assert found.overwriting == ()


def test_questioned_rows_are_applied_only_when_ticked():
    found = compare([], [row("s!2", doubts=("一行占几个序号，按一项读",)), row("s!3", "对毒鱼的处罚")])

    assert [e.key for e in chosen_entries(found, Choices())] == ["s!3"]
    assert [e.key for e in chosen_entries(found, Choices(include=frozenset({"s!2"})))] == ["s!2", "s!3"]
    assert [e.key for e in chosen_entries(found, Choices(exclude=frozenset({"s!3"})))] == []


def test_subitems_stay_out_with_their_new_main_item():
    found = compare(
        [],
        [row("s!2", doubts=("疑",), node_kind="main"), row("s!2#1", "延续", parent_key="s!2", node_kind="sub")],
    )

    assert chosen_entries(found, Choices()) == ()
    assert len(chosen_entries(found, Choices(include=frozenset({"s!2"})))) == 2


def test_content_survives_the_journey_through_json():
    content = ItemContent(
        name="甲",
        bases=(BasisContent("渔业法", "第三十八条", "引文", "文号"),),
        duties=(DutyContent("立案", "依法立案"),),
        assists=(AssistContent("渔政科", "配合"),),
        accountability_cases=("一", "二"),
        legal_limit_days=20,
        has_fee=False,
    )

    assert content_from_json(content_as_json(content)) == content


names = st.sampled_from(["甲", "乙", "丙 ", "丙", "丁"])
contents = st.builds(
    ItemContent,
    name=names,
    power_type=st.sampled_from(["penalty", "license", ""]),
    power_code=st.sampled_from(["", "", "A-1", "A-2"]),
    basis_text=st.sampled_from(["", "一", "二"]),
    seq=st.sampled_from(["1", "2"]),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(contents, max_size=12), st.lists(contents, max_size=12))
def test_every_row_and_every_item_is_accounted_for_once(held, table):
    old = [Existing(number, content) for number, content in enumerate(held, start=1)]
    new = [Incoming(f"s!{number}", content, EVERY) for number, content in enumerate(table)]

    found = compare(old, new)

    matched = [entry.item_id for entry in found.entries if entry.item_id is not None]
    assert [entry.key for entry in found.entries] == [one.key for one in new]
    assert len(matched) == len(set(matched))
    assert sorted([*matched, *(one.item_id for one in found.missing)]) == [one.item_id for one in old]
    assert found == compare(old, new)
    for entry in found.entries:
        assert (entry.kind is EntryKind.NEW) == (entry.item_id is None)
        assert bool(entry.changes) == (entry.kind is EntryKind.CHANGED)


@settings(max_examples=200, deadline=None)
@given(st.lists(contents, max_size=12))
def test_the_same_table_again_changes_nothing(table):
    rows = [Incoming(f"s!{number}", content, EVERY) for number, content in enumerate(table)]
    applied = [Existing(number, one.content) for number, one in enumerate(rows, start=1)]

    found = compare(applied, rows)

    assert {entry.kind for entry in found.entries} <= {EntryKind.UNCHANGED}
    assert found.missing == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(contents, min_size=1, max_size=10, unique_by=lambda c: c.name.strip()), st.randoms())
def test_the_order_of_distinct_items_does_not_matter(table, random):
    shuffled = list(table)
    random.shuffle(shuffled)
    held = [Existing(number, replace(content, power_code="")) for number, content in enumerate(table, start=1)]

    found = compare(held, [Incoming(c.name, replace(c, power_code=""), EVERY) for c in shuffled])

    assert {entry.kind for entry in found.entries} == {EntryKind.UNCHANGED}
