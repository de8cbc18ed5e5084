"""口令要求：两种要求、上下文词、常见口令、历史、到期；散列的强度与换新。"""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import override_settings

from quanze.base.iam import passwords
from quanze.base.iam.hashers import Argon2idHasher
from quanze.base.iam.models import User
from quanze.base.iam.passwords import PasswordPolicy, policy_on, problems
from quanze.base.parameters import public as parameters
from quanze.core.actor import SYSTEM
from quanze.core.errors import RulesNotMet

ON = date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
DENGBAO = PasswordPolicy("dengbao3", "等保", "", length=12, classes=3, history=5, days=90)
NIST = PasswordPolicy("nist", "NIST", "", length=12)


def codes(password, policy=DENGBAO, words=()):
    return [defect.code for defect in problems(password, policy, words=words)]


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("Luhua-7tuancai", []),
        ("山月照松间清泉石-2031", []),
        ("Luhua-7", ["too_short"]),
        ("luhuatuancaiyu", ["few_classes"]),
        ("luhua7tuancaiyu", ["few_classes"]),
        ("aaaaaaaaaaA1", ["common"]),
        ("Password-1234", ["common"]),
        ("Qwertyuiop12", ["common"]),
        ("Abcdefgh1234", ["common"]),
        ("Luhua-7tuancai\x07", ["unprintable"]),
        ("Luhua-7tuancai" * 20, ["too_long"]),
    ],
)
def test_each_fault_of_a_password_is_named(password, expected):
    assert codes(password) == expected


def test_the_other_policy_wants_length_but_no_classes():
    assert codes("luhuatuancaiyu", NIST) == []
    assert codes("lutuancai", NIST) == ["too_short"]
    assert codes("administrator123", NIST) == ["common"]


def test_a_password_holds_nothing_that_tells_whose_it_is():
    words = ["chengeng", "陈耕", "青禾县农业农村局", "yu"]
    assert codes("Chengeng-2031", words=words) == ["context_word"]
    assert codes("陈耕的第七块试验田种稻-7", words=words) == ["context_word"]
    # a word too short to tell anything does not count
    assert codes("Zhuyuan-7tuan", words=words) == []


def test_the_message_says_what_is_wrong_and_what_to_do():
    (defect,) = problems("luhuatuancaiyu", DENGBAO)
    assert defect.message == "口令只有一类字符，须有三类，可加入大写字母、数字、汉字、符号"
    (defect,) = problems("Luhua-7", DENGBAO)
    assert defect.message == "口令只有 7 位，至少要 12 位，请加长"


@pytest.mark.django_db
class TestPolicies:
    def test_the_setting_chooses_the_policy(self):
        assert policy_on(ON).code == "dengbao3"
        assert (policy_on(ON).length, policy_on(ON).classes, policy_on(ON).history, policy_on(ON).days) == (
            12,
            3,
            5,
            90,
        )
        with override_settings(QUANZE_PASSWORD_POLICY="nist"):
            policy = policy_on(ON)
        assert (policy.code, policy.length, policy.classes, policy.history, policy.days) == ("nist", 12, 0, 0, 0)

    def test_a_figure_is_changed_from_a_day_on_by_a_dated_parameter(self):
        parameters.parameter_set(
            actor=SYSTEM,
            code="password_dengbao3_length",
            valid_from=date(2027, 1, 1),
            value=14,
            source="市保密办〔2026〕5号",
            now=NOW,
        )
        assert policy_on(date(2026, 12, 31)).length == 12
        assert policy_on(date(2027, 1, 1)).length == 14

    def test_the_words_for_people_come_from_the_figures(self):
        assert policy_on(ON).words == (
            "至少 12 位；须含大写字母、小写字母、数字、汉字、符号中的三类；"
            "不能是常见口令，不能含登录名、姓名、单位、城市或系统名称；不能与最近 5 个口令相同；每 90 天须更换。"
        )

    def test_the_body_of_the_person_and_the_city_must_not_occur(self, county):
        user = User.objects.get(username="drafter")
        for word in ("drafter", "陈耕", "青禾县农业农村局", "县农业农村局", "测试市", "quanze", "权责"):
            with pytest.raises(RulesNotMet) as caught:
                passwords.password_check(user, f"Luhua-7{word}-tuancai", on=ON)
            assert [each.code for each in caught.value.defects] == ["context_word"], word

    def test_forms_of_the_framework_follow_the_same_policy(self):
        with pytest.raises(ValidationError) as caught:
            validate_password("luhua")
        assert {error.code for error in caught.value.error_list} >= {"too_short", "few_classes"}
        validate_password("Luhua-7tuancai")

    def test_a_password_is_out_of_date_after_ninety_days_and_never_in_the_demonstration(self):
        user = User(username="u", full_name="某", password=make_password("x"), password_set_at=NOW)
        assert passwords.days_left(user, on=ON) == 90
        assert passwords.days_left(user, on=ON + timedelta(days=89)) == 1
        assert passwords.days_left(user, on=ON + timedelta(days=90)) == 0
        assert passwords.days_left(user, on=ON + timedelta(days=400)) == 0
        with override_settings(QUANZE_PASSWORD_POLICY="nist"):
            assert passwords.days_left(user, on=ON + timedelta(days=400)) is None
        with override_settings(QUANZE_IS_DEMO=True):
            assert passwords.days_left(user, on=ON + timedelta(days=400)) is None


@pytest.fixture
def real_hashing(settings):
    settings.PASSWORD_HASHERS = [
        "quanze.base.iam.hashers.Argon2idHasher",
        "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("real_hashing")
class TestHashing:
    def test_the_hash_is_argon2id_with_at_least_nineteen_mebibytes(self):
        assert make_password("Luhua-7tuancai").startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")

    @pytest.mark.parametrize("older", ["pbkdf2", "weaker"])
    def test_an_older_hash_is_replaced_at_the_next_login(self, older):
        class Weaker(Argon2idHasher):
            memory_cost = 8 * 1024

        stored = (
            Weaker().encode("Luhua-7tuancai", "saltsaltsaltsalt")
            if older == "weaker"
            else make_password("Luhua-7tuancai", hasher="pbkdf2_sha256")
        )
        user = User.objects.create(username="u", full_name="某", password=stored)
        assert not user.check_password("wrong")
        user.refresh_from_db()
        assert user.password == stored
        assert user.check_password("Luhua-7tuancai")
        user.refresh_from_db()
        assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
        assert user.check_password("Luhua-7tuancai")


def test_production_hashes_with_it_first():
    from quanze.conf import base

    assert base.PASSWORD_HASHERS[0] == "quanze.base.iam.hashers.Argon2idHasher"
