"""办理入口：只收 POST，表单不对带着填写的内容回来，办成转走。"""

import json

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_htmx.middleware import HtmxMiddleware

from quanze.base.web.actions import Done, action
from quanze.core.actor import PUBLIC, Actor
from quanze.core.errors import Defect, ErrorPlace, InvalidInput, NotPermitted, RulesNotMet, WrongState

CLERK = Actor(user_id=7, name="陈耕", roles=frozenset({"drafter"}))


class NoteForm(forms.Form):
    note = forms.CharField(label="说明", max_length=5)


def asked_again(request, form, **kwargs):
    said = {"data": form.data.get("note"), "errors": form.errors, "headline": getattr(form, "headline", "")}
    return HttpResponse(json.dumps(said, ensure_ascii=False))


def summary_of(form):
    return render_to_string("cotton/error_summary.html", {"form": form})


def send(view, data=None, *, actor=CLERK, method="post", **headers):
    request = getattr(RequestFactory(), method)("/act/", data or {}, headers=headers)
    request.actor, request.session = actor, {}
    request._messages = CookieStorage(request)
    HtmxMiddleware(lambda r: HttpResponse())(request)
    return request, view(request)


@action(form=NoteForm, roles=("drafter",), invalid=asked_again)
def note(request, form):
    if form.cleaned_data["note"] == "坏":
        raise RulesNotMet("有一处不符", defects=[Defect("X1", "说明太空泛", ErrorPlace(field="note"))], hint="请改。")
    if form.cleaned_data["note"] == "空":
        raise RulesNotMet("没有内容", hint="请写明。")
    if form.cleaned_data["note"] == "晚":
        raise WrongState("已公布")
    return Done("已提交送审", to="/lists/")


def test_what_was_done_is_said_and_the_browser_sent_on():
    request, response = send(note, {"note": "好"})
    assert (response.status_code, response["Location"]) == (303, "/lists/")
    assert [str(m) for m in request._messages] == ["已提交送审"]


@pytest.mark.django_db
def test_an_action_takes_a_post_and_nothing_else():
    _, response = send(note, method="put")
    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("/lists/items/3/draft/", "/lists/items/3/"),
        ("/lists/5/check/fix/", "/lists/5/check/"),
        ("/lists/submissions/3/pause/", "/lists/submissions/3/"),
        ("/evaluations/rounds/4/open/", "/evaluations/rounds/4/"),
    ],
)
def test_the_address_of_an_action_read_leads_to_the_page_above_it_in_every_app(client_of, address, page):
    response = client_of("establishment").get(address)
    assert (response.status_code, response["Location"]) == (302, page)


@action(form=NoteForm, roles=("drafter",), invalid=asked_again, page="catalog:lists")
def paged(request, form):
    return Done()


def test_reading_the_address_leads_to_the_page_where_there_is_one():
    _, response = send(paged, method="get")
    assert (response.status_code, response["Location"]) == (302, "/lists/")


def test_a_stranger_reading_the_address_is_sent_to_the_login_page():
    _, response = send(paged, method="get", actor=PUBLIC)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_a_wrong_form_comes_back_with_everything_typed():
    _, response = send(note, {"note": "太长太长太长"})
    assert response.status_code == 422
    assert json.loads(response.content)["data"] == "太长太长太长"


def test_findings_of_the_service_come_back_at_their_field():
    _, response = send(note, {"note": "坏"})
    said = json.loads(response.content)
    assert response.status_code == 422
    assert said["errors"] == {"note": ["说明太空泛"]}
    assert said["headline"] == "有一处不符。请改。"


def test_a_refusal_without_defects_is_itself_the_one_error():
    _, response = send(note, {"note": "空"})
    assert json.loads(response.content)["errors"] == {"__all__": ["没有内容。请写明。"]}


def test_the_summary_counts_the_defects_and_not_their_headline():
    @action(form=NoteForm, invalid=lambda request, form: HttpResponse(summary_of(form)))
    def refused(request, form):
        defects = [Defect("X1", "说明太空泛", ErrorPlace(field="note")), Defect("X2", "缺少附件")]
        raise RulesNotMet("有两处不符", defects=defects)

    _, response = send(refused, {"note": "好"})
    page = response.content.decode()
    assert "有 2 处需要修改" in page
    assert page.count("<li>") == 2
    assert page.count("有两处不符") == 1


def test_other_errors_are_left_to_the_door():
    with pytest.raises(WrongState):
        send(note, {"note": "晚"})


def test_somebody_without_the_role_is_refused_before_the_form_is_read():
    with pytest.raises(NotPermitted):
        send(note, {"note": "好"}, actor=Actor(user_id=8, name="甲", roles=frozenset({"head"})))


def test_a_stranger_is_sent_to_the_login_page():
    _, response = send(note, {"note": "好"}, actor=PUBLIC)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_without_an_asking_page_a_wrong_form_is_an_error_in_words():
    @action(form=NoteForm)
    def bare(request, form):
        return Done()

    with pytest.raises(InvalidInput) as caught:
        send(bare, {"note": "太长太长太长"})
    assert caught.value.message.startswith("说明：")


def test_htmx_is_told_where_to_go():
    _, response = send(note, {"note": "好"}, **{"HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "/lists/")


def test_a_program_gets_the_message_as_json():
    _, response = send(note, {"note": "好"}, Accept="application/json")
    assert json.loads(response.content) == {"message": "已提交送审"}


def test_a_program_is_told_code_message_place_and_remedy_of_a_wrong_form():
    _, response = send(note, {"note": "太长太长太长"}, Accept="application/json")
    said = json.loads(response.content)
    assert response.status_code == 422
    assert (said["code"], said["place"]) == ("invalid_form", "“说明”")
    assert "5" in said["message"] and said["hint"]
    assert [(one["code"], one["place"]) for one in said["defects"]] == [("invalid_field", "“说明”")]


def test_a_program_that_sends_no_file_or_an_empty_one_gets_the_codes_of_files():
    class SheetForm(forms.Form):
        sheet = forms.FileField(label="表格")

    @action(form=SheetForm, invalid=asked_again)
    def take(request, form):
        return Done("收下了")

    _, without = send(take, {}, Accept="application/json")
    _, empty = send(take, {"sheet": SimpleUploadedFile("空.xlsx", b"")}, Accept="application/json")
    assert json.loads(without.content)["code"] == "FILE_MISSING"
    assert json.loads(empty.content)["code"] == "FILE_EMPTY"


def test_rules_not_met_reach_a_program_as_an_error_and_not_as_a_page():
    with pytest.raises(RulesNotMet):
        send(note, {"note": "坏"}, Accept="application/json")
