"""由几份清单提议：同一事项归一行，份额取舍，写法取多数，不一致处说明；由几个文件提议清单模板。"""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.apps.catalog.domain.items import ItemContent, ItemSnapshot, NodeKind
from quanze.apps.catalog.domain.proposing import Proposal, SourceList, propose
from quanze.apps.catalog.domain.template_proposing import FileContents, propose_template

FILLERS = re.compile("的|进行")


def listed(name: str, *contents: ItemContent, subs: dict[int, tuple[str, ...]] | None = None) -> SourceList:
    items = []
    for number, content in enumerate(contents):
        key = f"{name}:{number}"
        items.append(ItemSnapshot(key=key, content=content))
        for order, sub in enumerate((subs or {}).get(number, ())):
            items.append(
                ItemSnapshot(
                    key=f"{key}.{order}", content=ItemContent(name=sub, node_kind=NodeKind.SUB), parent_key=key
                )
            )
    return SourceList(name, items)


def one(name: str, power_type: str = "penalty", **fields) -> ItemContent:
    return ItemContent(name=name, power_type=power_type, **fields)


def proposed(*sources: SourceList, share: float = 0.5) -> Proposal:
    return propose(sources, share=share, fillers=FILLERS, variants={"其它": "其他"})


@pytest.mark.req("H-18", "J-13")
def test_what_half_of_the_lists_have_is_proposed_and_the_majority_is_followed():
    # Given: three towns; one licence is typed 其他 in one of them, one item stands in one town only.
    found = proposed(
        listed(
            "甲镇", one("农村村民宅基地用地审批", "license", basis_text="依《土地管理法》"), one("对焚烧秸秆的处罚")
        ),
        listed(
            "乙镇", one("农村村民宅基地用地审批", "license", basis_text="依《土地管理法》"), one("对焚烧秸秆进行处罚")
        ),
        listed("丙镇", one("农村村民宅基地用地审批", "other", basis_text="依《村庄规划条例》"), one("渡口值守")),
    )

    # Then
    assert [(item.content.name, item.lists) for item in found.items] == [
        ("农村村民宅基地用地审批", ("甲镇", "乙镇", "丙镇")),
        ("对焚烧秸秆的处罚", ("甲镇", "乙镇")),
    ]
    first, second = found.items
    assert (first.content.power_type, first.content.basis_text) == ("license", "依《土地管理法》")
    assert first.disagreements == ("职权类型", "依据") and second.disagreements == ("名称",)
    assert [(each.text, each.lists) for each in first.types] == [("license", ("甲镇", "乙镇")), ("other", ("丙镇",))]
    assert (found.left_out, found.disagreeing, found.repeated) == (1, 2, 0)


def test_a_greater_share_leaves_more_out_and_two_lists_are_the_least():
    sources = [listed(f"镇{n}", *(one(f"事项{k}") for k in range(n))) for n in range(1, 6)]
    assert [len(proposed(*sources, share=share).items) for share in (0.01, 0.4, 0.8, 1.0)] == [4, 4, 2, 1]
    assert [item.content.name for item in proposed(*sources, share=1.0).items] == ["事项0"]


def test_renamed_items_meet_by_their_code_but_never_two_of_one_list():
    found = proposed(
        listed("甲镇", one("对非法占地的处罚", power_code="A-1"), one("对违建的处罚", power_code="A-1")),
        listed("乙镇", one("对非法占用土地的处罚", power_code="A-1")),
        share=0.01,
    )
    assert [(item.names[0].text, item.lists) for item in found.items] == [("对非法占地的处罚", ("甲镇", "乙镇"))]
    assert found.left_out == 1


def test_subitems_of_more_than_half_come_along_and_what_belongs_to_a_body_does_not():
    own = {"exercising_body": "甲镇人民政府", "power_code": "A-7", "hotline": "12345", "promised_limit_days": 3}
    found = proposed(
        listed("甲镇", one("户外广告设置审批", "license", **own), subs={0: ("新设", "延期")}),
        listed("乙镇", one("户外广告设置审批", "license"), subs={0: ("新设", "变更")}),
        listed("丙镇", one("户外广告设置审批", "license"), subs={0: ("新设",)}),
    )
    (item,) = found.items
    assert [(content.name, number) for content, number in item.subitems] == [("新设", 3)]
    assert item.content.node_kind is NodeKind.MAIN and item.disagreements == ("子项",)
    assert item.content == replace(ItemContent(name="户外广告设置审批", power_type="license"), node_kind=NodeKind.MAIN)


@given(
    st.lists(st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=6), min_size=2, max_size=6),
    st.floats(min_value=0.01, max_value=1),
)
def test_every_item_is_proposed_or_counted_and_the_order_of_the_lists_does_not_matter(held, share):
    sources = [listed(f"镇{n}", *(one(f"对{name}行为处罚") for name in names)) for n, names in enumerate(held)]
    found = proposed(*sources, share=share)
    names = {name for names in held for name in names}
    assert len(found.items) + found.left_out == len(names)
    assert found.repeated == sum(len(names) - len(set(names)) for names in held)
    assert {i.key for i in found.items} == {i.key for i in proposed(*reversed(sources), share=share).items}
    assert all(len(item.lists) >= 2 and item.share >= share - 1e-9 for item in found.items)


@pytest.mark.req("J-14")
def test_a_template_is_proposed_from_the_elements_that_files_share():
    full = [
        one(f"事项{n}", basis_text="依", duty_text="责" if n else "", extra={"conditions": "有"}) for n in range(20)
    ]
    plain = [one(f"事项{n}", basis_text="依") for n in range(10)]
    found = propose_template(
        [
            FileContents("甲.xls", full, ["权力编号"]),
            FileContents("乙.xls", plain, ["权力编号"]),
            FileContents("丙.xls", plain),
        ],
        share=0.3,
        further={"conditions": "受理条件"},
    )
    assert [(each.label, len(each.files), round(each.filled, 2)) for each in found.elements] == [
        ("实施依据", 3, 1.0),
        ("事项名称", 3, 1.0),
        ("职权类型", 3, 1.0),
        ("受理条件", 1, 1.0),
        ("责任事项", 1, 0.95),
    ]
    assert found.required == ("basis_text", "name", "power_type", "conditions", "duty_text")
    assert (found.further, found.unread_columns) == (("conditions",), (("权力编号", 2),))
    half = propose_template([FileContents("甲.xls", full), FileContents("乙.xls", plain)], share=0.6, further={})
    assert half.required == ("basis_text", "name", "power_type")
