"""条目自有要素：读入、只能收紧、编码相承；任意的上级与本级，放宽的一定被指出，收紧的一定不被指出。"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanze.apps.catalog.domain.alignment import ExtractRow, LocalRow, align
from quanze.apps.catalog.domain.drift import sync_percent
from quanze.apps.catalog.domain.entry_content import broken_codes, not_tightened, read_content
from quanze.apps.catalog.selectors.list_types import list_types
from quanze.core.errors import RulesNotMet

KIND = list_types().of("ZWSS")
MATERIALS = st.lists(st.sampled_from(["申请表", "身份证", "场地证明", "承诺书"]), unique=True)


@given(mine=st.integers(0, 400), theirs=st.integers(0, 400), some=MATERIALS, all_of=MATERIALS)
def test_looser_is_always_told_and_tighter_never(mine, theirs, some, all_of):
    parent = {"promised_limit_days": theirs, "materials": all_of}
    content = read_content(KIND, {"promised_limit_days": str(mine), "materials": "\n".join(some)})
    told = {defect.place.field for defect in not_tightened(KIND, content, parent)}
    assert ("promised_limit_days" in told) == (mine > theirs)
    # A parent that asks for no material at all has said nothing yet.
    assert ("materials" in told) == (bool(all_of) and not set(some) <= set(all_of))


@pytest.mark.req("J-42", "J-61")
@given(parent=st.from_regex(r"[0-9A-Z]{31}", fullmatch=True), tail=st.from_regex(r"[0-9]{2}", fullmatch=True))
def test_a_code_of_level_four_extends_that_of_level_three(parent, tail):
    kind = list_types().of("YWBL")
    assert broken_codes(kind, {"biz_code": parent + tail}, {"impl_code": parent}) == []
    other = ("0" if parent[0] != "0" else "1") + parent[1:] + tail
    (defect,) = broken_codes(kind, {"biz_code": other}, {"impl_code": parent})
    assert defect.code == "code_not_extending"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"promised_limit_days": "十"}, "承诺时限（工作日）：“十”应为不带小数的数字"),
        ({"impl_code": "123"}, "实施编码：编码应为 31 位，现为 3 位"),
        ({"colour": "红"}, "政务服务事项实施清单没有要素“colour”"),
    ],
)
def test_what_cannot_be_read_is_told_by_field(given, said):
    with pytest.raises(RulesNotMet) as refused:
        read_content(KIND, given)
    assert [one.message for one in refused.value.defects] == [said]


def test_the_rate_counts_what_is_missing_too():
    assert (sync_percent(8, 2, 2), sync_percent(0, 0, 0), sync_percent(3, 0, 0)) == (60, None, 100)


def test_a_local_entry_answers_to_one_row_only():
    rows = align(
        [ExtractRow(2, "", "渔业捕捞许可", ""), ExtractRow(3, "", "渔业捕捞许可", "")],
        [LocalRow(1, (), "渔业捕捞许可", "行政许可")],
    )
    assert [row.result for row in rows] == ["matched", "unmatched"]


@pytest.mark.req("J-41", "J-42")
def test_special_procedures_are_read_line_by_line_and_may_only_be_fewer_and_shorter():
    given = {"special_procedures": "听证：20个工作日\n专家评审 015\n公示7"}
    content = read_content(KIND, given)
    assert content["special_procedures"] == ["听证 20", "专家评审 15", "公示 7"]

    above = {"special_procedures": ["听证 20", "专家评审 10"]}
    assert [one.message for one in not_tightened(KIND, content, above)] == [
        "特别程序：专家评审 15 长于上级的 10；公示（上级没有），只能少、只能短"
    ]
    assert not_tightened(KIND, {"special_procedures": ["听证 20", "专家评审 9"]}, above) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("听证", "“听证”应写作“听证 20”"), ("20", "“20”应写作“听证 20”"), ("听证 5\n听证 6", "“听证”写了两次")],
)
def test_a_special_procedure_without_its_days_or_twice_is_refused(text, said):
    with pytest.raises(RulesNotMet, match=said):
        read_content(KIND, {"special_procedures": text})
