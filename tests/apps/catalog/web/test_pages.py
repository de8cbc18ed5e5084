"""每个页面：谁能看、谁不能、他机构的答为没有；列表与事项页的查询数固定。"""

import pytest
from django.urls import reverse


@pytest.fixture
def published(county):
    """两项已公布、其中一项又在修改的清单。"""
    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.models import PowerItem

    county.publish()
    item = PowerItem.objects.order_by("id").first()
    draft_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.pk, now=county.now)
    return {"list": county.power_list(), "item": item.pk, "draft": draft_id}


def pages(published):
    list_id, item_id, draft_id = published["list"], published["item"], published["draft"]
    return {
        "lists": reverse("catalog:lists"),
        "list": reverse("catalog:list", args=[list_id]),
        "in_force": reverse("catalog:list_in_force", args=[list_id]),
        "submissions": reverse("catalog:list_submissions", args=[list_id]),
        "check": reverse("catalog:list_check", args=[list_id]),
        "imports": reverse("catalog:list_imports", args=[list_id]),
        "editions": reverse("catalog:list_editions", args=[list_id]),
        "new": reverse("catalog:item_new", args=[list_id]),
        "submit": reverse("catalog:submit", args=[list_id]),
        "item": reverse("catalog:item", args=[item_id]),
        **{tab: reverse("catalog:item_tab", args=[item_id, tab]) for tab in ("basis", "duties", "history", "source")},
        "item_check": reverse("catalog:item_tab", args=[item_id, "check"]),
        "draft": reverse("catalog:draft", args=[draft_id]),
        "correction": reverse("catalog:correction", args=[draft_id]),
        "all_submissions": reverse("catalog:submissions"),
        "reports": reverse("catalog:reports"),
        "rules": reverse("rules:rules"),
        "rule": reverse("rules:rule", args=["S001"]),
    }


DRAFTING = {"new", "submit", "draft"}
EVERYWHERE = {"lists", "all_submissions", "rules", "rule"}


def statuses(client, published):
    return {name: client.get(url).status_code for name, url in pages(published).items()}


def test_the_drafter_of_the_body_opens_every_page_but_the_correction(published, client_of):
    found = statuses(client_of("drafter"), published)

    assert {name for name, status in found.items() if status != 200} == {"correction"}
    assert found["correction"] == 403


def test_the_publisher_reads_everything_and_drafts_nothing(published, client_of):
    found = statuses(client_of("publisher"), published)

    assert {name: status for name, status in found.items() if status != 200} == dict.fromkeys(DRAFTING, 403)


def test_the_establishment_office_reads_every_list(published, client_of):
    found = statuses(client_of("establishment"), published)

    assert {name: status for name, status in found.items() if status != 200} == dict.fromkeys(
        [*DRAFTING, "correction"], 403
    )


def test_another_body_finds_nothing_there(published, client_of):
    found = statuses(client_of("other_town"), published)

    assert {name for name, status in found.items() if status == 200} == EVERYWHERE | {"reports"}
    assert {status for name, status in found.items() if name not in EVERYWHERE | {"reports", "correction"}} == {404}


def test_the_system_administrator_reads_no_business_content(published, client_of):
    found = statuses(client_of("sysadmin"), published)

    assert {name for name, status in found.items() if status == 200} == {"rules", "rule"}
    assert {status for name, status in found.items() if name not in {"rules", "rule"}} == {403}


def test_strangers_are_sent_to_the_login_page(published, client):
    assert set(statuses(client, published).values()) == {302}


def test_absent_objects_are_not_found(published, client_of):
    client = client_of("drafter")

    for name in ("list", "item", "draft", "import", "submission"):
        assert client.get(reverse(f"catalog:{name}", args=[999999])).status_code == 404
    assert client.get(reverse("catalog:item_tab", args=[published["item"], "nothing"])).status_code == 404
    assert client.get(reverse("rules:rule", args=["Z999"])).status_code == 404


def test_a_number_no_column_can_hold_is_simply_absent(published, client_of):
    beyond = 10**29
    names = ("list", "item", "draft", "import", "submission", "report", "list_check", "list_editions")
    addresses = [reverse(f"catalog:{name}", args=[beyond]) for name in names]
    assert {address: client_of("drafter").get(address).status_code for address in addresses} == dict.fromkeys(
        addresses, 404
    )


def test_a_list_page_takes_the_same_queries_for_two_items_and_for_forty(
    county, published, client_of, django_assert_num_queries, django_assert_max_num_queries
):
    client = client_of("drafter")
    url = reverse("catalog:list", args=[published["list"]])
    client.get(url)
    with django_assert_max_num_queries(24) as few:
        client.get(url)

    county.draft(*(county.content(f"对第{number}类违法行为的处罚") for number in range(40)))

    with django_assert_num_queries(len(few)):
        client.get(url)


@pytest.mark.parametrize("tab", ["base", "basis", "duties", "check", "history", "source"])
def test_an_item_page_stays_within_its_queries(published, client_of, django_assert_max_num_queries, tab):
    client = client_of("drafter")
    url = reverse("catalog:item_tab", args=[published["item"], tab])
    client.get(url)

    with django_assert_max_num_queries(34):
        client.get(url)


def test_the_table_is_exported_as_shown(published, client_of):
    answer = client_of("drafter").get(reverse("catalog:list", args=[published["list"]]) + "?export=xlsx&q=电鱼")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")


def test_history_compares_the_version_in_force_with_the_draft(county, published, client_of):
    # given
    from dataclasses import replace

    from quanze.apps.catalog import public as catalog
    from quanze.apps.catalog.selectors import lists

    draft = lists.version(version_id=published["draft"], scope=county.actor("drafter").scope)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=draft.id,
        seen_version=draft.lock_version,
        content=replace(draft.content, hotline="0000-7654321"),
        now=county.now,
    )

    # when
    page = client_of("drafter").get(reverse("catalog:item_tab", args=[published["item"], "history"]))

    # then: by character, and the saving stands in the record
    text = page.content.decode()
    assert "<ins>" in text and "监督电话" in text
    assert "改动：监督电话" in text


def test_an_item_in_review_says_where_it_is_and_until_when(county, client_of):
    # given
    from quanze.apps.catalog.models import PowerItem

    county.draft(county.content())
    county.submit()

    # when
    page = client_of("drafter").get(reverse("catalog:item", args=[PowerItem.objects.get().pk])).content.decode()

    # then: five working days from Monday 2 November
    assert "部门法制审查" in page
    assert "2026-11-09" in page


@pytest.mark.django_db
def test_a_rule_page_names_its_fields_in_chinese(client_of):
    page = client_of("drafter").get("/rules/O501/").content.decode()
    assert "机构" in page
    assert "<code>body</code>" not in page and ">body<" not in page and "body、" not in page
