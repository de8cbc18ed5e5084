"""事项的几种数法：页面说明口径，免得 62、64、65 各说各的。"""

from __future__ import annotations

import pytest

from quanze.apps.performance import public as performance


def test_the_words_say_what_each_number_counts() -> None:
    assert performance.ItemsCounted(62, 3, 64).words == (
        "现行主项 62 项、子项 3 项，合计 65 项；能独立运行的（子项，与没有子项的主项）64 项"
    )
    assert performance.ItemsCounted(4, 0, 4).words == "现行事项 4 项，没有子项"


@pytest.mark.django_db
def test_the_items_of_a_body_are_counted(published) -> None:
    county = published.county
    counted = performance.items_counted(body_id=county.bodies["QH-NY"], on=county.today)
    assert (counted.mains, counted.subitems, counted.runnable) == (4, 0, 4)
