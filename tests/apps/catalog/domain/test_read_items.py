"""读到的事项化为内容与快照。"""

from __future__ import annotations

import pytest

from quanze.apps.catalog.domain.read_items import content_of_item, content_of_subitem, snapshots_of, unread
from quanze.core.lawtext.citations import split_citations
from quanze.core.listsheet.clauses import split_clauses, split_responsibilities
from quanze.core.listsheet.reading import ListReading, ReadItem, ReadSubitem

BASIS = "《示例市渔业条例》第八条：捕捞应当取得许可。"
DUTY = "1.受理责任：当场答复。\n2.决定责任：十日内决定。"


def item(subitems=(), **fields):
    texts = {"exercising_body": "示例市农业农村局", "basis_text": BASIS, "duty_text": DUTY, **fields}
    return ReadItem(
        sheet="许可",
        row=3,
        seq="1",
        numbers=(1,),
        name="渔业捕捞许可",
        power_type="license",
        power_type_source="column",
        fields=texts,
        raw={"实施依据": BASIS},
        subitems=tuple(subitems),
        citations=split_citations(BASIS),
        responsibilities=split_responsibilities(DUTY),
        accountability=split_clauses("1.违法准予的。\n2.逾期不办的。").clauses,
    )


def reading(*items):
    return ListReading("清单.xlsx", "xlsx", (), items, ())


def test_texts_and_their_parts_arrive_together():
    content = content_of_item(item())
    assert (content.name, content.power_type, content.node_kind) == ("渔业捕捞许可", "license", "single")
    assert [(b.law, b.locator, b.quote) for b in content.bases] == [("示例市渔业条例", "第八条", "捕捞应当取得许可。")]
    assert [(d.stage, d.text) for d in content.duties] == [("受理", "当场答复。"), ("决定", "十日内决定。")]
    assert content.accountability_cases == ("违法准予的。", "逾期不办的。")


def test_sub_items_hang_below_their_main_item_even_in_the_same_row():
    subs = [ReadSubitem(3, "", "内陆捕捞许可"), ReadSubitem(4, "", "海洋捕捞许可")]
    main, first, second = snapshots_of(reading(item(subs)))
    assert (main.key, main.content.node_kind, main.parent_key) == ("许可!3", "main", None)
    assert (first.key, first.parent_key, first.content.node_kind) == ("许可!3#1", "许可!3", "sub")
    assert second.place == "工作表“许可”第 4 行子项 2"
    assert content_of_subitem(subs[0]).basis_text == ""


@pytest.mark.parametrize(
    ("written", "days", "note"),
    [
        ("20个工作日", 20, ""),
        ("15", 15, ""),
        ("即时办结", None, "法定时限：即时办结"),
        ("自受理之日起20日", None, "法定时限：自受理之日起20日"),
        ("30自然日", None, "法定时限：30自然日"),
        ("", None, ""),
    ],
)
def test_limits_become_days_only_where_they_are_plain(written, days, note):
    content = content_of_item(item(legal_limit=written))
    assert (content.legal_limit_days, content.limit_note) == (days, note)


@pytest.mark.parametrize(
    ("written", "fee"),
    [("不收费", False), ("否", False), ("", None), ("按《示例标准》收取", True), ("是", True), ("见附件", None)],
)
def test_fees_are_read_where_they_are_said(written, fee):
    assert content_of_item(item(fee_text=written)).has_fee is fee


def test_the_source_of_authority_is_read_from_its_name():
    assert content_of_item(item(authority_source="上级授权")).authority_source == "conferred"
    assert content_of_item(item(authority_source="说不清")).authority_source == ""


def test_assisting_divisions_and_hotline_find_their_fields():
    content = content_of_item(item(assist_text="法规科、财务科", supervision_way="电话 12345"))
    assert [a.division for a in content.assists] == ["法规科", "财务科"]
    assert content.hotline == "电话 12345"


def test_a_mark_that_is_neither_yes_nor_no_is_not_guessed():
    assert unread({"is_city_set": "待定", "is_local_addition": "否"}) == {
        "is_city_set": "“市设权力”写作“待定”，只能写“是”或“否”"
    }
