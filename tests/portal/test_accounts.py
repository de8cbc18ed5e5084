"""登录、退出、切换岗位。"""

from datetime import date

import pytest
from django.test import Client, override_settings

from quanze.apps.org import public as org
from quanze.base.audit.models import AccessRecord
from quanze.core.actor import SYSTEM

pytestmark = pytest.mark.django_db


def accounts():
    from types import SimpleNamespace

    return [SimpleNamespace(username="drafter", password="p-w-of-demo", label="业务口", body="农业农村局")]


def test_a_person_signs_in_comes_back_to_the_page_and_it_is_recorded(county):
    client = Client()
    asked = client.get("/jobs/")
    assert asked.status_code == 302
    assert asked["Location"] == "/login/?next=/jobs/"
    response = client.post(asked["Location"], {"username": "drafter", "password": county.password, "next": "/jobs/"})
    assert (response.status_code, response["Location"]) == (302, "/jobs/")
    record = AccessRecord.objects.get(action="portal.signed_in")
    assert (record.actor_name, record.actor_body_name) == ("陈耕", "青禾县农业农村局")


def test_a_wrong_password_is_said_in_words_and_nobody_is_in(county):
    client = Client()
    response = client.post("/login/", {"username": "drafter", "password": "wrong"})
    assert response.status_code == 422
    assert "登录名或口令不对" in response.content.decode()
    assert client.get("/").status_code == 302


@override_settings(AXES_ENABLED=True)
def test_five_wrong_passwords_lock_the_door_even_for_the_right_one(county):
    client = Client()
    for _ in range(5):
        response = client.post("/login/", {"username": "drafter", "password": "wrong"})
    assert response.status_code == 429
    assert "暂时不能登录" in response.content.decode()
    assert client.post("/login/", {"username": "drafter", "password": county.password}).status_code == 429


def test_login_does_not_lead_to_another_site(county):
    response = Client().post(
        "/login/", {"username": "drafter", "password": county.password, "next": "https://elsewhere.example/"}
    )
    assert response["Location"] == "/"


def test_demonstration_accounts_are_listed_only_in_the_demonstration(county):
    provider = f"{__name__}.accounts"
    with override_settings(QUANZE_IS_DEMO=True, QUANZE_DEMO_ACCOUNTS=provider):
        assert "p-w-of-demo" in Client().get("/login/").content.decode()
    with override_settings(QUANZE_IS_DEMO=False, QUANZE_DEMO_ACCOUNTS=provider):
        assert "p-w-of-demo" not in Client().get("/login/").content.decode()


def test_signing_out_needs_a_button_not_a_link(client_of):
    client = client_of("drafter")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/").status_code == 302


@pytest.fixture
def second_post(county):
    """陈耕另在林业局挂职。"""
    return org.appointment_make(
        actor=SYSTEM,
        user_id=county.users["drafter"],
        body_id=county.bodies["QH-LY"],
        roles=("legal_section",),
        post="挂职副科长",
        scope_kind="own",
        valid_from=date(2026, 1, 1),
        now=county.now,
    )


def test_a_person_with_two_posts_acts_as_the_one_chosen(county, client_of, second_post):
    client = client_of("drafter")
    assert "青禾县农业农村局 · 政策法规科科员" in client.get("/").content.decode()
    other = org.appointments_of(county.users["drafter"], on=date(2026, 11, 22))[1]
    response = client.post("/account/appointment/", {"appointment": other.id, "next": "/done/"}, follow=True)
    html = response.content.decode()
    assert response.redirect_chain == [("/done/", 302)]
    assert "现在以青禾县林业局·挂职副科长的身份办理。" in html
    assert response.wsgi_request.actor.body_id == county.bodies["QH-LY"]
    assert response.wsgi_request.actor.roles == frozenset({"legal_section"})


def test_nobody_takes_the_post_of_another(county, client_of):
    client = client_of("drafter")
    foreign = org.appointments_of(county.users["head"], on=date(2026, 11, 22))[0]
    assert client.post("/account/appointment/", {"appointment": foreign.id}).status_code == 404
    assert client.get("/").wsgi_request.actor.roles == frozenset({"drafter"})
