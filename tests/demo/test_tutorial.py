"""十分钟上手里的话与示范城市相符：拿来改的事项没有被写坏，写坏的草稿就是那几份。"""

from __future__ import annotations

from pathlib import Path

import pytest

from quanze.demo.world import Holder, build

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial" / "ten-minutes.md"
ITEM = "兽药经营许可证核发"


@pytest.fixture(scope="module")
def bureau() -> Holder:
    return build().holder("YZ-NY")


@pytest.fixture(scope="module")
def text() -> str:
    return TUTORIAL.read_text(encoding="utf-8").replace("\n", "").replace(" ", "")


def test_the_item_the_newcomer_changes_has_no_spoiled_draft(bureau: Holder, text: str) -> None:
    (item,) = [one for one in bureau.items if one.fields["name"] == ITEM]
    assert item.draft is None
    assert text.count(ITEM) == 4


def test_the_tutorial_counts_the_spoiled_drafts_as_they_are(bureau: Holder, text: str) -> None:
    assert sum(item.draft is not None for item in bureau.items) == 6
    for words in ("另外六项", "6项没有导入", "“必须改”的6处都在那六份写坏的草稿上", "有错误的六项不勾"):
        assert words in text
