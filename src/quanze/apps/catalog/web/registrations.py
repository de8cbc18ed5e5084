"""向页面框架登记：导航、徽标、客体的页面。Called once, from AppConfig.ready."""

from __future__ import annotations

from quanze.apps.catalog.web import derived_presenting, presenting, waiting
from quanze.base.web import badges, navigation, pending, subjects
from quanze.base.web.navigation import NavEntry


def register() -> None:
    """登记。"""
    business = frozenset(presenting.BUSINESS_ROLES)
    answering = frozenset({"drafter", "publisher", "establishment"})
    navigation.register(
        NavEntry(
            key="lists",
            label="清单编制",
            icon="list-check",
            url_name="catalog:lists",
            order=30,
            roles=business,
            children=(
                NavEntry("lists.all", "清单", "list-check", "catalog:lists", 1),
                NavEntry("lists.derived", "关联清单", "sitemap", "catalog:derived", 2),
                NavEntry("lists.towns", "镇（街道）清单", "home", "catalog:towns", 2),
                NavEntry("lists.compare", "乡镇比较", "scale", "catalog:compare", 2),
                NavEntry("lists.submissions", "送审件", "send", "catalog:submissions", 2),
                NavEntry("lists.channels", "公开渠道", "world", "catalog:coverage", 2),
                NavEntry("lists.guides", "办事指南", "notebook", "catalog:guides", 2),
                NavEntry("lists.nondisclosures", "不公开事项", "lock", "catalog:nondisclosures", 2),
                NavEntry("lists.reports", "公众纠错", "message-report", "catalog:reports", 3, roles=answering),
                NavEntry("lists.rules", "检查规则", "book", "rules:rules", 4),
            ),
            is_for_phone=True,
        )
    )
    badges.register("catalog.version", presenting.VERSION_BADGES)
    badges.register("catalog.submission", presenting.SUBMISSION_BADGES)
    badges.register("catalog.merge", presenting.MERGE_BADGES)
    pending.register("catalog.merge", pending.PendingSource(waiting.merges, waiting.merges_rows))
    badges.register("catalog.mandate_link", presenting.MANDATE_LINK_BADGES)
    pending.register("catalog.mandate", pending.PendingSource(waiting.mandates, waiting.mandates_rows))
    pending.register("catalog.claim", pending.PendingSource(waiting.claims, waiting.claims_rows))
    badges.register("catalog.disclosure_task", presenting.DISCLOSURE_BADGES)
    badges.register("catalog.guide", presenting.GUIDE_BADGES)
    badges.register("catalog.link", presenting.LINK_BADGES)
    pending.register("catalog.link", pending.PendingSource(waiting.dead_links, waiting.dead_links_rows))
    badges.register("catalog.guide_situation", presenting.GUIDE_SITUATION_BADGES)
    badges.register("catalog.nondisclosure", presenting.NONDISCLOSURE_BADGES)
    pending.register(
        "catalog.nondisclosure", pending.PendingSource(waiting.nondisclosures, waiting.nondisclosures_rows)
    )
    badges.register("catalog.import", presenting.IMPORT_BADGES)
    badges.register("catalog.entry", derived_presenting.ENTRY_BADGES)
    badges.register("catalog.drift", derived_presenting.DRIFT_BADGES)
    pending.register("catalog.drift", pending.PendingSource(waiting.drifts, waiting.drifts_rows))
    badges.register("catalog.derived_submission", derived_presenting.DERIVED_SUBMISSION_BADGES)
    subjects.register("catalog.derived_submission", "catalog:derived_submission")
    subjects.register("catalog.derived_list", "catalog:derived_list")
    subjects.register("catalog.entry", "catalog:derived_entry")
    subjects.register("catalog.submission", "catalog:submission")
    subjects.register("catalog.item", "catalog:item")
    subjects.register("catalog.list", "catalog:list")
    subjects.register("catalog.disclosure_task", "catalog:disclosure_task")
    pending.register("catalog.disclosure", pending.PendingSource(waiting.disclosures, waiting.disclosures_rows))
    subjects.register("catalog.report", "catalog:report")
    subjects.register("catalog.guide", "catalog:guide")
    subjects.register("catalog.nondisclosure", "catalog:nondisclosure")
    subjects.register("catalog.import", "catalog:import")
