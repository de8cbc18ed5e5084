"""页面用语：徽标、灯色、期限。"""

from __future__ import annotations

from quanze.apps.adjustment.domain.clock import Clock
from quanze.apps.adjustment.domain.packs import DUTIES
from quanze.apps.org import public as org
from quanze.base.web.badges import Badge
from quanze.base.web.dates import DueView

READERS = tuple(role for role in org.ROLE_LABELS if role in org.CONTENT_ROLES)
OFFICE = ("establishment",)
DRAFTERS = ("drafter",)
SETTLERS = ("drafter", "publisher", "establishment")

STATE_BADGES = {
    "pending": Badge("待申请", "soon"),
    "declared": Badge("待确认不涉及", "busy"),
    "in_review": Badge("审查中", "busy"),
    "returned": Badge("已退回", "soon"),
    "syncing": Badge("同步处理", "busy"),
    "done": Badge("已办结", "done"),
    "unaffected": Badge("不涉及", "neutral"),
    "refused": Badge("不予调整", "refused"),
    "cancelled": Badge("事由撤销", "neutral"),
}
LIGHT_BADGES = {
    "green": Badge("期限内", "neutral"),
    "yellow": Badge("黄色提醒", "soon"),
    "orange": Badge("橙色提醒", "soon"),
    "red": Badge("超期", "overdue"),
    "paused": Badge("暂停计时", "neutral"),
}
DEPENDANT_BADGES = {
    "pending": Badge("待处理", "soon"),
    "updated": Badge("已更新", "done"),
    "ended": Badge("已终止", "done"),
    "unaffected": Badge("不受影响", "neutral"),
}
FILING_BADGES = {
    "filed": Badge("已报备", "busy"),
    "returned": Badge("要求补正", "soon"),
    "accepted": Badge("予以备案", "done"),
    "withdrawn": Badge("已撤回", "neutral"),
}
YEARLY_BADGES = {
    "drafted": Badge("汇总草案", "neutral"),
    "checking": Badge("部门核对", "busy"),
    "determined": Badge("编委审定", "busy"),
    "issued": Badge("已印发", "done"),
}
CHECK_BADGES = {
    "pending": Badge("待核对", "soon"),
    "confirmed": Badge("核对无误", "done"),
    "objected": Badge("提出异议", "overdue"),
    "answered": Badge("异议已答复", "neutral"),
}
CAMPAIGN_BADGES = {
    "drafted": Badge("方案草拟", "neutral"),
    "running": Badge("进行中", "busy"),
    "closed": Badge("已结束", "done"),
    "dropped": Badge("不再开展", "neutral"),
}
CAMPAIGN_TASK_BADGES = {
    "pending": Badge("待完成", "soon"),
    "done": Badge("已完成", "done"),
    "excused": Badge("不需办理", "neutral"),
}
MEETING_BADGES = {
    "preparing": Badge("准备材料", "soon"),
    "prepared": Badge("材料已成", "busy"),
    "decided": Badge("已审定", "done"),
    "cancelled": Badge("不再召开", "neutral"),
}
DECISION_BADGES = {
    "approve": Badge("审定", "done"),
    "amend": Badge("修改后审定", "soon"),
    "reject": Badge("不予", "refused"),
}
DUTY_LABELS = DUTIES


def due_of(clock: Clock, closed_on: object = None) -> DueView:
    """期限的显示：到期日与剩余工作日，由期限算出。"""
    done_on = closed_on.date() if hasattr(closed_on, "date") else None
    return DueView(
        on=clock.due.on,
        workdays_left=clock.days_left,
        projected=clock.due.projected,
        done_on=(done_on if clock.light != "red" else max(done_on, clock.due.on)) if done_on else None,
    )
