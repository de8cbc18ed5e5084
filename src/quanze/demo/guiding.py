"""示范城市的简明指南、公众纠错与不公开：十来项依申请办理的事项写了指南，几个人反映了差错，一项申请不公开、一项依法不公开。"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from quanze.apps.catalog import public as catalog
from quanze.core.actor import EVERYTHING
from quanze.demo import events
from quanze.demo.directory import Directory
from quanze.demo.publishing import Seeded, moment
from quanze.demo.world import DemoItem, Holder, World

EACH = 2
# (holder, which of its items on application by volume, what was said, answered with): the third has no guide.
REPORTS = (
    ("YZ-NY", 2, "到窗口才知道还要带复印件，页面上没有写。", ""),
    ("YZ-NY", 2, "不知道在哪个窗口办。", "已在起草简明指南，窗口为市政务服务中心二楼农业农村综合窗口。"),
    ("YZ-CG", 2, "电话打了三次没有人接。", "值班电话已更正，给您带来不便，敬请谅解。"),
)
ASKED, WITHHELD = "YZ-SC", "YZ-WJ"
BASIS = "《中华人民共和国政府信息公开条例》第十四条"
REASON = "抽查的时间、点位一经公开，检查就会落空，可能危及公共安全。"


def guide(world: World, directory: Directory, seeded: dict[str, Seeded], volumes: Mapping[str, int]) -> int:
    """各部门办件最多的几项依申请事项写指南并公布，返回份数。``volumes``: item code → cases."""
    made = 0
    for holder in world.holders:
        if holder.is_town:
            continue
        for item in _on_application(holder, volumes)[:EACH]:
            _publish(holder, item, directory, seeded[holder.code])
            made += 1
    return made


def _on_application(holder: Holder, volumes: Mapping[str, int]) -> list[DemoItem]:
    """依申请办理的单项，办件多的在前。"""
    types = {one.code for one in catalog.power_types().types if one.on_application}
    codes = events.item_codes(holder)
    found = [
        item
        for item in holder.items
        if item.fields["power_type"] in types and not item.is_sub and item.fields.get("node_kind", "single") == "single"
    ]
    return sorted(found, key=lambda item: (-volumes.get(codes[item.ref], 0), codes[item.ref]))


def _publish(holder: Holder, item: DemoItem, directory: Directory, seeded: Seeded) -> None:
    edition = catalog.editions(seeded.list_id)[-1]
    day = edition.valid_from + timedelta(days=10)
    guide_id = catalog.guide_start(
        actor=directory.actor(holder.code, "drafter", on=day),
        item_id=seeded.item_ids[item.ref],
        content=_content(holder, item),
        change_note="首次编写",
        now=moment(day, 10),
    )
    catalog.guide_publish(
        actor=directory.actor(holder.code, "publisher", on=day),
        guide_id=guide_id,
        seen_version=1,
        valid_from=day,
        now=moment(day, 16),
    )


def _content(holder: Holder, item: DemoItem) -> catalog.GuideContent:
    division = str(item.fields.get("lead_division") or holder.name)
    days = item.fields.get("promised_limit_days") or item.fields.get("legal_limit_days") or 10
    short = holder.data["short"]
    return catalog.GuideContent(
        steps=(
            catalog.GuideStep("提交申请", "申请人", "当场", "窗口当场看材料；缺什么一次说清，写在补正单上。"),
            catalog.GuideStep("受理", "综合窗口", "1 个工作日", "受理后给受理通知书，凭编号可查进度。"),
            catalog.GuideStep(
                "审查、核查", division, f"{max(1, int(days) - 3)} 个工作日", "需要现场核查的，事先约好时间。"
            ),
            catalog.GuideStep("决定", division, "1 个工作日", "不同意的写明理由，并告知怎样复议、诉讼。"),
            catalog.GuideStep("领取结果", "申请人", "1 个工作日", "可以到窗口领，也可以邮寄，邮寄不收费。"),
        ),
        materials=(
            catalog.GuideMaterial("申请表", "原件 1 份", "窗口领取，也可自行打印。"),
            catalog.GuideMaterial("申请人身份证明或营业执照", "复印件 1 份，出示原件", "能在线核验的不用交。"),
            catalog.GuideMaterial("与申请事项有关的证明材料", "复印件 1 份", "具体名目以申请表背面所列为准。"),
        ),
        hours="工作日 9:00—12:00，13:30—17:00",
        place=f"云泽市政务服务中心二楼{short}综合窗口",
        phone=str(item.fields.get("hotline") or holder.data["hotline"]),
        note=f"全程 {days} 个工作日以内办结，检测、公示、听证的时间不算在内。委托他人办理的，带委托书和受托人身份证明。",
    )


def report(
    world: World, directory: Directory, seeded: dict[str, Seeded], volumes: Mapping[str, int], *, now: datetime
) -> int:
    """公众纠错：几件，有的已答复；返回件数。"""
    sent = 0
    for number, (code, place, text, answer) in enumerate(REPORTS):
        if code not in seeded:
            continue
        holder = world.holder(code)
        item = _on_application(holder, volumes)[place]
        at = now - timedelta(days=9 - 2 * number)
        report_number = catalog.report_receive(item_code=events.item_codes(holder)[item.ref], text=text, now=at)
        sent += 1
        if answer:
            catalog.report_answer(
                actor=directory.actor(code, "publisher", on=at.date()),
                report_id=next(one.id for one in catalog.reports(scope=EVERYTHING) if one.number == report_number),
                answer=answer,
                now=at + timedelta(days=1),
            )
    return sent


def withhold(world: World, directory: Directory, seeded: dict[str, Seeded], *, now: datetime) -> int:
    """不公开：一项待负责人审定，一项已经同意；返回件数。"""
    marked = 0
    for code, is_decided in ((ASKED, False), (WITHHELD, True)):
        if code not in seeded:
            continue
        item = next(one for one in world.holder(code).items if one.fields["power_type"] == "inspection")
        at = now - timedelta(days=2 if not is_decided else 60)
        mark = catalog.nondisclosure_propose(
            actor=directory.actor(code, "drafter", on=at.date()),
            item_id=seeded[code].item_ids[item.ref],
            ground="security",
            legal_basis=BASIS,
            reason=REASON,
            now=at,
        )
        marked += 1
        if is_decided:
            day = (at + timedelta(days=1)).date()
            catalog.nondisclosure_decide(
                actor=directory.actor(code, "head", on=day),
                nondisclosure_id=mark,
                seen_version=1,
                verb="approve",
                note="同意，一年后复核。",
                now=at + timedelta(days=1),
            )
    return marked
