"""示范城市的名录与账号，由服务载入。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quanze.apps.org import public as org
from quanze.base.iam import public as iam
from quanze.base.iam import second_factor
from quanze.core.actor import SYSTEM, Actor
from quanze.demo.accounts import PASSWORD, Person, people
from quanze.demo.packs import pack
from quanze.demo.world import World


@dataclass
class Directory:
    """载入后的名录：机构编码 → 编号，登录名 → 账号编号；``actor`` 给出某机构持某角色的人。"""

    bodies: Mapping[str, int]
    users: Mapping[str, int]

    def person(self, body_code: str, role: str) -> Person:
        return next(one for one in people() if one.body == body_code and role in one.roles)

    def actor(self, body_code: str, role: str, *, on: date) -> Actor:
        """某机构持某角色者当日的身份。"""
        return org.actor_for_user(self.users[self.person(body_code, role).login], on=on)

    def code_of(self, body_id: int) -> str:
        return next(code for code, one in self.bodies.items() if one == body_id)


def _until(person: Person, on: date) -> date | None:
    """须写明终止日期的岗位（第三方评估）受托一年，其余不限。"""
    return on + timedelta(days=365) if any(org.ROLES[role].needs_end_date for role in person.roles) else None


def load(world: World, *, now: datetime, today: date) -> Directory:
    """区划、机构、科室、账号、任职。``now`` 为建立名录之时，``today`` 为看示范之日：受托一年由此日起算。"""
    city = pack("city")
    since: date = city["since"]
    regions = [org.RegionRow(row["code"], row["name"], row["level"], row.get("parent", "")) for row in city["regions"]]
    rows = [
        org.BodyRow(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            region_code=row["region"],
            valid_from=since,
            short_name=row["short"],
            parent_code=row.get("parent", "YZ-ZF"),
            document_mark=row.get("mark", ""),
            ordinal=ordinal,
            functions=tuple(row.get("functions", ())),
        )
        for ordinal, row in enumerate(city["supporting"])
    ]
    rows += [
        org.BodyRow(
            code=holder.code,
            name=holder.name,
            kind=holder.kind,
            region_code=holder.region,
            valid_from=since,
            short_name=holder.data["short"],
            parent_code=holder.data.get("parent", "YZ-ZF"),
            document_mark=holder.data["mark"],
            ordinal=50 + ordinal,
            divisions=tuple((f"{number:02d}", name) for number, name in enumerate(holder.divisions, start=1)),
        )
        for ordinal, holder in enumerate(world.holders)
    ]
    bodies = org.directory_load(actor=SYSTEM, regions=regions, bodies=rows, now=now)
    phones = {holder.code: holder.data["hotline"] for holder in world.holders}
    users = {}
    for person in people():
        user = iam.user_create(
            actor=SYSTEM,
            username=person.login,
            full_name=person.name,
            phone=phones.get(person.body, "0000-6660000"),
            now=now,
        )
        link = iam.token_issue(actor=SYSTEM, user_id=user.id, now=now)
        iam.token_use(token=link.token, password=PASSWORD, now=now)
        users[person.login] = user.id
        if secret := person.totp_secret:
            code = second_factor.totp_code(secret, now=now)
            second_factor.totp_add(actor=SYSTEM, user_id=user.id, secret=secret, code=code, now=now)
        org.appointment_make(
            actor=SYSTEM,
            user_id=user.id,
            body_id=bodies[person.body],
            roles=person.roles,
            post=person.post,
            scope_kind=person.scope,
            named_body_ids=[bodies[code] for code in person.named],
            valid_from=since,
            valid_to=_until(person, today),
            now=now,
        )
    return Directory(bodies, users)
