"""真实浏览器：Debian 的 chromium，由 playwright 驱动。Absent chromium skips loudly; a page error fails the test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or "/usr/bin/chromium"
# Playwright keeps an event loop in this thread; the ORM is used outside of it all the same.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """一个浏览器进程，全程共用。"""
    if not Path(CHROMIUM).exists():
        pytest.skip("SKIPPED LOUDLY: no chromium (apt-get install chromium); the pages were not looked at")
    from quanze.base.web import assets

    if not (assets.VENDOR_DIR / "stamp.txt").is_file():
        pytest.skip("SKIPPED LOUDLY: browser assets are not fetched (make assets)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, live_server) -> Iterator[Callable[..., object]]:
    """开一个窗口：宽度、可选的登录者会话。Console errors, page errors and requests elsewhere fail the test at its end."""
    contexts, troubles = [], []

    def opened(width: int = 1366, *, cookies: dict[str, str] | None = None, allow: tuple[str, ...] = ()):
        context = chromium.new_context(viewport={"width": width, "height": 768}, locale="zh-CN")
        contexts.append(context)
        for name, value in (cookies or {}).items():
            context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(30_000)

        def note(kind: str, text: str) -> None:
            if not any(part in text for part in allow):
                troubles.append(f"{kind}: {text}")

        page.on("console", lambda message: note("console", message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: note("page error", str(error)))
        page.on(
            "request",
            lambda request: (
                note("request elsewhere", request.url)
                if not request.url.startswith((live_server.url, "data:", "blob:"))
                else None
            ),
        )
        return page

    yield opened
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def page_of(open_page, client_of) -> Callable[..., object]:
    """以某人的会话开窗口。"""

    def opened(login: str, width: int = 1366, *, allow: tuple[str, ...] = ()):
        client = client_of(login)
        return open_page(width, cookies={name: morsel.value for name, morsel in client.cookies.items()}, allow=allow)

    return opened
