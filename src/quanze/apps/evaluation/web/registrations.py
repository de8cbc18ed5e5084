"""向页面框架登记：导航、徽标、客体的页面。"""

from __future__ import annotations

from quanze.apps.evaluation.web import presenting
from quanze.base.web import badges, navigation, subjects
from quanze.base.web.navigation import NavEntry


def register() -> None:
    """登记。"""
    roles = frozenset(presenting.BUSINESS_ROLES)
    office = frozenset(presenting.ASSESSOR_ROLES)
    navigation.register(
        NavEntry(
            key="evaluation",
            label="监督评估",
            icon="report-analytics",
            url_name="evaluation:rounds",
            order=90,
            roles=roles,
            children=(
                NavEntry("evaluation.rounds", "评估轮次", "report-analytics", "evaluation:rounds", 1),
                NavEntry("evaluation.schemes", "评估方案", "adjustments-alt", "evaluation:schemes", 2, roles=office),
                NavEntry("evaluation.packs", "指标包", "books", "evaluation:packs", 3),
            ),
        )
    )
    badges.register("evaluation.round", presenting.ROUND_BADGES)
    badges.register("evaluation.conclusion", presenting.CONCLUSION_BADGES)
    subjects.register("evaluation.round", "evaluation:round")
