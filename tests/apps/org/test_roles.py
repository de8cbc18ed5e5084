"""角色表：代码、二次验证、自相矛盾的定义。"""

import pytest
import yaml

from quanze.apps.org import public as org
from quanze.apps.org.domain import roles

WANTED = {
    "drafter", "legal_section", "legal_adviser", "justice_office", "personnel", "division_head", "deputy_head", "head",
    "publisher", "justice", "establishment", "review_group", "task_force", "joint_meeting", "committee_secretary",
    "government_services", "supervisor", "discipline", "congress_reader", "assessor", "third_party_assessor", "auditor",
    "town_dispatcher", "grid_reporter", "responder", "cyberspace_office", "hotline_office", "platform_operator",
    "system_admin", "security_admin", "audit_admin",
}  # fmt: skip


def test_every_role_of_the_office_has_a_code_a_name_and_a_duty():
    assert set(org.ROLES) == WANTED
    assert all(role.label and role.does.endswith("。") for role in org.ROLES.values())
    assert {org.ROLE_LABELS[code] for code in ("establishment", "government_services", "justice", "discipline")} == {
        "编办审核", "政务服务", "司法行政", "纪检监察",
    }  # fmt: skip
    assert (org.ROLE_LABELS["deputy_head"], org.ROLE_LABELS["head"]) == ("分管领导", "主要领导")
    assert (org.ROLE_LABELS["legal_section"], org.ROLE_LABELS["personnel"]) == ("法制审查", "人事科")


def test_the_two_offices_that_contribute_have_roles_of_their_own():
    assert [org.ROLE_LABELS[code] for code in ("cyberspace_office", "hotline_office")] == ["网信办", "12345热线"]


def test_the_three_must_have_a_second_factor_and_approvers_that_or_single_sign_on():
    wanted = org.roles_requiring_second_factor()
    assert {code for code, how in wanted.items() if how == "required"} == org.ADMINISTRATORS
    assert wanted["head"] == wanted["justice"] == wanted["committee_secretary"] == "sso_or_totp"
    assert "drafter" not in wanted


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_administrator": True}, "三员之一"),
        ({"usual_scope": "everything"}, "数据范围"),
        ({"second_factor": "maybe"}, "二次验证"),
        ({"colour": "blue"}, "多余的键"),
    ],
)
def test_a_role_that_contradicts_itself_is_refused_by_name(change, words):
    row = {"code": "x", "label": "某", "group": "g", "does": "做。", "second_factor": "offered", "usual_scope": "own"}
    with pytest.raises(roles.RolePackInvalid, match=words):
        roles.parse_roles({"groups": {"g": "组"}, "roles": [row | change]})


def test_the_same_code_twice_is_refused():
    text = """
groups: {g: 组}
roles:
  - {code: x, label: 甲, group: g, does: 做。, second_factor: offered, usual_scope: own}
  - {code: x, label: 乙, group: g, does: 做。, second_factor: offered, usual_scope: own}
"""
    with pytest.raises(roles.RolePackInvalid, match="重复"):
        roles.parse_roles(yaml.safe_load(text))
