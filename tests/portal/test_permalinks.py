"""固定链接：事项的每一版有一个永远不变的网址，同样的内容认一个网址，静态导出里也在；前后沿革公开可查。"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from quanze.apps.adjustment.models import ItemLineage
from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import PowerItem
from quanze.portal.public_site.static_export import export

pytestmark = pytest.mark.django_db
PENALTY, PERMIT = "对使用电鱼方法捕捞的处罚", "水产苗种生产许可证核发"


@pytest.fixture
def revised(county, derived):
    """处罚改过一版：第一版止于昨天。"""
    county.publish()
    today = timezone.localdate()
    derived.revise(PENALTY, valid_from=today, now=timezone.now(), hotline="0000-7654321")
    return county


@pytest.fixture
def code(revised):
    return PowerItem.objects.get(versions__name=PENALTY, versions__number=1).code


def page(path, status=200, **query):
    response = Client().get(path, query)
    assert response.status_code == status
    return response.content.decode()


def test_every_version_keeps_its_address_and_says_that_it_will_not_change(code):
    first, second = page(f"/public/items/{code}/v1/"), page(f"/public/items/{code}/v2/")
    assert "监督电话 0000-1234567" in first and "0000-7654321" not in first
    assert "监督电话 0000-7654321" in second
    assert "这是第 1 版的固定链接，内容不会再变。" in first
    assert "这是第 2 版的固定链接，内容不会再变；现在有效的就是这一版。" in second
    today = page(f"/public/items/{code}/")
    for number in (1, 2):
        assert f'href="/public/items/{code}/v{number}/"' in today
    assert "<form method" not in first


@pytest.mark.parametrize("number", [0, 3, 10**30])
def test_a_version_that_never_was_is_not_found(code, number):
    page(f"/public/items/{code}/v{number}/", status=404)


def test_the_same_content_has_one_address_that_counts(code, settings):
    settings.QUANZE_PUBLIC_URL = "https://qzqd.example.gov.cn"
    base = f"https://qzqd.example.gov.cn/public/items/{code}/"
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    for path, canonical in (
        ("", base),
        ("v2/", base),
        ("v1/", f"{base}v1/"),
        (f"?on={yesterday}", f"{base}v1/"),
    ):
        assert f'<link rel="canonical" href="{canonical}">' in page(f"/public/items/{code}/{path}"), path


def test_a_program_is_told_the_permanent_address(code):
    body = Client().get(f"/public/items/{code}/item.json").json()
    assert body["version_url"] == f"http://testserver/public/items/{code}/v2/"


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*.html")}


def test_the_export_keeps_every_version_under_its_permanent_address(code, revised, tmp_path):
    export(place=tmp_path / "site", with_history=True, now=timezone.now())
    held = files(tmp_path / "site")
    assert {f"items/{code}/index.html", f"items/{code}/v1/index.html", f"items/{code}/v2/index.html"} <= held
    # no second file for a day that a permanent address already stands for
    assert not any(name.startswith(f"items/{code}/on-") for name in held)
    today = (tmp_path / "site" / "items" / code / "index.html").read_text("utf-8")
    assert 'href="v1/index.html"' in today
    assert "127.0.0.1" not in today
    assert '<link rel="canonical" href="index.html">' in today
    old = (tmp_path / "site" / "items" / code / "v1" / "index.html").read_text("utf-8")
    assert '<link rel="canonical" href="index.html">' in old


def test_without_history_the_present_version_keeps_its_address(code, revised, tmp_path):
    export(place=tmp_path / "site", with_history=False, now=timezone.now())
    held = files(tmp_path / "site")
    assert f"items/{code}/v2/index.html" in held
    assert f"items/{code}/v1/index.html" not in held


def test_what_an_item_came_from_is_told_unless_it_may_not_be(code, revised):
    # given a permit that went into the penalty (only for the test)
    old = PowerItem.objects.get(versions__name=PERMIT)
    new = PowerItem.objects.get(code=code)
    ItemLineage.objects.create(old_item_id=old.pk, new_item_id=new.pk, kind="merge", valid_from=timezone.localdate())
    assert f'由<a href="/public/items/{old.code}/">{PERMIT}</a>' in page(f"/public/items/{code}/")
    assert f'转为<a href="/public/items/{code}/">{PENALTY}</a>' in page(f"/public/items/{old.code}/")
    # when the older one is withheld, it is named nowhere
    mark = catalog.nondisclosure_propose(
        actor=revised.actor("drafter"),
        item_id=old.pk,
        ground="internal",
        legal_basis="《中华人民共和国政府信息公开条例》第十六条",
        reason="属于内部事务，不对外行使。",
        now=revised.now,
    )
    catalog.nondisclosure_decide(
        actor=revised.actor("head"), nondisclosure_id=mark, seen_version=1, verb="approve", now=revised.now
    )
    assert "前后沿革" not in page(f"/public/items/{code}/")


def test_the_item_page_asks_a_fixed_number_of_questions(code, revised, derived, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    Client().get(f"/public/items/{code}/")
    with CaptureQueriesContext(connection) as before:
        Client().get(f"/public/items/{code}/")
    for days in (1, 2, 3):
        day = timezone.localdate() + timedelta(days=days)
        derived.revise(PENALTY, valid_from=day, now=timezone.now(), hotline=f"0000-765432{days}")
    with django_assert_num_queries(len(before)):
        Client().get(f"/public/items/{code}/")
