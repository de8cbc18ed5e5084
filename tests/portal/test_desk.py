"""工作台：待办、已办、我发起的；框架；消息；任务；搜索。"""

import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from quanze.base.audit.models import AccessRecord
from quanze.base.jobs import public as jobs
from quanze.base.notices import public as notices
from quanze.portal.web.progress import time_left

pytestmark = [pytest.mark.django_db, pytest.mark.req("W-46")]


def text(response):
    assert response.status_code == 200, response.content.decode()[:400]
    return response.content.decode()


def test_a_submission_stands_on_the_desk_of_whom_it_waits_for(county, client_of):
    # given a list sent for review
    county.draft()
    county.submit(title="农业农村局权责清单首次编制")
    # then the legal section finds it with its deadline, and nobody else does
    html = text(client_of("legal").get("/"))
    assert "农业农村局权责清单首次编制" in html
    assert "先办这件" in html
    assert "青禾县农业农村局" in html
    for other in ("drafter", "head", "justice", "other_town"):
        assert "先办这件" not in text(client_of(other).get("/"))


def test_what_one_opened_and_what_one_did_are_kept_apart(county, client_of):
    county.draft()
    submission_id = county.submit(title="首次编制")
    county.decide(submission_id, "legal")
    opened = text(client_of("drafter").get("/opened/"))
    assert "首次编制" in opened
    assert "审查中" in opened
    done = text(client_of("legal").get("/done/"))
    assert "首次编制" in done
    assert "通过" in done
    assert "首次编制" not in text(client_of("legal").get("/"))


def test_an_empty_desk_says_what_belongs_here(client_of):
    assert "没有待办" in text(client_of("legal").get("/"))
    assert "还没有办过的事" in text(client_of("legal").get("/done/"))
    assert "还没有发起过送审" in text(client_of("legal").get("/opened/"))


def test_filters_stay_in_the_address_and_narrow_the_rows(county, client_of):
    county.draft()
    county.submit(title="首次编制")
    client = client_of("legal")
    assert "首次编制" in text(client.get("/", {"q": "首次"}))
    html = text(client.get("/", {"q": "没有的字"}))
    assert "没有符合条件的记录" in html


def test_the_table_is_exported_as_it_is_shown(county, client_of):
    import openpyxl

    county.draft()
    county.submit(title="首次编制")
    response = client_of("legal").get("/", {"export": "xlsx", "cols": "items"})
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
    values = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert ["事由", "事项（项）"] in values
    assert any(row and row[0] == "首次编制" and row[1] == 2 for row in values)
    assert AccessRecord.objects.get(action="web.table.exported").detail == "1 行；筛选：全部"


def test_the_desk_costs_the_same_however_much_waits(county, client_of, django_assert_max_num_queries):
    county.draft()
    county.submit()
    client = client_of("legal")
    client.get("/")
    with django_assert_max_num_queries(16):
        client.get("/")


def test_every_page_carries_the_strict_policy(client_of):
    response = client_of("drafter").get("/")
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
    assert response["X-Frame-Options"] == "DENY"


def test_a_stranger_sees_the_login_page_first(county):
    for path in ("/", "/done/", "/opened/", "/jobs/", "/messages/", "/search/", "/styleguide/"):
        assert Client().get(path)["Location"].startswith("/login/?next="), path


def test_an_unknown_address_answers_in_words(client_of):
    response = client_of("drafter").get("/no/such/page/")
    assert response.status_code == 404
    assert "没有找到" in response.content.decode()
    assert "错误编号" in response.content.decode()


def test_a_form_without_its_token_is_refused_in_words(county):
    from quanze.base.iam.models import User

    client = Client(enforce_csrf_checks=True)
    client.force_login(
        User.objects.get(pk=county.users["drafter"]), backend="django.contrib.auth.backends.ModelBackend"
    )
    response = client.post("/messages/read/")
    assert response.status_code == 403
    assert "页面打开太久或登录已过期" in response.content.decode()


def test_messages_are_listed_and_marked_as_read(county, client_of):
    notices.notice_send(
        to_user_ids=[county.users["drafter"]], text="清单已退回修改", link="/opened/", kind="x", now=timezone.now()
    )
    client = client_of("drafter")
    html = text(client.get("/messages/"))
    assert "清单已退回修改" in html
    assert "1 条未读" in html
    assert client.post("/messages/read/").status_code == 303
    html = text(client.get("/messages/"))
    assert "已把 1 条消息标为已读。" in html
    assert "条未读" not in html


def test_search_finds_bodies_and_says_so_when_nothing_is_found(client_of):
    client = client_of("drafter")
    assert "青禾县林业局" in text(client.get("/search/", {"q": "林业"}))
    assert "没有找到“气象台”" in text(client.get("/search/", {"q": "气象台"}))


def test_the_styleguide_shows_every_component(client_of):
    html = text(client_of("drafter").get("/styleguide/"))
    for mark in (
        "q-stat",
        "q-due",
        "q-chart",
        "q-findings",
        "q-summary",
        "q-timeline",
        "<ins>",
        "data-bulk-row",
        "q-empty",
    ):
        assert mark in html, mark


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 412, 422, 428, 429, 500])
def test_every_error_page_can_be_looked_at(client_of, status):
    response = client_of("drafter").get(f"/styleguide/errors/{status}/")
    assert response.status_code == status
    assert "怎么办" in response.content.decode()


class TestProgress:
    @pytest.fixture
    def job_id(self, county):
        from quanze.base.jobs.models import Job

        job = Job.objects.create(
            kind="portal.example",
            label="导入农业农村局清单",
            state="running",
            done=120,
            total=400,
            created_by=county.users["drafter"],
            created_by_name="陈耕",
            back_url="/jobs/",
            created_at=timezone.now(),
            started_at=timezone.now() - timedelta(seconds=12),
            available_at=timezone.now(),
        )
        return job.pk

    def test_a_running_job_is_polled_and_shows_count_and_time_left(self, client_of, job_id):
        html = text(client_of("drafter").get(f"/jobs/{job_id}/"))
        assert 'hx-trigger="every 1s"' in html
        assert "120 / 400" in html
        assert "约剩" in html
        assert "取消任务" in html

    def test_a_finished_job_is_polled_no_more(self, client_of, job_id):
        from quanze.base.jobs.models import Job

        Job.objects.filter(pk=job_id).update(state="done", done=400, finished_at=timezone.now())
        response = client_of("drafter").get(f"/jobs/{job_id}/progress/", headers={"HX-Request": "true"})
        assert response.status_code == 286
        assert "hx-trigger" not in response.content.decode()
        assert "查看结果" in response.content.decode()

    def test_the_job_of_another_does_not_exist(self, client_of, job_id):
        assert client_of("other_town").get(f"/jobs/{job_id}/").status_code == 404
        assert client_of("other_town").post(f"/jobs/{job_id}/cancel/").status_code == 404

    def test_cancelling_asks_the_job_to_stop(self, county, client_of, job_id):
        client = client_of("drafter")
        assert client.post(f"/jobs/{job_id}/cancel/").status_code == 303
        assert jobs.job_view(job_id=job_id, actor=county.actor("drafter")).is_cancel_requested
        assert "已请求取消" in text(client.get(f"/jobs/{job_id}/"))

    def test_time_left_is_not_guessed_too_early(self):
        now = timezone.now()
        assert time_left(None, 5, 10, now) == ""
        assert time_left(now - timedelta(seconds=1), 5, 10, now) == ""
        assert time_left(now - timedelta(seconds=30), 100, 400, now) == "约剩 2 分钟"
        assert time_left(now - timedelta(seconds=10), 300, 400, now) == "约剩 3 秒"


def test_search_finds_an_item_of_ones_own_scope_with_its_page(county, client_of):
    county.draft()
    html = text(client_of("drafter").get("/search/", {"q": "电鱼"}))
    assert "对使用电鱼方法捕捞的处罚" in html
    assert "草稿" in html
    assert "没有找到“电鱼”" in text(client_of("other_town").get("/search/", {"q": "电鱼"}))


def test_help_tells_only_of_parts_one_can_open(client_of):
    html = text(client_of("drafter").get("/help/"))
    assert "等您办理、您办过、您发起的事都在这里" in html
    assert "收到当天不计" in html


def test_an_export_asks_for_a_second_proof_and_then_goes_on(county, client_of):
    client = client_of("legal")
    county.signed_in_long_ago(client)
    asked = client.get("/", {"export": "xlsx", "cols": "items"})
    page = asked.content.decode()
    assert asked.status_code == 200
    assert "请再次验证是您本人" in page
    assert 'href="/?cols=items"' in page  # the way back to the table
    assert not AccessRecord.objects.filter(action="web.table.exported").exists()
    wrong = client.post("/account/step-up/", {"next": "/?export=xlsx&cols=items", "step_up_secret": "no"})
    assert wrong.status_code == 422
    right = client.post("/account/step-up/", {"next": "/?export=xlsx&cols=items", "step_up_secret": county.password})
    assert right.url == "/?export=xlsx&cols=items"
    assert client.get(right.url)["Content-Type"].endswith("sheet")
    assert AccessRecord.objects.filter(action="web.table.exported").count() == 1
