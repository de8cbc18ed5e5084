"""依法不公开的事项，公开的每一个地址都不露：页面、搜索、下载、订阅、接口、嵌入、静态导出，哪一天都一样。

Walks the URL conf: a new public address that nobody probes here fails.
"""

import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import DerivedList, ErrorReport, ItemVersion, ListEdition, NonDisclosure, PowerItem
from quanze.base.documents import public as documents
from quanze.portal.public_site.static_export import export

pytestmark = [pytest.mark.django_db, pytest.mark.req("H-53")]
HIDDEN, OPEN = "对暗访点位抽样检查", "水产苗种生产许可证核发"
SUB = "对暗访点位抽样检查（夜间）"
SECRET = "暗访"


@pytest.fixture(autouse=True)
def _readable_pdf(monkeypatch):
    """PDF 压缩过，看不见字：改为写出排版之前的内容。"""
    cache.clear()
    monkeypatch.setattr(documents, "render_pdf", lambda book: repr(book).encode())
    monkeypatch.setattr(documents, "render_poster", lambda book: repr(book).encode())


@pytest.fixture
def county_with_one_hidden(county, derived):
    """一项许可公开；一项检查与它的子项依法不公开，改过一版、有人纠错、列入了关联清单。"""
    hidden = county.content(HIDDEN, power_type="inspection", node_kind="main", hotline="0000-7654321")
    part = county.content(SUB, power_type="inspection", node_kind="sub", hotline="0000-7654321")
    items = [catalog.NewItem(county.permit()), catalog.NewItem(hidden), catalog.NewItem(part, parent_index=1)]
    catalog.items_create(actor=county.actor("drafter"), list_id=county.power_list(), items=items, now=county.now)
    county.pass_until(county.submit())
    item_id = derived.item(HIDDEN)
    for code in ("HLWJG", "SJC"):
        list_id = derived.list_of(code)
        proposed = catalog.derived_propose(actor=derived.actor("QH-NY", "drafter"), list_id=list_id, on=county.today)
        catalog.derived_apply(
            actor=derived.actor("QH-NY", "drafter"),
            list_id=list_id,
            seen_token=proposed.token,
            what=("new",),
            now=county.now,
        )
        derived.publish(list_id)
    derived.revise(
        HIDDEN, valid_from=county.today + timedelta(days=3), now=county.later(days=3), hotline="0000-1111111"
    )
    guide_id = catalog.guide_start(
        actor=county.actor("drafter"),
        item_id=item_id,
        content=catalog.GuideContent(
            steps=(catalog.GuideStep("暗访"),), hours="夜间", place="暗访点位", phone="0000-7654321"
        ),
        now=county.now,
    )
    catalog.guide_publish(actor=county.actor("publisher"), guide_id=guide_id, seen_version=1, now=county.now)
    ErrorReport.objects.create(
        number="JC20261102-00001",
        item_id=item_id,
        version=ItemVersion.objects.filter(item_id=item_id).earliest("pk"),
        text="看不懂",
        received_at=county.now,
        due_on=county.today,
    )
    return county


def hide(county):
    mark_id = catalog.nondisclosure_propose(
        actor=county.actor("drafter"),
        item_id=PowerItem.objects.get(versions__name=HIDDEN, versions__number=1).pk,
        ground="security",
        legal_basis="《中华人民共和国政府信息公开条例》第十四条",
        reason="公开点位会使检查落空，危及公共安全。",
        now=county.now,
    )
    catalog.nondisclosure_decide(
        actor=county.actor("head"), nondisclosure_id=mark_id, seen_version=1, verb="approve", now=county.now
    )
    return NonDisclosure.objects.get(pk=mark_id)


def patterns():
    public = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", "") == "public")
    return {one.name: set(one.pattern.regex.groupindex) - {"extension"} for one in public.url_patterns}


def values():
    codes = list(PowerItem.objects.values_list("code", flat=True))
    return {
        "item_code": codes,
        "body_code": ["QH-NY"],
        "edition_id": list(ListEdition.objects.values_list("pk", flat=True)),
        "list_code": list(DerivedList.objects.values_list("list_type", flat=True)),
        "number": [1, 2],
    }


def addresses():
    """每个公开地址 × 各种对象。"""
    held = values()
    for name, parameters in sorted(patterns().items()):
        assert parameters <= held.keys(), f"public:{name} 有新的参数，请在这里给出它的值"
        combinations = [{}]
        for parameter in sorted(parameters):
            combinations = [one | {parameter: value} for one in combinations for value in held[parameter]]
        for given in combinations:
            yield name, reverse(f"public:{name}", kwargs=given)
    for path in (
        "/lists",
        "/lists/QH-NY",
        "/lists/QH-NY/editions",
        "/lists/QH-NY/items",
        "/changes",
        *(f"/items/{code}" for code in held["item_code"]),
        *(f"/items/{code}/versions" for code in held["item_code"]),
    ):
        yield "api", f"/api/v1{path}"


QUERIES = (
    {},
    {"on": "2026-11-02"},
    {"on": "2026-11-04", "known": "2026-11-03"},
    {"q": SECRET, "type": "inspection"},
    {"number": "JC20261102-00001"},
    {"item": "QH-NY-00002"},
)


def texts(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return body.decode("utf-8", "replace")


def walk(visitor, monkeypatch):
    """（地址名，网址与查询，状态，文字），查询里自己写的字去掉。"""
    monkeypatch.setattr("quanze.base.web.pacing.wait_seconds", lambda *args, **kwargs: 0)
    for name, address in addresses():
        for query in QUERIES:
            response = visitor.get(address, query)
            text = texts(response)
            if query.get("q"):
                # What the visitor typed himself stands in the field and the heading.
                for typed in (
                    f'value="{SECRET}"',
                    f"“{SECRET}”",
                    f"q={SECRET}",
                    f"<title>{SECRET}",
                    "q=%E6%9A%97%E8%AE%BF",
                ):
                    text = text.replace(typed, "")
            yield name, f"{address} {query}", response.status_code, text


def traces():
    held = PowerItem.objects.filter(versions__name__contains=SECRET).distinct()
    hashes = ItemVersion.objects.filter(item__in=held).values_list("content_hash", flat=True)
    return {SECRET, "0000-7654321", "0000-1111111", *held.values_list("code", flat=True), *hashes}


def test_before_the_mark_the_walk_would_find_it(county_with_one_hidden, monkeypatch):
    found = {
        name
        for name, _, status, text in walk(Client(), monkeypatch)
        if status == 200 and any(trace in text for trace in traces())
    }
    assert found >= {
        "api",
        "body",
        "body_json",
        "body_print",
        "body_xlsx",
        "changes",
        "changes_feed",
        "derived",
        "derived_json",
        "derived_xlsx",
        "edition",
        "handbook_docx",
        "handbook_pdf",
        "home",
        "item",
        "item_guide",
        "item_json",
        "item_jsonld",
        "report_status",
        "search",
    }


def test_no_public_address_tells_of_it(county_with_one_hidden, monkeypatch):
    hide(county_with_one_hidden)
    secrets, own = (
        traces(),
        set(PowerItem.objects.filter(versions__name__contains=SECRET).values_list("code", flat=True)),
    )
    leaks, asked = [], 0
    for name, told, status, text in walk(Client(), monkeypatch):
        asked += 1
        assert status < 500, told
        if any(f"/items/{code}" in told for code in own):
            # Whoever asks for its number is told that there is no such thing.
            assert status == 404 or text == "[]", told
        # The number one has typed oneself may stand in the answer.
        secrets_here = {one for one in secrets if one not in own or one not in told}
        leaks += [(name, told, trace) for trace in secrets_here if trace in text]
    assert leaks == []
    assert asked > 150


def test_the_public_side_counts_it_and_names_the_law(county_with_one_hidden):
    hide(county_with_one_hidden)
    visitor = Client()
    html = visitor.get("/public/bodies/QH-NY/").content.decode()
    assert "主项 1 项，另有 2 项依法不公开" in html
    assert (
        "公开可能危及国家安全、公共安全、经济安全、社会稳定，2 项（《中华人民共和国政府信息公开条例》第十四条）" in html
    )
    body = json.loads(visitor.get("/public/bodies/QH-NY/list.json").content)
    assert body["counts"] == {"items": 1, "subitems": 0, "withheld": 2}
    assert visitor.get("/api/v1/lists/QH-NY").json()["withheld"] == 2
    assert "另有 2 条依法不公开" in visitor.get("/public/lists/SJC/QH-NY/").content.decode()
    assert "另有 2 项依法不公开" in visitor.get("/public/bodies/QH-NY/embed/").content.decode().replace("（", "")


def test_what_a_program_holds_from_before_is_not_called_unchanged(county_with_one_hidden):
    visitor = Client()
    held = {
        path: visitor.get(path)["ETag"]
        for path in (
            "/public/bodies/QH-NY/list.json",
            "/public/bodies/QH-NY/list.xlsx",
            "/public/changes/feed.json",
            "/public/bodies/QH-NY/handbook.docx",
            "/public/lists/SJC/QH-NY/list.json",
            "/public/lists/SJC/QH-NY/list.xlsx",
        )
    }
    mark = hide(county_with_one_hidden)
    for path, tag in held.items():
        assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 200, path
    catalog.nondisclosure_decide(
        actor=county_with_one_hidden.actor("publisher"),
        nondisclosure_id=mark.pk,
        seen_version=mark.lock_version,
        verb="lift",
        note="可以公开了",
        now=timezone.now(),
    )
    for path, tag in held.items():
        assert visitor.get(path, headers={"If-None-Match": tag}).status_code == 304, path


def test_no_file_of_the_static_export_tells_of_it(county_with_one_hidden, tmp_path: Path):
    hide(county_with_one_hidden)
    export(place=tmp_path / "site", with_history=True, now=timezone.now())
    secrets, told = traces(), []
    for path in sorted((tmp_path / "site").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            text = texts(type("File", (), {"streaming": False, "content": data}))
            told += [(path.name, trace) for trace in secrets if trace in text or trace in str(path)]
    assert told == []
    assert OPEN in (tmp_path / "site" / "search" / "index.js").read_text("utf-8")
