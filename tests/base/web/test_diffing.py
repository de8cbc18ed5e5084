"""逐字比对：两侧都能还原，夹着的单字不碎。"""

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
    assert diff("处一百元罚款", "处五百元罚款") == (
        Segment("same", "处"),
        Segment("removed", "一"),
        Segment("added", "五"),
        Segment("same", "百元罚款"),
    )


def test_a_single_equal_character_between_changes_joins_them():
    kinds = [(s.kind, s.text) for s in diff("甲的丙丁戊", "乙的己丁戊")]
    assert kinds == [("removed", "甲的丙"), ("added", "乙的己"), ("same", "丁戊")]


def test_very_long_texts_are_compared_by_line():
    old = "\n".join(f"第{n}条 内容" for n in range(4000))
    new = old.replace("第7条 内容", "第7条 改过")
    segments = diff(old, new)
    assert [s.text for s in segments if s.kind != "same"] == ["第7条 内容\n", "第7条 改过\n"]
    assert joined(new_side(segments)) == new


def test_markup_in_a_text_stays_text():
    assert diff_html(diff("", "<script>x</script>")) == "<ins>&lt;script&gt;x&lt;/script&gt;</ins>"
