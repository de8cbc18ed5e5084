"""逐字比对：两侧都能还原，夹着的单字不碎。"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.base.web.diffing import Segment, diff, is_changed, new_side, old_side
from quanze.base.web.templatetags.quanze import diff_html

TEXT = st.text(alphabet="甲乙丙，。\n罚款", max_size=60)


def joined(segments):
    return "".join(segment.text for segment in segments)


@given(old=TEXT, new=TEXT)
def test_both_texts_can_be_read_back_from_the_segments(old, new):
    segments = diff(old, new)
    assert joined(old_side(segments)) == old
    assert joined(new_side(segments)) == new
    assert is_changed(segments) == (old != new)


def test_one_replaced_phrase_is_one_removal_and_one_addition():
    assert diff("违反本条规定的，处一百元罚款", "违反本条规定的，处五百元罚款") == (
        Segment("same", "违反本条规定的，处"),
        Segment("removed", "一"),
        Segment("added", "五"),
        Segment("same", "百元罚款"),
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("6", "5"),  # nothing in common
        ("60 个工作日", "50 个工作日"),  # a short value
        ("2026-04-01 09:30:00", "2026-05-01 09:30:00"),  # a long number
        ("由申请人所在地的公安机关受理并当场办结", "市数据局政务服务大厅统一收件、分类转办，并告知申请人"),  # rewritten
    ],
)
def test_short_values_numbers_and_rewritten_texts_are_shown_whole_and_never_interleaved(old, new):
    assert diff(old, new) == (Segment("removed", old), Segment("added", new))
    assert diff_html(diff(old, new)) == f"<del>{old}</del> → <ins>{new}</ins>"


def test_a_value_filled_in_or_emptied_has_no_arrow():
    assert diff_html(diff("", "5")) == "<ins>5</ins>"
    assert diff_html(diff("5", "")) == "<del>5</del>"


def test_a_long_addition_leaves_the_old_words_in_their_place():
    old, added = "持证人应当每年报告。", "报告应当写明全年的经营情况、从业人员、场所变动和整改情况，并附证明材料。"
    assert diff(old, old + added) == (Segment("same", old), Segment("added", added))


def test_a_replaced_phrase_inside_a_long_text_has_no_arrow():
    html = diff_html(diff("违反本条规定的，处一百元罚款", "违反本条规定的，处五百元罚款"))
    assert html == "违反本条规定的，处<del>一</del><ins>五</ins>百元罚款"


def test_a_single_equal_character_between_changes_joins_them():
    kinds = [(s.kind, s.text) for s in diff("甲的丙丁戊庚辛壬癸子丑寅卯", "乙的己丁戊庚辛壬癸子丑寅卯")]
    assert kinds == [("removed", "甲的丙"), ("added", "乙的己"), ("same", "丁戊庚辛壬癸子丑寅卯")]


def test_very_long_texts_are_compared_by_line():
    old = "\n".join(f"第{n}条 内容" for n in range(4000))
    new = old.replace("第7条 内容", "第7条 改过")
    segments = diff(old, new)
    assert [s.text for s in segments if s.kind != "same"] == ["第7条 内容\n", "第7条 改过\n"]
    assert joined(new_side(segments)) == new


def test_markup_in_a_text_stays_text():
    assert diff_html(diff("", "<script>x</script>")) == "<ins>&lt;script&gt;x&lt;/script&gt;</ins>"
