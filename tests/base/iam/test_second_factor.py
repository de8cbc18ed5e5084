"""第二因素：每个口令只用一次，恢复码只存摘要，密钥封存，谁也不能替别人设置。"""

from datetime import UTC, datetime, timedelta

import pytest

from quanze.base.audit import public as audit
from quanze.base.iam import field_key, recovery_codes
from quanze.base.iam import second_factor as factors
from quanze.core.actor import EVERYTHING, SYSTEM
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, WrongState

# A moment at the beginning of a 30-second step.
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
# The secret of RFC 6238's own examples.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def _after(**span):
    return NOW + timedelta(**span)


@pytest.fixture
def drafter(county):
    return county.actor("drafter")


@pytest.fixture
def enrolled(drafter):
    """陈耕已启用动态口令；返回恢复码。"""
    code = factors.totp_code(SECRET, now=NOW)
    return factors.totp_add(actor=drafter, user_id=drafter.user_id, secret=SECRET, code=code, now=NOW)


def _facts(action):
    return list(audit.facts(scope=EVERYTHING, action=action).rows)


class TestCodes:
    def test_codes_are_those_of_the_standard(self):
        # RFC 6238, appendix B: the last six of the eight digits given there.
        for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037")):
            assert factors.totp_code(SECRET, now=datetime.fromtimestamp(seconds, UTC)) == code

    def test_a_code_counts_once_and_the_next_step_counts_again(self, enrolled, drafter):
        # given the code that enrolled has been used, when it is offered again
        used = factors.totp_code(SECRET, now=NOW)
        assert factors.code_use(user_id=drafter.user_id, code=used, now=_after(seconds=5)) == ""
        # then only the code of a later step passes, and that once
        later = _after(seconds=30)
        code = factors.totp_code(SECRET, now=later)
        assert factors.code_use(user_id=drafter.user_id, code=f"{code[:3]} {code[3:]}", now=later) == "totp"
        assert factors.code_use(user_id=drafter.user_id, code=code, now=_after(seconds=40)) == ""

    def test_a_code_older_than_the_last_used_step_is_refused(self, enrolled, drafter):
        early, late = _after(seconds=60), _after(seconds=90)
        first = factors.totp_code(SECRET, now=early)
        second = factors.totp_code(SECRET, now=late)
        assert factors.code_use(user_id=drafter.user_id, code=second, now=late) == "totp"
        assert factors.code_use(user_id=drafter.user_id, code=first, now=late) == ""

    def test_clocks_may_differ_by_one_step_and_not_by_two(self, enrolled, drafter):
        for off, answer in ((2, ""), (1, "totp")):
            now = _after(minutes=10 * off)
            code = factors.totp_code(SECRET, now=now + timedelta(seconds=30 * off))
            assert factors.code_use(user_id=drafter.user_id, code=code, now=now) == answer

    def test_anothers_code_and_nonsense_are_refused(self, enrolled, county, drafter):
        later = _after(minutes=1)
        code = factors.totp_code(SECRET, now=later)
        assert factors.code_use(user_id=county.users["legal"], code=code, now=later) == ""
        for text in ("", "000", "ABCDEF", "１２３４５６", "0" * 400):
            assert factors.code_use(user_id=drafter.user_id, code=text, now=later) == ""


class TestEnrolment:
    def test_a_wrong_code_enrols_nothing(self, drafter):
        wrong = f"{(int(factors.totp_code(SECRET, now=NOW)) + 1) % 1000000:06d}"
        with pytest.raises(InvalidInput) as refused:
            factors.totp_add(actor=drafter, user_id=drafter.user_id, secret=SECRET, code=wrong, now=NOW)
        assert refused.value.code == "second_factor_wrong"
        assert not factors.has_factor(drafter.user_id)
        assert _facts("iam.second_factor.added") == []

    def test_enrolment_stands_in_the_record_without_the_secret(self, enrolled):
        (row,) = _facts("iam.second_factor.added")
        assert row.actor_name == "陈耕"
        assert SECRET not in str(row)

    def test_the_secret_is_sealed_in_the_database(self, enrolled, drafter):
        from allauth.mfa.models import Authenticator

        stored = Authenticator.objects.get(user_id=drafter.user_id, type="totp").data["secret"]
        assert SECRET not in stored
        assert stored.startswith("v1.s")
        assert field_key.unseal(stored) == SECRET

    def test_a_second_telephone_is_refused(self, enrolled, drafter):
        later = _after(minutes=1)
        with pytest.raises(WrongState) as refused:
            factors.totp_add(
                actor=drafter,
                user_id=drafter.user_id,
                secret=SECRET,
                code=factors.totp_code(SECRET, now=later),
                now=later,
            )
        assert refused.value.code == "totp_exists"

    def test_nobody_enrols_for_another(self, county):
        legal = county.actor("legal")
        with pytest.raises(NotPermitted):
            factors.totp_add(
                actor=legal,
                user_id=county.users["drafter"],
                secret=SECRET,
                code=factors.totp_code(SECRET, now=NOW),
                now=NOW,
            )
        assert not factors.has_factor(county.users["drafter"])

    def test_an_answer_of_a_key_nobody_asked_for_is_refused(self, drafter, rf):
        from allauth.core import context

        request = rf.get("/")
        request.session = {}
        for credential in ({}, {"id": "x"}, {"type": "public-key", "response": {"clientDataJSON": "AAAA"}}):
            with context.request_context(request), pytest.raises(InvalidInput):
                factors.security_key_add(
                    actor=drafter, user_id=drafter.user_id, name="", credential=credential, now=NOW
                )
        assert not factors.has_factor(drafter.user_id)


class TestRecoveryCodes:
    def test_ten_are_shown_once_and_kept_as_digests(self, enrolled, drafter):
        from allauth.mfa.models import Authenticator

        assert len(set(enrolled)) == 10
        kept = str(Authenticator.objects.get(user_id=drafter.user_id, type="recovery_codes").data)
        assert not any(code in kept or recovery_codes.normalised(code) in kept for code in enrolled)

    def test_each_counts_once_however_it_is_written(self, enrolled, drafter):
        written = enrolled[3].lower().replace("-", " ")
        assert factors.code_use(user_id=drafter.user_id, code=written, now=NOW) == "recovery_codes"
        assert factors.code_use(user_id=drafter.user_id, code=enrolled[3], now=NOW) == ""
        assert factors.recovery_codes_left(drafter.user_id) == 9

    def test_new_ones_void_the_old(self, enrolled, drafter):
        fresh = factors.recovery_codes_renew(actor=drafter, user_id=drafter.user_id, now=NOW)
        assert factors.code_use(user_id=drafter.user_id, code=enrolled[0], now=NOW) == ""
        assert factors.code_use(user_id=drafter.user_id, code=fresh[0], now=NOW) == "recovery_codes"
        assert len(_facts("iam.recovery_codes.renewed")) == 1

    def test_without_a_factor_there_is_nothing_to_recover(self, drafter):
        with pytest.raises(WrongState):
            factors.recovery_codes_renew(actor=drafter, user_id=drafter.user_id, now=NOW)

    def test_allauth_itself_reads_no_code_out_of_the_row(self, enrolled, drafter):
        from allauth.mfa.models import Authenticator

        row = Authenticator.objects.get(user_id=drafter.user_id, type="recovery_codes").wrap()
        assert row.get_unused_codes() == []
        assert row.validate_code(enrolled[0]) is False


class TestRemoval:
    def test_with_the_last_factor_go_the_recovery_codes(self, enrolled, drafter):
        (view,) = factors.factors_of(drafter.user_id)
        factors.factor_remove(actor=drafter, user_id=drafter.user_id, factor_id=view.id, now=NOW)
        assert factors.factors_of(drafter.user_id) == []
        assert factors.recovery_codes_left(drafter.user_id) == 0
        assert len(_facts("iam.second_factor.removed")) == 1

    def test_anothers_factor_is_not_found(self, enrolled, county, drafter):
        (view,) = factors.factors_of(drafter.user_id)
        legal = county.actor("legal")
        with pytest.raises(NotFound):
            factors.factor_remove(actor=legal, user_id=legal.user_id, factor_id=view.id, now=NOW)
        assert factors.has_factor(drafter.user_id)


class TestReset:
    def test_the_security_administrator_resets_with_a_reason(self, enrolled, security, drafter):
        count = factors.factors_reset(actor=security, user_id=drafter.user_id, reason="手机遗失，当面核实", now=NOW)
        assert count == 1
        assert not factors.has_factor(drafter.user_id)
        (row,) = _facts("iam.second_factor.reset")
        assert row.reason == "手机遗失，当面核实"

    def test_nobody_else_does_nor_anybody_his_own_nor_without_a_reason(self, enrolled, county, security, drafter):
        from dataclasses import replace

        for actor, reason, error in (
            (county.actor("head"), "理由", NotPermitted),
            (county.actor("sysadmin"), "理由", NotPermitted),
            (replace(security, user_id=drafter.user_id), "理由", NotPermitted),
            (security, "  ", InvalidInput),
        ):
            with pytest.raises(error):
                factors.factors_reset(actor=actor, user_id=drafter.user_id, reason=reason, now=NOW)
        assert factors.has_factor(drafter.user_id)
        assert _facts("iam.second_factor.reset") == []

    @pytest.fixture
    def security(self, county):
        from dataclasses import replace

        return replace(county.actor("sysadmin"), user_id=None, name="安全员", roles=frozenset({"security_admin"}))


class TestSealing:
    def test_the_same_text_is_sealed_differently_each_time(self, settings):
        assert field_key.seal("密") != field_key.seal("密")

    def test_an_old_key_still_opens_after_a_new_one_was_put_before_it(self, settings):
        settings.QUANZE_FIELD_KEYS = "2025:old-key-of-last-year"
        old = field_key.seal("密钥")
        settings.QUANZE_FIELD_KEYS = "2026:new-key,2025:old-key-of-last-year"
        assert field_key.unseal(old) == "密钥"
        assert field_key.seal("x").startswith("v1.2026.")
        settings.QUANZE_FIELD_KEYS = "2026:new-key"
        with pytest.raises(WrongState) as refused:
            field_key.unseal(old)
        assert refused.value.code == "field_key_missing"

    def test_a_changed_byte_is_noticed(self):
        sealed = field_key.seal("密钥")
        last = "A" if sealed[-5] != "A" else "B"
        with pytest.raises(WrongState) as refused:
            field_key.unseal(f"{sealed[:-5]}{last}{sealed[-4:]}")
        assert refused.value.code == "field_damaged"


def test_the_system_enrols_for_the_demonstration(county):
    user_id = county.users["drafter"]
    code = factors.totp_code(SECRET, now=NOW)
    assert len(factors.totp_add(actor=SYSTEM, user_id=user_id, secret=SECRET, code=code, now=NOW)) == 10
