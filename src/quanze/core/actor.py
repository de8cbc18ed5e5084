"""行为人与数据范围：谁、以什么岗位、能看到哪些机构。

Frozen and free of the database, so that a service, a job and a test are handed the same thing.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Scope:
    """数据范围：可见机构的编号集合；is_all 表示全市。An empty scope sees nothing."""

    body_ids: frozenset[int] = frozenset()
    is_all: bool = False

    def covers(self, body_id: int | None) -> bool:
        """是否覆盖某机构。None (an object of no body) is covered only by the whole city."""
        return self.is_all or (body_id is not None and body_id in self.body_ids)


EVERYTHING = Scope(is_all=True)
NOTHING = Scope()


@dataclass(frozen=True, slots=True)
class Actor:
    """行为人：用户以某机构某岗位的身份办理。

    ``roles`` are role codes of ``org`` (see ``apps/org/domain.py``). ``scope`` bounds every read; ``body_id`` is the
    body in whose name the actor writes. Names are copied as text because the record must outlive the rows.
    ``appointment_id`` says under which appointment (a person has several); ``on_behalf_of`` is the name of the person
    for whom a deputy acts (代理), empty for whoever acts for himself. Construct with keywords only.
    ``person_ids`` are the people who stand behind an act; whoever of them drafted must not review.
    """

    user_id: int | None
    name: str
    body_id: int | None = None
    body_name: str = ""
    post: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    scope: Scope = NOTHING
    appointment_id: int | None = None
    on_behalf_of: str = ""
    on_behalf_of_id: int | None = None

    @property
    def person_ids(self) -> frozenset[int]:
        """本人与被代理人的账号编号。"""
        return frozenset(each for each in (self.user_id, self.on_behalf_of_id) if each is not None)

    def has(self, *roles: str) -> bool:
        """是否具有任一角色。"""
        return not self.roles.isdisjoint(roles)


SYSTEM = Actor(user_id=None, name="系统", roles=frozenset({"system"}), scope=EVERYTHING)
PUBLIC = Actor(user_id=None, name="公众", roles=frozenset({"public"}), scope=NOTHING)
