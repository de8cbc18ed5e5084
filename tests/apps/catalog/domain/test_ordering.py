"""新增的事项排到表中所在的位置。"""

import pytest

from quanze.apps.catalog.domain.ordering import with_new_in_place


@pytest.mark.parametrize(
    ("existing", "table", "new", "wanted"),
    [
        pytest.param([], [(1, None), (2, None)], {1, 2}, [1, 2], id="an empty list takes the order of the table"),
        pytest.param([(1, None), (2, None)], [(1, None), (9, None), (2, None)], {9}, [1, 9, 2], id="between two"),
        pytest.param([(1, None), (2, None)], [(9, None), (1, None), (2, None)], {9}, [9, 1, 2], id="at the top"),
        pytest.param([(1, None), (2, None)], [(1, None), (2, None), (9, None)], {9}, [1, 2, 9], id="at the end"),
        pytest.param(
            [(1, None), (2, 1), (3, None)],
            [(1, None), (9, None), (3, None)],
            {9},
            [1, 2, 9, 3],
            id="no family is split",
        ),
        pytest.param(
            [(1, None), (2, 1), (3, 1)],
            [(1, None), (2, 1), (9, 1), (3, 1)],
            {9},
            [1, 2, 9, 3],
            id="a sub-item in its family",
        ),
        pytest.param(
            [(1, None), (2, None)], [(2, None), (8, None), (9, 1)], {8, 9}, [1, 9, 2, 8], id="a sub-item told apart"
        ),
        pytest.param(
            [(2, None), (1, None)], [(1, None), (2, None), (9, None)], {9}, [2, 9, 1], id="the held order stays"
        ),
        pytest.param([(5, None)], [(8, None), (9, 8)], {8, 9}, [5, 8, 9], id="a table of new items only"),
    ],
)
def test_new_items_stand_where_the_table_has_them(existing, table, new, wanted):
    assert with_new_in_place(existing, table, new=new) == wanted
