"""向页面框架登记：导航、徽标、客体的页面。Called once, from AppConfig.ready."""

from __future__ import annotations

from quanze.apps.org import public as org
from quanze.apps.performance.services import ingest
from quanze.apps.performance.web import presenting
from quanze.base.web import badges, navigation, subjects
from quanze.base.web.navigation import NavEntry


def register() -> None:
    """登记。"""
    badges.register("explanation", presenting.EXPLANATION_BADGES)
    badges.register("run_verdict", presenting.VERDICT_BADGES)
    subjects.register("performance.explanation", "performance:explanation")
    badges.register("run_warning", presenting.WARNING_BADGES)
    badges.register("run_warning_level", presenting.WARNING_LEVEL_BADGES)
    subjects.register("performance.warning", "performance:warning")
    subjects.register("performance.import", "performance:import_report")
    subjects.register("performance.quarantine", "performance:quarantine_group")
    navigation.register(
        NavEntry(
            key="runs",
            label="行权运行",
            icon="chart-line",
            url_name="performance:overview",
            order=70,
            roles=org.CONTENT_ROLES,
            children=(
                NavEntry("runs.overview", "运行概览", "chart-line", "performance:overview", 1),
                NavEntry("runs.imports", "数据报送", "upload", "performance:imports", 2, roles=ingest.SENDERS),
                NavEntry("runs.quarantine", "清单外行权", "alert-triangle", "performance:quarantine", 3),
                NavEntry("runs.warnings", "风险警示", "alert-circle", "performance:warnings", 4),
                NavEntry("runs.explanations", "专项说明", "note", "performance:explanations", 5),
            ),
        )
    )
