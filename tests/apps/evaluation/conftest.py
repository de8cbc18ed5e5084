"""评估测试的共用件：编办在小县里办一轮评估。"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from quanze.apps.evaluation import public as evaluation
from quanze.core.actor import EVERYTHING, SYSTEM, Actor

# Three indicators of the list itself, one of people, one bonus: what the small county has data for.
WEIGHTS = {"1.2": "40", "1.6": "30", "2.3": "10", "4.6": "20", "6.1": "3"}


@dataclass
class Office:
    """编办：方案、轮次与评定的捷径。"""

    county: object

    @property
    def now(self):
        return self.county.now

    @property
    def actor(self) -> Actor:
        return self.county.actor("establishment")

    @property
    def assessor(self) -> Actor:
        return Actor(
            user_id=None,
            name="评估员",
            body_id=self.county.bodies["QH-SF"],
            body_name="青禾县司法局",
            roles=frozenset({"assessor"}),
            scope=EVERYTHING,
        )

    def pack(self) -> evaluation.PackView:
        evaluation.packs_install(actor=SYSTEM, now=self.now)
        return evaluation.packs()[0]

    def scheme(self, weights: Mapping[str, str] = WEIGHTS, name: str = "2026年度方案") -> evaluation.SchemeView:
        return evaluation.scheme_create(
            actor=self.actor,
            name=name,
            pack_id=self.pack().id,
            weights={code: Decimal(weight) for code, weight in weights.items()},
            now=self.now,
        )

    def round(self, *bodies: str, scheme: evaluation.SchemeView | None = None, **more) -> evaluation.RoundView:
        values = {
            "name": "2026年度评估",
            "period_start": date(2026, 1, 1),
            "period_end": date(2027, 1, 1),
            "as_of": date(2026, 11, 2),
            "regulation": "《青禾县权责清单运行监督评估办法》（2025年版）",
            "organisation": "县委编办组织，司法局、纪委监委参加",
            "result_use": "纳入年度高质量发展绩效评价考核",
        }
        return evaluation.round_create(
            actor=self.actor,
            scheme_id=(scheme or self.scheme()).id,
            body_ids=[self.county.bodies[code] for code in bodies or ("QH-NY", "QH-LY")],
            now=self.now,
            **(values | more),
        )

    def opened(self, *bodies: str, **more) -> evaluation.RoundView:
        view = self.round(*bodies, **more)
        return evaluation.round_open(actor=self.actor, round_id=view.id, seen_version=view.lock_version, now=self.now)

    def computed(self, *bodies: str, **more) -> evaluation.RoundView:
        return self.compute(self.opened(*bodies, **more).id)

    def compute(self, round_id: int) -> evaluation.RoundView:
        return evaluation.round_compute(actor=self.actor, round_id=round_id, now=self.now)

    def enter(self, round_id: int, code: str, body: str = "QH-NY", **values: str) -> evaluation.RoundView:
        return evaluation.score_enter(
            actor=self.assessor,
            round_id=round_id,
            body_id=self.county.bodies[body],
            code=code,
            values=values,
            reason="查阅档案",
            now=self.now,
        )

    def concluded(self, round_id: int) -> evaluation.RoundView:
        view = evaluation.round_view(round_id, scope=EVERYTHING)
        return evaluation.round_conclude(
            actor=self.actor, round_id=round_id, seen_version=view.lock_version, now=self.now
        )

    def result(self, round_id: int, body: str = "QH-NY") -> evaluation.BodyResult:
        return evaluation.body_result(round_id, self.county.bodies[body], scope=EVERYTHING)

    def line(self, round_id: int, code: str, body: str = "QH-NY"):
        return next(line for line in self.result(round_id, body).lines if line.code == code)


@pytest.fixture
def office(county) -> Office:
    return Office(county)


@pytest.fixture
def forty_items(county) -> None:
    """农业农村局 40 项现行事项，其中 2 项没有承办机构，经编办豁免后公布。"""
    from quanze.apps.catalog import public as catalog

    contents = [county.content(f"对第{n}种禁用渔具捕捞的处罚") for n in range(1, 39)]
    contents += [county.content(f"对第{n}种禁用渔具捕捞的处罚", lead_division="") for n in (39, 40)]
    county.draft(*contents)
    list_id = county.power_list()
    rows = catalog.search_items("对第", scope=EVERYTHING, on=county.today, limit=100)
    unassigned = [row.item_id for row in rows if not row.lead_division]
    assert len(unassigned) == 2
    for item_id in unassigned:
        catalog.waiver_grant(
            actor=county.actor("establishment"),
            list_id=list_id,
            code="O502",
            item_id=item_id,
            reason="三定规定修订中，内设机构待定",
            now=county.now,
        )
    county.pass_until(county.submit())
