"""办事指南链接核查：关着时一次外联也没有；开了只看名单里的；打不开的一天之内到工作台，修好了就了结。"""

import json
import socket
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from quanze.apps.catalog.models import LinkCheck
from quanze.apps.catalog.selectors import links as selectors
from quanze.apps.catalog.services import link_checking
from quanze.base.audit.models import FactRecord
from quanze.base.jobs import public as jobs
from quanze.base.jobs.models import Job
from quanze.base.links.public import Answer
from quanze.core.actor import SYSTEM
from quanze.core.errors import NotPermitted, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.req("J-21")]
GOOD, BAD = "https://zwfw.example.gov.cn/1", "https://zwfw.example.gov.cn/2"
ELSEWHERE = "https://blog.example.org/3"


@pytest.fixture
def published(county):
    county.publish(
        county.permit(guide_url=GOOD),
        county.permit("渔业捕捞许可审批", guide_url=BAD),
        county.permit("水产苗种进出口审批", guide_url=ELSEWHERE),
        county.permit("渔业船舶检验", guide_url=BAD),
        county.content(),
    )
    return county


@pytest.fixture
def switched_on(settings):
    settings.QUANZE_LINK_CHECK_HOSTS = [".example.gov.cn"]


@pytest.fixture
def web(monkeypatch):
    """网上的样子：网址 → 结果；问过的都记下。"""
    answers, asked = {GOOD: "ok", BAD: "gone"}, []

    def probe(url, *, hosts):
        asked.append(url)
        assert hosts == (".example.gov.cn",)
        return Answer(answers.get(url, "host_not_allowed"))

    monkeypatch.setattr("quanze.base.links.public.probe", probe)
    return answers, asked


def check():
    job_id = link_checking.links_check_request(actor=SYSTEM, now=timezone.now())
    job = jobs.run_now(job_id)
    assert job.state == "done", job.error_message
    return job.result


def check_again(days):
    """某日之后又查一遍：返回打不开的数目。"""
    now = timezone.now() + timedelta(days=days)
    answers = link_checking.links_ask(selectors.urls_to_check(timezone.localdate()))
    return link_checking.links_record(actor=SYSTEM, answers=answers, now=now)


def test_switched_off_nothing_leaves_the_machine_and_no_job_is_made(published, monkeypatch, settings):
    def outgoing(*args, **given):
        raise AssertionError("关着的时候不该外联")

    for name in ("getaddrinfo", "create_connection", "gethostbyname"):
        monkeypatch.setattr(socket, name, outgoing)
    monkeypatch.setattr(socket.socket, "connect", outgoing)
    monkeypatch.setattr("quanze.base.links.public.probe", outgoing)
    assert settings.QUANZE_LINK_CHECK_HOSTS == []
    assert "catalog.links" in jobs.tick(published.now)
    assert Job.objects.filter(kind=link_checking.JOB_KIND).count() == 0
    assert link_checking.links_ask([GOOD, BAD]) == {}
    assert LinkCheck.objects.count() == 0
    with pytest.raises(WrongState) as caught:
        link_checking.links_check_request(actor=published.actor("establishment"), now=published.now)
    assert caught.value.code == "link_check_off"


def test_every_address_is_asked_once_a_day_and_the_result_is_kept(published, switched_on, web):
    _, asked = web
    assert "catalog.links" in jobs.tick(published.now)
    (job,) = Job.objects.filter(kind=link_checking.JOB_KIND)
    jobs.run_now(job.pk)
    # two items share one address: it is asked once
    assert sorted(asked) == [ELSEWHERE, GOOD, BAD]
    assert {row.url: row.outcome for row in LinkCheck.objects.all()} == {
        GOOD: "ok", BAD: "gone", ELSEWHERE: "host_not_allowed",
    }  # fmt: skip
    fact = FactRecord.objects.get(action="catalog.links.checked")
    assert json.loads(fact.after) == {"checked": 3, "dead": 1, "newly_dead": 1}
    # within the day nothing more is done, on the next day it is
    assert "catalog.links" not in jobs.tick(published.later(hours=23))
    assert "catalog.links" in jobs.tick(published.later(hours=24))
    assert Job.objects.filter(kind=link_checking.JOB_KIND).count() == 2


def test_a_dead_link_is_dated_counted_and_forgotten_when_it_lives_again(published, switched_on, web):
    answers, _ = web
    assert check() == {"checked": 3, "dead": 1}
    row = LinkCheck.objects.get(url=BAD)
    since = row.dead_since
    assert (row.failures, row.last_ok_at) == (1, None)
    check_again(days=1)
    row.refresh_from_db()
    assert (row.failures, row.dead_since) == (2, since)
    answers[BAD] = "moved"
    assert check_again(days=2) == 0
    row.refresh_from_db()
    assert (row.failures, row.dead_since, row.is_dead) == (0, None, False)
    assert row.last_ok_at is not None


def test_a_moment_s_trouble_is_asked_a_second_time_before_it_counts(published, switched_on):
    told = iter(["timeout", "ok"])
    assert link_checking.links_ask([GOOD], ask=lambda url: Answer(next(told)))[GOOD].outcome == "ok"
    told = iter(["gone"])
    assert link_checking.links_ask([GOOD], ask=lambda url: Answer(next(told)))[GOOD].outcome == "gone"


def test_the_desk_of_the_publisher_has_a_matter_per_item_and_no_other_body_does(
    published, switched_on, web, client_of, django_assert_num_queries
):
    check()
    page = client_of("publisher").get("/").content.decode()
    assert "办事指南链接打不开：渔业捕捞许可审批" in page and "办事指南链接打不开：渔业船舶检验" in page
    assert "更正网址（页面没有了）" in page
    assert "链接打不开" not in client_of("forestry").get("/").content.decode()
    actor = published.actor("publisher")
    with django_assert_num_queries(1):
        assert selectors.dead_rows(actor, timezone.localdate()).count() == 2


def test_the_page_lists_filters_and_exports(published, switched_on, web, client_of):
    check()
    office, address = client_of("establishment"), reverse("catalog:links")
    page = office.get(address).content.decode()
    assert "4 项现行事项有网上办事指南的网址，核查过 4 项，打不开 2 项" in page and "现在核查" in page
    dead = office.get(address, {"state": "dead"}).content.decode()
    assert "渔业捕捞许可审批" in dead and "水产苗种进出口审批" not in dead
    assert "水产苗种进出口审批" in office.get(address, {"state": "unasked"}).content.decode()
    assert "没有符合条件的链接" in office.get(address, {"state": "unchecked"}).content.decode()
    assert office.get(address, {"export": "xlsx"}).status_code == 200
    assert "渔业捕捞许可审批" not in client_of("forestry").get(address).content.decode()
    (item_id,) = {one.item_id for one in selectors.dead_links(published.actor("publisher"), timezone.localdate())[:1]}
    tab = client_of("drafter").get(reverse("catalog:item_tab", args=[item_id, "guide"])).content.decode()
    assert "这个网址打不开（页面没有了）" in tab


def test_only_the_office_starts_a_check_and_off_the_page_says_how(published, client_of, settings):
    page = client_of("establishment").get(reverse("catalog:links")).content.decode()
    assert "系统不向外连接" in page and "QUANZE_LINK_CHECK_HOSTS" in page and "现在核查</button>" not in page
    assert client_of("establishment").post(reverse("catalog:links_check")).status_code == 409
    settings.QUANZE_LINK_CHECK_HOSTS = [".example.gov.cn"]
    with pytest.raises(NotPermitted):
        link_checking.links_check_request(actor=published.actor("publisher"), now=published.now)
    answer = client_of("establishment").post(reverse("catalog:links_check"))
    assert (answer.status_code, Job.objects.filter(kind=link_checking.JOB_KIND).count()) == (303, 1)


def test_the_page_takes_the_same_queries_for_few_and_for_many(published, client_of, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, address = client_of("establishment"), reverse("catalog:links")
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    link_checking.links_record(
        actor=SYSTEM, answers={GOOD: Answer("ok"), BAD: Answer("failed", 503)}, now=published.now
    )
    with django_assert_num_queries(len(few)):
        client.get(address)
