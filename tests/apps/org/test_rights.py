"""各角色能做什么：编制、审查各步、公布，逐人逐步试一遍。"""

from datetime import date

import pytest

from quanze.apps.catalog import public as catalog
from quanze.apps.catalog.models import ItemVersion
from quanze.apps.org import public as org
from quanze.apps.workflow import public as workflow
from quanze.core.errors import DomainError, NotFound, NotPermitted

# step → who may act in it, of everybody below
STEPS = ("legal", "deputy", "head", "justice", "establishment", "secretary", "publisher")
PEOPLE = (*STEPS, "drafter2", "services", "discipline", "personnel", "sysadmin", "town_legal", "forestry")
DETAILS = {
    "secretary": {"meeting_number": "县编委〔2026〕第3次会议", "resolution": "审定通过"},
    "publisher": {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"},
}


@pytest.fixture
def everyone(staff):
    staff.person("services", "政服", "QH-ZF", ("government_services",), scope_kind="all")
    staff.person("discipline", "纪检", "QH-ZF", ("discipline",), scope_kind="all")
    staff.person("personnel", "人事", "QH-NY", ("personnel",))
    return staff


def decide(county, login, submission_id, **given):
    actor = county.actor(login)
    case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
    return catalog.submission_decide(
        actor=actor,
        submission_id=submission_id,
        seen_version=case.lock_version if case else 1,
        now=county.now,
        **given,
    )


@pytest.mark.req("J-07", "J-09")
def test_each_step_is_acted_in_by_its_own_role_and_by_nobody_else_in_its_order(everyone, county):
    county.draft()
    submission_id = county.submit()
    allowed = {}
    for step in STEPS:
        for login in PEOPLE:
            if login != step:
                with pytest.raises((NotPermitted, NotFound)):
                    decide(county, login, submission_id, verb="pass", details=DETAILS.get(step, {}))
        decide(county, step, submission_id, verb="pass", details=DETAILS.get(step, {}))
        allowed[step] = sorted(county.actor(step).roles)
    assert list(allowed) == ["legal", "deputy", "head", "justice", "establishment", "secretary", "publisher"]
    assert (allowed["deputy"], allowed["head"]) == (["deputy_head"], ["head"])


@pytest.mark.req("J-07", "J-08")
@pytest.mark.parametrize("login", ["establishment", "justice", "services", "discipline", "personnel", "secretary"])
def test_only_the_body_itself_writes_its_list(everyone, county, login):
    """主体责任在部门：编办、司法、政务服务、纪检都不能改部门的内容。"""
    (version_id, _) = county.draft()
    before = ItemVersion.objects.values().get(pk=version_id)
    with pytest.raises((NotPermitted, NotFound)):
        catalog.item_create(
            actor=county.actor(login), list_id=county.power_list(), content=county.content("另一项"), now=county.now
        )
    with pytest.raises(DomainError) as caught:
        catalog.draft_save(
            actor=county.actor(login),
            version_id=version_id,
            seen_version=1,
            content=county.content("改名"),
            now=county.now,
        )
    assert caught.value.code in {"not_permitted", "not_found"}
    with pytest.raises((NotPermitted, NotFound)):
        catalog.submission_submit(actor=county.actor(login), list_id=county.power_list(), title="x", now=county.now)
    assert ItemVersion.objects.values().get(pk=version_id) == before
    assert ItemVersion.objects.count() == 2


@pytest.mark.req("J-08")
def test_the_establishment_office_returns_with_an_opinion(everyone, county):
    county.draft()
    submission_id = county.submit()
    county.pass_until(submission_id, stop_before="establishment")
    decide(county, "establishment", submission_id, verb="send_back", opinion="与三定规定不符，请核对第二项。")
    case = workflow.case_by_subject(
        subject_kind="catalog.submission", subject_id=submission_id, actor=county.actor("drafter")
    )
    assert (case.state, case.steps[-1].opinion) == ("returned", "与三定规定不符，请核对第二项。")


@pytest.mark.req("J-10")
def test_a_department_is_told_which_duties_nobody_holds(everyone, county, client_of):
    body = county.bodies["QH-NY"]
    missing = org.duties_missing(body, "government", on=county.today)
    assert missing == []
    org.appointment_end(
        actor=county.actor("sysadmin"),
        appointment_id=everyone.post_of("personnel").pk,
        seen_version=1,
        valid_to=county.today,
        reason="调离",
        now=county.now,
    )
    assert org.duties_missing(body, "government", on=county.today) == ["人事科（督促执行）"]
    assert "还没有人承担的职责" in client_of("sysadmin").get(f"/staff/bodies/{body}/").content.decode()
    # another office's adviser would do for the legal review, and a town needs no personnel section
    assert org.duties_missing(county.bodies["QH-LY"], "government", on=county.today) == [
        "人事科（督促执行）", "分管领导", "主要领导",
    ]  # fmt: skip
    everyone.person("adviser", "法顾", "QH-XH", ("legal_adviser",), valid_from=date(2025, 1, 1))
    assert org.duties_missing(county.bodies["QH-XH"], "town", on=county.today) == ["主要领导"]
