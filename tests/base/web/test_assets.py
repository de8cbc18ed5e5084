"""浏览器资源：老浏览器认得的样式、不含地址的锁、齐备的图标。"""

import json
import re
from pathlib import Path

import pytest

from quanze.base.web import assets

WEB = Path(assets.__file__).parent
CSS = sorted(WEB.glob("static/*.css")) + sorted(assets.VENDOR_DIR.glob("*.css"))


@pytest.fixture(scope="module")
def vendor():
    if not (assets.VENDOR_DIR / "stamp.txt").is_file():
        pytest.skip("SKIPPED LOUDLY: browser assets are not fetched (python -m quanze.base.web.assets)")
    return assets.VENDOR_DIR


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_no_stylesheet_needs_a_browser_newer_than_chromium_100(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"color-mix\(|oklch\(|light-dark\(", text)


def test_own_stylesheets_use_no_selector_newer_than_chromium_100():
    for path in WEB.glob("static/*.css"):
        assert ":has(" not in path.read_text(encoding="utf-8")


def test_a_mixed_colour_is_resolved_while_copying():
    assert assets.plain_colours("a{background:color-mix(var(--x),#d0d0d0,85%);b:1}") == "a{background:#d0d0d0;b:1}"


def test_the_lock_names_no_address():
    text = (assets.PROJECT_DIR / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert all("resolved" not in entry for entry in json.loads(text)["packages"].values())


def test_every_icon_used_in_a_template_is_in_the_sprite():
    source = assets.PROJECT_DIR / "src" / "quanze"
    used = {
        name
        for path in source.glob("**/templates/**/*.html")
        for name in re.findall(r'<c-icon name="([a-z][a-z0-9-]*)"', path.read_text(encoding="utf-8"))
    }
    used |= {
        name
        for path in source.glob("**/templates/**/*.html")
        for name in re.findall(r'<c-empty-state[^>]* icon="([a-z][a-z0-9-]*)"', path.read_text(encoding="utf-8"))
    }
    assert used - set(assets.ICONS) == set()


def test_what_pages_link_to_was_fetched(vendor):
    template = (WEB / "templates" / "base.html").read_text(encoding="utf-8")
    for name in re.findall(r"static 'vendor/([^']+)'", template):
        assert (vendor / name).stat().st_size > 0


def test_a_second_run_does_nothing(vendor):
    before = (vendor / "tabler.min.css").stat().st_mtime_ns
    said = []
    assert assets.main(say=said.append) == 0
    assert said == ["浏览器资源：已是最新"]
    assert (vendor / "tabler.min.css").stat().st_mtime_ns == before


def test_pages_carry_no_inline_script_or_handler():
    source = assets.PROJECT_DIR / "src" / "quanze"
    for path in source.glob("**/templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/ld\+json)[^>]*>", text), path
        assert not re.search(r"\son(click|load|submit|change|input)=", text), path
        assert not re.search(r"(src|href)=\"https?://", text), path
