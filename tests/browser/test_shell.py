"""页面框架在真实浏览器里：登录、成批、确认、图表、快捷键、手机宽度、公开站点没有 Cookie。"""

import re

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def test_a_clerk_signs_in_and_sees_the_desk(county, open_page, live_server):
    page = open_page()
    page.goto(live_server.url)
    page.get_by_label("登录名").fill("legal")
    page.get_by_label("口令").fill(county.password)
    page.get_by_role("button", name="登录").click()
    page.get_by_role("heading", name="工作台").wait_for()
    assert page.get_by_text("没有待办").is_visible()
    assert page.locator(".q-person-words strong").inner_text() == "方衡"


def test_chosen_rows_raise_the_bar_and_the_question_names_their_number(page_of, live_server):
    page = page_of("drafter")
    page.goto(f"{live_server.url}/styleguide/")
    bar = page.locator("[data-bulk-bar]")
    assert not bar.is_visible()
    boxes = page.locator("[data-bulk-row]")
    boxes.nth(0).check()
    boxes.nth(2).check()
    assert bar.locator("[data-bulk-count]").inner_text() == "2"
    page.locator("[data-bulk-all]").check()
    assert bar.locator("[data-bulk-count]").inner_text() == "12"
    page.get_by_role("button", name="不选了").click()
    assert not bar.is_visible()


def test_what_cannot_be_undone_asks_first_and_says_what_it_touches(page_of, live_server):
    page = page_of("drafter")
    page.goto(f"{live_server.url}/styleguide/")
    form = page.locator("form[data-confirm]").first
    form.get_by_role("button", name="提交送审").click()
    dialog = page.locator("#confirm")
    assert dialog.is_visible()
    assert "将调整 37 项事项、涉及 5 个乡镇（街道）清单。" in dialog.inner_text()
    dialog.get_by_role("button", name="先不办理").click()
    assert not dialog.is_visible()
    assert page.url.endswith("/styleguide/")


def test_a_chart_is_drawn_and_has_its_table(page_of, live_server):
    page = page_of("drafter")
    page.goto(f"{live_server.url}/styleguide/")
    figure = page.locator("#figure-overdue")
    figure.scroll_into_view_if_needed()
    figure.locator("svg path").first.wait_for(state="attached")
    figure.get_by_role("button", name="看表格").click()
    rows = figure.locator("tbody tr")
    assert [rows.nth(n).inner_text().split() for n in range(2)] == [["示例甲局", "42"], ["示例乙局", "37"]]
    assert not figure.locator(".q-chart-canvas").is_visible()
    with page.expect_download() as download:
        figure.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename == "三季度超期集中在两个部门.csv"


def test_keys_lead_to_the_search_field_and_errors_to_their_field(page_of, live_server):
    page = page_of("drafter", allow=("422",))
    page.goto(f"{live_server.url}/help/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    # a field that was left wrong says so at once, at the field
    page.goto(f"{live_server.url}/account/password/")
    field = page.get_by_label("现在的口令")
    field.fill("x")
    field.fill("")
    field.press("Tab")
    assert page.locator(".q-field", has=field).locator(".q-field-error").inner_text().strip() == "此项必填"
    # and after sending, the summary leads to it
    page.get_by_role("button", name="修改口令").click()
    page.locator(".q-summary a").first.click()
    assert page.evaluate("document.activeElement.id || location.hash").lstrip("#") == "id_old_password"


DESK_PAGES = (
    "/",
    "/opened/",
    "/styleguide/",
    "/help/",
    "/messages/",
    "/jobs/",
    "/account/password/",
    "/search/?q=农业",
)


@pytest.mark.parametrize("width", [360, 768, 1366])
def test_no_page_of_the_desk_needs_sideways_scrolling(page_of, live_server, width):
    page = page_of("drafter", width)
    found = {}
    for path in DESK_PAGES:
        page.goto(live_server.url + path)
        found[path] = overflow(page)
    assert found == dict.fromkeys(DESK_PAGES, 0)


def test_on_a_phone_the_navigation_opens_from_the_button(page_of, live_server):
    page = page_of("drafter", 390)
    page.goto(live_server.url)
    assert not page.locator(".q-nav-list").is_visible()
    page.get_by_role("button", name="打开导航").click()
    page.locator(".q-nav-list").get_by_text("清单编制").wait_for()


def test_leaving_what_was_typed_asks(page_of, live_server):
    page = page_of("drafter")
    page.goto(f"{live_server.url}/account/password/")
    page.get_by_label("现在的口令").fill("half typed")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(f"{live_server.url}/help/")
    assert asked == ["beforeunload"]


class TestPublicSite:
    @pytest.fixture
    def published(self, county):
        county.publish(county.permit("焰火燃放许可", hotline="0000-1234567"), county.content())
        return county

    @pytest.mark.req("J-22", "J-23")
    def test_a_citizen_searches_reads_and_reports_without_a_cookie(self, published, open_page, live_server):
        page = open_page(390)
        page.goto(f"{live_server.url}/public/")
        page.get_by_label("搜索事项").fill("焰火")
        page.get_by_role("button", name="搜索").click()
        page.get_by_role("link", name="焰火燃放许可").click()
        assert page.get_by_text("监督电话 0000-1234567").first.is_visible()
        page.get_by_role("link", name="内容有误").click()
        page.get_by_label("哪里有误").fill("监督电话打不通。")
        page.get_by_role("button", name="提交纠错").click()
        page.get_by_text("已收到，谢谢。").wait_for()
        assert re.search(r"JC\d{8}-\d{5}", page.inner_text("main"))
        assert page.context.cookies() == []
        assert overflow(page) == 0

    @pytest.mark.parametrize("width", [360, 1366])
    def test_no_public_page_needs_sideways_scrolling(self, published, open_page, live_server, width):
        page = open_page(width)
        paths = ("", "bodies/", "bodies/QH-NY/", "bodies/QH-NY/print/", "changes/", "report/", "items/QH-NY-00001/")
        found = {}
        for path in paths:
            page.goto(f"{live_server.url}/public/{path}")
            found[path] = overflow(page)
        assert found == dict.fromkeys(paths, 0)

    def test_a_page_reads_well_by_keyboard(self, published, open_page, live_server):
        page = open_page()
        page.goto(f"{live_server.url}/public/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "跳到正文"
        assert page.locator("h1").count() == 1
        assert page.locator("main").count() == 1
        assert page.evaluate("document.documentElement.lang") == "zh-CN"

    def test_an_item_page_weighs_less_than_150_kb(self, published, open_page, live_server):
        sizes = []
        page = open_page()
        page.on("response", lambda response: sizes.append(len(response.body())))
        page.goto(f"{live_server.url}/public/bodies/QH-NY/", wait_until="networkidle")
        assert 0 < sum(sizes) < 150_000
