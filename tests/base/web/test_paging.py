"""键集分页：不重、不漏、可回翻，插入新行也稳。"""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanze.base.notices.models import Notice
from quanze.base.web.paging import page_at
from quanze.core.errors import InvalidInput


def walk(rows, order, size):
    """从第一页翻到最后一页，再翻回来；返回各页的编号。"""
    forward, cursor = [], ""
    while True:
        page = page_at(rows, cursor, order=order, size=size)
        forward.append([row.id for row in page])
        if not page.next_cursor:
            break
        cursor = page.next_cursor
    backward = [[row.id for row in page]]
    while page.previous_cursor:
        page = page_at(rows, page.previous_cursor, order=order, size=size)
        backward.append([row.id for row in page])
    return forward, backward[::-1]


@given(ages=st.lists(st.integers(0, 4), max_size=40), size=st.integers(1, 9), is_descending=st.booleans())
def test_walking_a_list_meets_every_row_once_in_order_and_back_again(ages, size, is_descending):
    rows = [SimpleNamespace(id=n, on=date(2026, 1, 1) + timedelta(days=age)) for n, age in enumerate(ages)]
    order = ("-on", "-id") if is_descending else ("on", "id")
    rows.sort(key=lambda row: (row.on, row.id), reverse=is_descending)
    forward, backward = walk(rows, order, size)
    assert [id for page in forward for id in page] == [row.id for row in rows]
    assert sorted(id for page in backward for id in page) == sorted(row.id for row in rows)
    assert all(len(page) <= size for page in forward + backward)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None)
@given(kinds=st.lists(st.sampled_from("abc"), min_size=1, max_size=25), size=st.integers(1, 7))
def test_walking_a_query_meets_every_row_once_with_mixed_directions(kinds, size):
    Notice.objects.all().delete()
    Notice.objects.bulk_create(
        [Notice(to_user_id=1, kind=kind, text="-", at="2026-11-02T09:00:00+08:00") for kind in kinds]
    )
    forward, backward = walk(Notice.objects.all(), ("-kind", "id"), size)
    expected = list(Notice.objects.order_by("-kind", "id").values_list("id", flat=True))
    assert [id for page in forward for id in page] == expected
    assert forward == backward or [i for page in backward for i in page] == expected


@pytest.mark.django_db
def test_a_row_inserted_before_the_reader_neither_repeats_nor_hides_another():
    # given eight rows of which the reader has seen four
    Notice.objects.bulk_create(
        [Notice(to_user_id=1, kind=f"k{n}", text="-", at="2026-11-02T09:00:00+08:00") for n in range(1, 9)]
    )
    first = page_at(Notice.objects.all(), "", order=("kind", "id"), size=4)
    # when one arrives at the front
    Notice.objects.create(to_user_id=1, kind="k0", text="-", at="2026-11-02T09:00:00+08:00")
    second = page_at(Notice.objects.all(), first.next_cursor, order=("kind", "id"), size=4)
    # then the second page is what it would have been
    assert [row.kind for row in first] == ["k1", "k2", "k3", "k4"]
    assert [row.kind for row in second] == ["k5", "k6", "k7", "k8"]
    assert second.next_cursor == ""


@pytest.mark.django_db
def test_a_page_costs_one_query_and_counts_nothing(django_assert_num_queries):
    Notice.objects.bulk_create(
        [Notice(to_user_id=1, kind="k", text="-", at="2026-11-02T09:00:00+08:00") for _ in range(5)]
    )
    with django_assert_num_queries(1) as queries:
        page_at(Notice.objects.all(), "", order=("id",), size=2)
    assert "COUNT" not in queries.captured_queries[0]["sql"].upper()


@pytest.mark.parametrize("cursor", ["nonsense", "a:b:c", "ImFiYyI:1vT:xxxx"])
def test_a_made_up_cursor_is_refused_in_words(cursor):
    with pytest.raises(InvalidInput) as caught:
        page_at([], cursor, order=("id",))
    assert caught.value.code == "bad_cursor"


def test_a_cursor_of_another_order_is_refused():
    rows = [SimpleNamespace(id=n, on=n) for n in range(5)]
    page = page_at(rows, "", order=("id",), size=2)
    with pytest.raises(InvalidInput):
        page_at(rows, page.next_cursor, order=("on", "id"), size=2)


def test_paging_by_a_null_key_is_a_programming_error():
    rows = [SimpleNamespace(id=n, on=None) for n in range(5)]
    with pytest.raises(TypeError):
        page_at(rows, "", order=("on", "id"), size=2)
