"""静态导出：公开站点写成文件，从磁盘打开也能用；每个链接都有着落，每个文件都有摘要，坏了的不取代好的。"""

import hashlib
import html
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from quanze.apps.catalog import public as catalog
from quanze.core.errors import WrongState
from quanze.portal.public_site import static_links
from quanze.portal.public_site.static_export import export

pytestmark = [pytest.mark.django_db, pytest.mark.req("H-22", "J-30", "J-31")]


@pytest.fixture
def published(county):
    county.publish()
    return county


@pytest.fixture
def exported(published, tmp_path) -> Path:
    export(place=tmp_path / "site", with_history=True, now=published.now)
    return tmp_path / "site"


def broken_links(root: Path) -> list[tuple[str, str]]:
    found = []
    for page in root.rglob("*.html"):
        for link in re.findall(r'\b(?:href|src|action)="([^"]*)"', page.read_text(encoding="utf-8")):
            parts = urlsplit(html.unescape(link))
            if parts.scheme or not parts.path:
                continue
            if parts.path.startswith("/") or not (page.parent / unquote(parts.path)).resolve().is_file():
                found.append((page.name, link))
    return found


def test_every_page_of_the_site_is_a_file_and_every_link_leads_to_one(exported):
    code = catalog.public_items(on=catalog.editions(1)[0].valid_from)[0].code
    for name in ("index.html", "bodies/QH-NY/index.html", f"items/{code}/index.html", "bodies/QH-NY/list.xlsx"):
        assert (exported / name).is_file(), name
    assert broken_links(exported) == []
    assert "<form method" not in (exported / f"items/{code}/index.html").read_text(encoding="utf-8")
    assert "请拨打事项页上所列的监督电话" in (exported / "report/index.html").read_text(encoding="utf-8")


def test_the_list_of_digests_holds_for_every_file_and_names_the_editions(exported):
    sums = dict(reversed(line.split("  ")) for line in (exported / "SHA256SUMS").read_text("utf-8").splitlines())
    files = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert files - set(sums) == {"SHA256SUMS", "manifest.json"}
    assert all(hashlib.sha256((exported / name).read_bytes()).hexdigest() == value for name, value in sums.items())
    manifest = json.loads((exported / "manifest.json").read_text("utf-8"))
    edition = catalog.editions(1)[0]
    assert [(one["code"], one["digest"]) for one in manifest["lists"]] == [("QH-NY", edition.digest)]


def test_the_search_has_every_item_in_force(exported):
    text = (exported / "search/index.js").read_text("utf-8")
    rows = json.loads(text.removeprefix("window.quanzeIndex=").rstrip(";\n"))
    assert sorted(row["n"] for row in rows) == ["对使用电鱼方法捕捞的处罚", "水产苗种生产许可证核发"]
    assert all((exported / "search" / row["u"]).is_file() for row in rows)


def test_the_same_content_gives_the_same_files(exported, published, tmp_path):
    export(place=tmp_path / "again.zip", with_history=True, now=published.now)
    with zipfile.ZipFile(tmp_path / "again.zip") as archive:
        names = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
        assert set(archive.namelist()) == names
        assert archive.read("SHA256SUMS") == (exported / "SHA256SUMS").read_bytes()
    with pytest.raises(WrongState):
        export(place=tmp_path / "again.zip", with_history=True, now=published.now)


def test_a_folder_with_other_files_is_refused_and_an_export_that_fails_leaves_the_old_one(
    published, exported, tmp_path, monkeypatch
):
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("x")
    with pytest.raises(WrongState):
        export(place=other, with_history=True, now=published.now)
    assert [path.name for path in other.iterdir()] == ["mine.txt"]

    before = (exported / "SHA256SUMS").read_bytes()
    from quanze.portal.public_site import static_export

    monkeypatch.setattr(static_export, "_search_index", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        export(place=exported, with_history=True, now=published.now)
    assert (exported / "SHA256SUMS").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "site"]


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/public/", "index.html"),
        ("/public/bodies/X/?on=2024-06-27", "bodies/X/on-2024-06-27.html"),
        ("/public/bodies/X/?type=penalty&after=50-9", "bodies/X/after-50-9_type-penalty.html"),
        ("/public/bodies/X/list.xlsx?on=2024-06-27", "bodies/X/list_on-2024-06-27.xlsx"),
        ("/public/search/?q=../../etc", "search/index.html"),
        ("/public/changes/?before=../../x", "changes/before-..-..-x.html"),
        ("/static/public.css", "static/public.css"),
        ("/lists/3/", ""),
    ],
)
def test_an_address_becomes_a_file_name_that_stays_inside(address, name):
    assert static_links.file_of(address) == name


def test_links_are_relative_and_what_is_left_out_leads_home():
    page = '<a href="/public/items/A/#x">a</a><a href="?type=penalty">t</a><a href="https://e.invalid/">e</a><a href="/public/no/">n</a>'
    text, found = static_links.rewritten(
        page, page="/public/bodies/X/", is_kept=lambda one: not one.startswith("/public/no/")
    )
    assert text == (
        '<a href="../../items/A/index.html#x">a</a><a href="type-penalty.html">t</a>'
        '<a href="https://e.invalid/">e</a><a href="../../index.html">n</a>'
    )
    assert found == ["/public/items/A/", "/public/bodies/X/?type=penalty"]
