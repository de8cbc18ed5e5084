"""青禾县的三员与几位同事。"""

from dataclasses import dataclass
from datetime import date

import pytest

from quanze.apps.org import public as org
from quanze.apps.org.models import Appointment
from quanze.base.iam import public as iam
from quanze.core.actor import SYSTEM

SEATS = {"sysadmin": "system_admin", "secadmin": "security_admin", "auditadmin": "audit_admin"}


@dataclass
class Staff:
    """县里的人：建账号、建任职、取身份的捷径。"""

    county: object

    def person(self, login: str, name: str, body: str = "QH-NY", roles=(), **more) -> int:
        user = iam.user_create(actor=SYSTEM, username=login, full_name=name, now=self.county.now)
        self.county.users[login] = user.id
        if roles is not None:
            self.appoint(login, body, roles, **more)
        return user.id

    def appoint(self, login: str, body: str = "QH-NY", roles=(), **more) -> int:
        more.setdefault("valid_from", date(2024, 1, 1))
        return org.appointment_make(
            actor=SYSTEM,
            user_id=self.county.users[login],
            body_id=self.county.bodies[body],
            roles=roles,
            now=self.county.now,
            **more,
        )

    def post_of(self, login: str) -> Appointment:
        return Appointment.objects.filter(user_id=self.county.users[login]).order_by("id")[0]

    def ask(self, by: str, whose: str, roles, scope="own", bodies=(), reason="县委组〔2026〕18号"):
        post = self.post_of(whose)
        return org.role_change_request(
            actor=self.county.actor(by),
            appointment_id=post.pk,
            seen_version=post.lock_version,
            roles=roles,
            scope_kind=scope,
            named_body_ids=bodies,
            reason=reason,
            now=self.county.now,
        )

    def answer(self, by: str, change_id: int, verb="confirm", note="", seen=1):
        return org.role_change_decide(
            actor=self.county.actor(by),
            change_id=change_id,
            seen_version=seen,
            verb=verb,
            note=note,
            now=self.county.now,
        )


@pytest.fixture
def staff(county) -> Staff:
    made = Staff(county)
    for login, name in (("secadmin", "安守"), ("auditadmin", "审明")):
        if login not in county.users:
            made.person(login, name, "QH-BB", (SEATS[login],))
    return made
