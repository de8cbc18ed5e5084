"""错误 → 应答：状态码、样式、拒绝入记录。"""

import json

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve, reverse
from django_htmx.middleware import HtmxMiddleware

from quanze.base.audit.models import AccessRecord
from quanze.base.web.concurrency import VersionRequired, seen_version
from quanze.base.web.errors import (
    WORDS,
    DomainErrorMiddleware,
    busy,
    csrf_failure,
    path_of,
    respond,
    server_error,
    status_of,
)
from quanze.core.actor import PUBLIC, Actor
from quanze.core.errors import (
    Conflict,
    Defect,
    DomainError,
    ErrorPlace,
    InvalidInput,
    NotFound,
    NotPermitted,
    RulesNotMet,
    WrongState,
)

CLERK = Actor(user_id=7, name="陈耕", body_id=3, body_name="农业农村局", roles=frozenset({"drafter"}))


def answer(error, *, actor=CLERK, path="/lists/5/", **headers):
    """视图抛出 error 时的应答。"""
    request = RequestFactory().get(path, headers=headers)
    request.actor = actor
    HtmxMiddleware(lambda r: HttpResponse())(request)
    return DomainErrorMiddleware(lambda r: HttpResponse()).process_exception(request, error)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("没有"), 404),
        (NotPermitted("不能"), 403),
        (WrongState("状态"), 409),
        (Conflict("冲突"), 409),
        (VersionRequired("版本"), 428),
        (RulesNotMet("规则"), 422),
        (InvalidInput("输入"), 422),
        (DomainError("其他"), 400),
    ],
)
def test_each_error_has_its_status(error, status):
    assert status_of(error) == status


def test_a_conflict_under_if_match_is_a_failed_precondition():
    request = RequestFactory().post("/", headers={"If-Match": '"3"'})
    assert status_of(Conflict("冲突"), request) == 412


@pytest.mark.django_db
def test_a_person_reads_what_happened_what_is_safe_and_what_to_do():
    response = answer(WrongState("这份清单已公布，不能再送审", hint="请新建调整草稿。"))
    page = response.content.decode()
    assert response.status_code == 409
    for words in ("这份清单已公布，不能再送审", "请新建调整草稿。", WORDS[409].safe, "错误编号"):
        assert words in page


@pytest.mark.django_db
def test_a_program_gets_json_with_the_stable_code_and_every_defect():
    error = RulesNotMet("有 1 处不符", defects=[Defect("S001", "缺依据", ErrorPlace(row=3))], hint="请补写。")
    response = answer(error, path="/api/lists/5")
    body = json.loads(response.content)
    assert response.status_code == 422
    assert (body["code"], body["message"], body["hint"]) == ("rules_not_met", "有 1 处不符", "请补写。")
    assert body["defects"] == [{"code": "S001", "message": "缺依据", "place": "第 3 行"}]


@pytest.mark.django_db
def test_a_piece_of_page_gets_a_toast_beside_the_page():
    response = answer(NotPermitted("不能审查自己起草的事项"), **{"HX-Request": "true"})
    assert (response.status_code, response["HX-Retarget"], response["HX-Reswap"]) == (403, "#toasts", "beforeend")
    assert "不能审查自己起草的事项" in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("error", [NotPermitted("不能"), NotFound("没有"), WrongState("状态"), Conflict("冲突")])
def test_a_refusal_is_written_to_the_access_record_with_its_number(error):
    page = answer(error).content.decode()
    record = AccessRecord.objects.get()
    assert (record.outcome, record.actor_name, record.subject_label) == ("refused", "陈耕", "/lists/5/")
    assert error.code in record.detail
    assert record.detail.split()[0] in page  # the number on the page finds the row


@pytest.mark.django_db
def test_a_typing_error_is_no_refusal():
    answer(InvalidInput("日期不对"))
    answer(NotFound("没有"), actor=PUBLIC)
    assert not AccessRecord.objects.exists()


@pytest.mark.django_db
def test_what_people_typed_is_escaped_on_the_error_page():
    page = answer(NotFound("没有“<script>alert(1)</script>”")).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_broken_server_answers_without_the_database():
    request = RequestFactory().get("/")
    response = server_error(request)  # no django_db mark: a query would fail this test
    assert response.status_code == 500
    assert "未完成的改动已全部撤回" in response.content.decode()


@pytest.mark.django_db
def test_an_expired_form_says_to_copy_the_text_first():
    request = RequestFactory().post("/")
    response = csrf_failure(request)
    assert response.status_code == 403
    assert "填写的文字可先复制保存" in response.content.decode()


def test_every_status_that_pages_use_has_words():
    assert {400, 401, 403, 404, 405, 409, 412, 413, 422, 428, 429, 500, 503, 507} == set(WORDS)
    assert all(len(part) > 3 for words in WORDS.values() for part in (words.happened, words.safe, words.advice))


class TestSeenVersion:
    def test_a_page_sends_it_as_a_hidden_field(self):
        assert seen_version(RequestFactory().post("/", {"seen_version": "12"})) == 12

    @pytest.mark.parametrize("tag", ['"12"', 'W/"12"', "12"])
    def test_a_program_sends_it_as_if_match(self, tag):
        assert seen_version(RequestFactory().post("/", headers={"If-Match": tag})) == 12

    def test_without_it_nothing_is_updated(self):
        with pytest.raises(VersionRequired):
            seen_version(RequestFactory().post("/"))

    @pytest.mark.parametrize("text", ["abc", "-1", "１２", "9" * 30])
    def test_what_is_no_number_is_refused(self, text):
        with pytest.raises(InvalidInput):
            seen_version(RequestFactory().post("/", {"seen_version": text}))


@pytest.mark.django_db
def test_the_token_of_a_link_stands_neither_in_the_log_nor_in_the_access_record(caplog, settings):
    # given an address whose part is a credential, and one that is none
    path = reverse("account_setup_link", args=["s3cret-token"])
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path)
    # when something goes wrong there, before or after the address was read
    server_error(request)
    server_error(RequestFactory().get(path))
    busy(request, OperationalError("database is locked"))
    respond(request, WrongState("现在不能"))
    # then what is written has the place and not the credential
    assert "s3cret-token" not in caplog.text
    assert caplog.text.count("/account/setup/…/") == 3
    row = AccessRecord.objects.get()
    assert row.subject_label == "/account/setup/…/"
    assert path_of(RequestFactory().get("/lists/7/")) == "/lists/7/"
    assert path_of(RequestFactory().get("/no-such-place/")) == "/no-such-place/"
