"""青禾县：全套测试共用的小县。

A small county with real structure: one city, one county, two towns, five departments, every role of the line once. Built through the
services, so that what the tests see is what the county would have made. Offered as the fixtures ``county`` and
``client_of``; nothing here is imported by a test (``county`` carries what a test needs).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest

PASSWORD = "qinghe-county-2026"
# Monday 2 November 2026, 09:00 in Shanghai.
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
SINCE = date(2020, 1, 1)

# login → (name, body code, post, roles, scope)
PEOPLE: Mapping[str, tuple[str, str, str, tuple[str, ...], str]] = {
    "drafter": ("陈耕", "QH-NY", "政策法规科科员", ("drafter",), "own"),
    "drafter2": ("苗青", "QH-NY", "渔政科科员", ("drafter",), "own"),
    "legal": ("方衡", "QH-NY", "政策法规科科长", ("legal_section",), "own"),
    "deputy": ("孙既", "QH-NY", "副局长", ("deputy_head",), "own"),
    "head": ("郑重", "QH-NY", "局长", ("head",), "own"),
    "publisher": ("何明", "QH-NY", "办公室主任", ("publisher",), "own"),
    "justice": ("秦正", "QH-SF", "行政执法监督科科长", ("justice",), "own"),
    "establishment": ("编小安", "QH-BB", "体改股股长", ("establishment",), "all"),
    "secretary": ("纪要", "QH-BB", "编委办秘书", ("committee_secretary",), "own"),
    "forestry": ("林深", "QH-LY", "法规科科员", ("drafter", "legal_section", "publisher"), "own"),
    "tax_head": ("税平", "QH-SW", "局长", ("head", "publisher"), "own"),
    "tax_drafter": ("税清", "QH-SW", "法制科科员", ("drafter",), "own"),
    "town_drafter": ("田园", "QH-HX", "党政办科员", ("drafter",), "own"),
    "town_legal": ("田正", "QH-HX", "综合行政执法队队长", ("legal_section", "publisher"), "own"),
    "other_town": ("谷雨", "QH-XH", "党政办科员", ("drafter",), "own"),
    "government": ("县办", "QH-ZF", "县政府办督查", ("supervisor",), "subtree"),
    "sysadmin": ("管机", "QH-BB", "系统管理员", ("system_admin",), "all"),
    "auditadmin": ("审明", "QH-BB", "审计管理员", ("audit_admin",), "all"),
}


@dataclass
class County:
    """青禾县：机构编号、账号编号，以及建清单、建事项的捷径。"""

    bodies: Mapping[str, int]
    users: Mapping[str, int]
    now: datetime = NOW
    password: str = PASSWORD
    _lists: dict[str, int] = field(default_factory=dict)

    @property
    def today(self) -> date:
        from django.utils.timezone import localdate

        return localdate(self.now)

    def signed_in_long_ago(self, client) -> None:
        """使这个浏览器的登录成为一小时前的事：敏感操作要再次验证。"""
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
        session.save()

    def later(self, **span: int) -> datetime:
        """若干时间之后。"""
        return self.now + timedelta(**span)

    def actor(self, login: str):
        """某人当日的身份。"""
        from quanze.apps.org import public as org

        return org.actor_for_user(self.users[login], on=self.today)

    def content(self, name: str = "对使用电鱼方法捕捞的处罚", **fields):
        """要素齐全的事项内容；可改动若干字段。"""
        return replace(_penalty(name), **fields)

    def permit(self, name: str = "水产苗种生产许可证核发", **fields):
        """要素齐全的许可事项内容。"""
        return replace(_permit(name), **fields)

    def power_list(
        self, body_code: str = "QH-NY", *, procedure: str = "six-step", template: str = "published-2024"
    ) -> int:
        """某机构的清单，没有则建立。"""
        from quanze.apps.catalog import public as catalog
        from quanze.core.actor import SYSTEM

        if body_code not in self._lists:
            self._lists[body_code] = catalog.list_create(
                actor=SYSTEM, body_id=self.bodies[body_code], procedure=procedure, template=template, now=self.now
            )
        return self._lists[body_code]

    def draft(self, *contents, by: str = "drafter", body_code: str = "QH-NY") -> list[int]:
        """在清单里新增事项草稿，返回版本编号。没有给内容则为两项。"""
        from quanze.apps.catalog import public as catalog

        wanted: Sequence = contents or (self.content(), self.permit())
        list_id = self.power_list(body_code)
        return [
            catalog.item_create(actor=self.actor(by), list_id=list_id, content=content, now=self.now)
            for content in wanted
        ]

    def submit(self, *, by: str = "drafter", body_code: str = "QH-NY", title: str = "农业农村局权责清单") -> int:
        """送审全部草稿，返回送审件编号。"""
        from quanze.apps.catalog import public as catalog

        return catalog.submission_submit(
            actor=self.actor(by), list_id=self.power_list(body_code), title=title, now=self.now
        )

    def decide(self, submission_id: int, login: str, verb: str = "pass", **given):
        """某人办理送审件的当前步骤。"""
        from quanze.apps.catalog import public as catalog
        from quanze.apps.workflow import public as workflow

        actor = self.actor(login)
        case = workflow.case_by_subject(subject_kind="catalog.submission", subject_id=submission_id, actor=actor)
        seen = case.lock_version if case is not None else 1
        given.setdefault("now", self.now)
        return catalog.submission_decide(
            actor=actor, submission_id=submission_id, seen_version=seen, verb=verb, **given
        )

    def pass_until(self, submission_id: int, *, stop_before: str = "") -> None:
        """六步编制依次通过，停在某人之前；不停则办到印发公布。"""
        for login, details in SIX_STEPS:
            if login == stop_before:
                return
            self.decide(submission_id, login, details=dict(details))

    def publish(self, *contents) -> int:
        """走完六步，公布一版，返回送审件编号。"""
        self.draft(*contents)
        submission_id = self.submit()
        self.pass_until(submission_id)
        return submission_id


SIX_STEPS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("legal", {}),
    ("deputy", {}),
    ("head", {}),
    ("justice", {}),
    ("establishment", {}),
    ("secretary", {"meeting_number": "县编委〔2026〕第3次会议", "resolution": "审定通过"}),
    (
        "publisher",
        {"document_number": "青农发〔2026〕12号", "issued_on": "2026-11-02", "valid_from": "2026-11-02"},
    ),
)


def _penalty(name: str):
    from quanze.apps.catalog.domain.items import BasisContent, DutyContent, ItemContent

    stages = ("立案", "调查", "审查", "告知", "决定", "送达", "执行")
    return ItemContent(
        name=name,
        power_type="penalty",
        exercising_body="青禾县农业农村局",
        responsible_body="青禾县农业农村局",
        lead_division="渔政科",
        basis_text="《青禾县渔业管理办法》第三十八条：违反禁用方法捕捞的，没收渔获物，处五千元以下罚款。",
        bases=(BasisContent("青禾县渔业管理办法", "第三十八条", "违反禁用方法捕捞的，没收渔获物，处五千元以下罚款。"),),
        duty_text="\n".join(f"{number}.{stage}责任：依法{stage}。" for number, stage in enumerate(stages, start=1)),
        duties=tuple(DutyContent(stage, f"依法{stage}。") for stage in stages),
        duty_basis_text="《青禾县渔业管理办法》第四十条",
        accountability_text="没有事实依据实施处罚的。\n擅自改变处罚种类、幅度的。",
        accountability_cases=("没有事实依据实施处罚的。", "擅自改变处罚种类、幅度的。"),
        accountability_basis_text="《青禾县渔业管理办法》第四十五条",
        exercise_level="县级",
        target="公民、法人及其他组织",
        hotline="0000-1234567",
    )


def _permit(name: str):
    from quanze.apps.catalog.domain.items import BasisContent, DutyContent

    stages = ("受理", "审查", "决定", "送达", "事后监管")
    return replace(
        _penalty(name),
        power_type="license",
        basis_text="《青禾县渔业管理办法》第十六条：水产苗种的生产由县级渔业部门审批。",
        bases=(BasisContent("青禾县渔业管理办法", "第十六条", "水产苗种的生产由县级渔业部门审批。"),),
        duty_text="\n".join(f"{number}.{stage}责任：依法{stage}。" for number, stage in enumerate(stages, start=1)),
        duties=tuple(DutyContent(stage, f"依法{stage}。") for stage in stages),
        accountability_text="对不符合条件的申请准予许可的。",
        accountability_cases=("对不符合条件的申请准予许可的。",),
        legal_limit_days=20,
        promised_limit_days=10,
    )


def _directory() -> dict[str, int]:
    from quanze.apps.org import public as org
    from quanze.core.actor import SYSTEM

    regions = (
        org.RegionRow("990000", "云泽市", "city"),
        org.RegionRow("990100", "青禾县", "county", "990000"),
        org.RegionRow("990101", "禾溪镇", "town", "990100"),
        org.RegionRow("990102", "新河镇", "town", "990100"),
    )

    def body(code: str, name: str, short: str, kind: str, region: str = "990100", **more) -> org.BodyRow:
        more.setdefault("parent_code", "QH-ZF")
        return org.BodyRow(code, name, kind, region, SINCE, short_name=short, **more)

    bodies = (
        body("QH-ZF", "青禾县人民政府", "县政府", "government", parent_code=""),
        body(
            "QH-NY",
            "青禾县农业农村局",
            "县农业农村局",
            "government",
            document_mark="青农发",
            ordinal=1,
            divisions=(("fg", "政策法规科"), ("yz", "渔政科"), ("zz", "种植业科")),
        ),
        body(
            "QH-LY",
            "青禾县林业局",
            "县林业局",
            "government",
            document_mark="青林发",
            ordinal=2,
            divisions=(("fg", "法规科"),),
        ),
        body("QH-SF", "青禾县司法局", "县司法局", "government", ordinal=3, functions=("justice",)),
        body(
            "QH-BB",
            "中共青禾县委机构编制委员会办公室",
            "县委编办",
            "party",
            ordinal=4,
            functions=("establishment", "committee_secretary", "review_group", "joint_meeting"),
        ),
        body("QH-SW", "国家税务总局青禾县税务局", "县税务局", "vertical", document_mark="青税发", ordinal=5),
        body(
            "QH-HX", "禾溪镇人民政府", "禾溪镇", "town", "990101", document_mark="禾政发", divisions=(("dz", "党政办"),)
        ),
        body("QH-XH", "新河镇人民政府", "新河镇", "town", "990102", document_mark="新政发"),
    )
    return org.directory_load(actor=SYSTEM, regions=regions, bodies=bodies, now=NOW)


def _choose_password(user_id: int) -> None:
    """本人凭开通链接设置口令。By the clock of the machine, as the passwords of people are: they must not be out of date."""
    from django.utils import timezone

    from quanze.base.iam import public as iam
    from quanze.core.actor import SYSTEM

    now = timezone.now()
    link = iam.token_issue(actor=SYSTEM, user_id=user_id, now=now)
    iam.token_use(token=link.token, password=PASSWORD, now=now)


@pytest.fixture
def county(db) -> County:
    """小县：名录、账号、任职、工作日历。"""
    county = county_build(is_with_passwords=False)
    _give_password(county)
    return county


def _give_password(county: County) -> None:
    """众人一次配好同一口令。Choosing it eighteen times through the service is half the time of a fixture that most tests use."""
    from django.contrib.auth.hashers import make_password
    from django.utils import timezone

    from quanze.base.iam.models import User

    User.objects.filter(id__in=county.users.values()).update(
        password=make_password(PASSWORD), password_set_at=timezone.now()
    )


def county_build(*, is_with_passwords: bool = True) -> County:
    """在当前数据库里建起小县。Apart from the fixture for the black-box checks, which serve it from a real process."""
    from quanze.apps.org import public as org
    from quanze.base.iam import public as iam
    from quanze.core.actor import SYSTEM

    bodies = _directory()
    users: dict[str, int] = {}
    for login, (name, body_code, post, roles, scope) in PEOPLE.items():
        user = iam.user_create(actor=SYSTEM, username=login, full_name=name, phone="0000-1234567", now=NOW)
        if is_with_passwords:
            _choose_password(user.id)
        users[login] = user.id
        org.appointment_make(
            actor=SYSTEM,
            user_id=user.id,
            body_id=bodies[body_code],
            roles=roles,
            post=post,
            scope_kind=scope,
            valid_from=SINCE,
            now=NOW,
        )
    return County(bodies=bodies, users=users)


@pytest.fixture
def client_of(county: County) -> Callable[[str], object]:
    """以某人身份登录的浏览器（Django 测试客户端）。"""
    from django.test import Client

    from quanze.base.iam.models import User

    def sign_in(login: str) -> Client:
        client = Client()
        client.force_login(
            User.objects.get(pk=county.users[login]), backend="django.contrib.auth.backends.ModelBackend"
        )
        # As after a login: the password was given just now, so that step-up asks for nothing.
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(county.users[login])
        session.save()
        return client

    return sign_in
