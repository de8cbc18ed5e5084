"""向页面框架登记：导航、徽标、客体的页面、待办。Called once, from AppConfig.ready."""

from __future__ import annotations

from quanze.apps.adjustment.selectors.meetings import CONVENERS
from quanze.apps.adjustment.web import presenting, waiting
from quanze.base.web import badges, navigation, pending, subjects
from quanze.base.web.navigation import NavEntry


def register() -> None:
    """登记。"""
    badges.register("adjustment", presenting.STATE_BADGES)
    badges.register("adjustment.light", presenting.LIGHT_BADGES)
    badges.register("adjustment.dependant", presenting.DEPENDANT_BADGES)
    badges.register("adjustment.filing", presenting.FILING_BADGES)
    subjects.register("adjustment.adjustment", "adjustment:adjustment")
    badges.register("adjustment.catalogue", presenting.YEARLY_BADGES)
    badges.register("adjustment.check", presenting.CHECK_BADGES)
    subjects.register("adjustment.catalogue", "adjustment:catalogue")
    badges.register("adjustment.meeting", presenting.MEETING_BADGES)
    badges.register("adjustment.decision", presenting.DECISION_BADGES)
    subjects.register("adjustment.meeting", "adjustment:meeting")
    badges.register("adjustment.campaign", presenting.CAMPAIGN_BADGES)
    badges.register("adjustment.campaign_task", presenting.CAMPAIGN_TASK_BADGES)
    subjects.register("adjustment.campaign", "adjustment:campaign")
    subjects.register("adjustment.filing", "adjustment:filing")
    subjects.register("adjustment.extract", "adjustment:extract")
    pending.register("adjustment", pending.PendingSource(waiting.matters, waiting.rows))
    pending.register("adjustment.campaign", pending.PendingSource(waiting.task_matters, waiting.task_rows))
    readers = frozenset(presenting.READERS)
    navigation.register(
        NavEntry(
            key="adjustments",
            label="动态调整",
            icon="refresh",
            url_name="adjustment:adjustments",
            order=40,
            roles=readers,
            children=(
                NavEntry("adjustments.all", "调整", "refresh", "adjustment:adjustments", 1),
                NavEntry("adjustments.dependants", "同步变更", "git-compare", "adjustment:dependants", 2),
                NavEntry("adjustments.filings", "备案", "file-check", "adjustment:filings", 3),
                NavEntry("adjustments.extracts", "上级清单", "git-compare", "adjustment:extracts", 3),
                NavEntry("adjustments.years", "年度目录", "books", "adjustment:catalogues", 4),
                NavEntry("adjustments.campaigns", "专项工作", "flag", "adjustment:campaigns", 5),
                NavEntry(
                    "adjustments.meetings",
                    "审定会议",
                    "gavel",
                    "adjustment:meetings",
                    6,
                    roles=frozenset(CONVENERS),
                ),
            ),
        )
    )
