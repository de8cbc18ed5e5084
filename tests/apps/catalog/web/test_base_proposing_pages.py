"""由清单提议范本事项的页面：选来源，看共有与不一致，选定的写成草稿；别人的与过时的都不收。"""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from quanze.apps.catalog.models import ItemVersion, PowerItem
from quanze.base.audit import public as audit
from quanze.core.actor import SYSTEM

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def shared(towns):
    """两个镇的清单各 6 项：共有 4 项，其中许可一个镇写成“其他”；县编办有一份空的范本。"""
    lists = []
    for body, power_type in (("QH-HX", "license"), ("QH-XH", "other")):
        list_id = towns.list_of(body)
        towns.add(
            list_id,
            [
                towns.content("执业医师申请个体行医审批", power_type=power_type),
                *(towns.content(f"对第{n}种违反村镇管理行为的处罚") for n in range(1, 4)),
                *(towns.content(f"{body} 独有的第{n}项处罚") for n in (1, 2)),
            ],
        )
        towns.publish(list_id)
        lists.append(list_id)
    return towns.list_of("QH-BB", is_base=True), lists


def address(base_id: int, lists: list[int], **given) -> str:
    query = "&".join([*(f"list={one}" for one in lists), *(f"{key}={value}" for key, value in given.items())])
    return f"{reverse('catalog:base_propose', args=[base_id])}?{query}"


@pytest.mark.req("J-13", "H-18")
def test_what_towns_share_is_shown_and_what_is_chosen_becomes_drafts_of_the_base(shared, client_of, text_of):
    base_id, lists = shared
    client = client_of("base_keeper")

    # Given: without sources one chooses them first.
    assert "选来源清单" in text_of(client.get(reverse("catalog:base_propose", args=[base_id])))
    assert "只选了一份" in text_of(client.get(address(base_id, lists[:1])))

    # When
    page = text_of(client.get(address(base_id, lists)))

    # Then: four are shared, one is typed differently, four stand in one list only.
    assert "够份额的 4 项，其中写法不一致的 1 项；不够份额的 4 项" in page
    kinds = dict(re.findall(r"<div>(行政许可|其他行政权力) <span[^>]*>1 份：([^<]+)</span>", page))
    assert kinds == {"行政许可": "禾溪镇", "其他行政权力": "新河镇"}
    assert "对第1种违反村镇管理行为的处罚" not in text_of(client.get(address(base_id, lists, differing=1)))

    # When two of them are taken, then one more together with one that the base already has
    proposal = {"share": "0.5", "list": lists}
    keys = _keys(client.get(address(base_id, lists)).content.decode())
    assert len(keys) == 4
    answer = client.post(reverse("catalog:base_take", args=[base_id]), {**proposal, "key": keys[:2]})
    assert answer.status_code == 303 and answer["Location"].endswith(f"/lists/{base_id}/?only=changed")
    drafts = ItemVersion.objects.filter(item__power_list_id=base_id)
    assert set(drafts.values_list("state", "exercising_body")) == {("draft", "")} and drafts.count() == 2
    assert "已有" in text_of(client.get(address(base_id, lists)))
    client.post(reverse("catalog:base_take", args=[base_id]), {**proposal, "key": keys[:3]})
    assert PowerItem.objects.filter(power_list_id=base_id).count() == 3
    facts = [fact.action for fact in audit.history_of("catalog.list", base_id, scope=SYSTEM.scope)]
    assert facts.count("catalog.base.proposed") == 2


def test_what_is_no_longer_proposed_is_refused_and_nothing_is_written(shared, client_of, text_of):
    base_id, lists = shared
    client = client_of("base_keeper")
    take = reverse("catalog:base_take", args=[base_id])
    keys = _keys(client.get(address(base_id, lists)).content.decode())
    answer = client.post(take, {"share": "0.5", "list": lists, "key": [keys[0], "从来没有的事项"]})
    assert answer.status_code == 422 and "已不在提议之中" in text_of(answer)
    assert client.post(take, {"share": "0.5", "list": lists}).status_code == 422
    assert client.post(take, {"share": "2", "list": lists, "key": keys}).status_code == 422
    assert not PowerItem.objects.filter(power_list_id=base_id).exists()


def test_others_see_no_such_page_and_a_town_list_is_no_base(shared, client_of):
    base_id, lists = shared
    assert client_of("town_drafter").get(reverse("catalog:base_propose", args=[base_id])).status_code == 404
    assert client_of("establishment").get(reverse("catalog:base_propose", args=[lists[0]])).status_code == 409
    take = client_of("town_drafter").post(
        reverse("catalog:base_take", args=[base_id]), {"share": "0.5", "list": lists, "key": ["x"]}
    )
    assert take.status_code in (404, 422)
    assert not PowerItem.objects.filter(power_list_id=base_id).exists()


def test_the_page_asks_a_fixed_number_of_queries(shared, towns, client_of, django_assert_max_num_queries):
    base_id, lists = shared
    client = client_of("base_keeper")
    client.get(address(base_id, lists))
    with django_assert_max_num_queries(34):
        client.get(address(base_id, lists))
    towns.add(lists[0], [towns.content(f"对第{n}种行为的处罚") for n in range(30)])
    towns.publish(lists[0], days=1)
    with django_assert_max_num_queries(34):
        assert client.get(address(base_id, lists)).status_code == 200


def _keys(page: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)"', page)
