"""门户：工作台、公开站点、跨能力页面。"""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "quanze.portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from quanze.base.iam import login_flow
        from quanze.base.iam import public as iam
        from quanze.base.web import badges, navigation
        from quanze.base.web.badges import Badge
        from quanze.portal import checks, second_factor, security, sign_in  # noqa: F401  registers the checks

        login_flow.register_signed_in(sign_in.begin_session)
        login_flow.register_signed_in(second_factor.note_sign_in)

        iam.register_tiers(security.tier_of)
        iam.register_context_words(security.context_words)
        navigation.register(navigation.NavEntry("desk", "工作台", "layout-dashboard", "desk", 10, is_for_phone=True))
        from quanze.portal.record import registrations as record_registrations

        record_registrations.register()
        navigation.register(navigation.NavEntry("public", "清单公开", "world", "public:home", 110))
        badges.register(
            "job",
            {
                "queued": Badge("排队中", "neutral"),
                "running": Badge("办理中", "busy"),
                "done": Badge("已完成", "done"),
                "failed": Badge("未完成", "overdue"),
                "cancelled": Badge("已取消", "refused"),
            },
        )
        badges.register(
            "workflow.step",
            {
                "pending": Badge("待办", "busy"),
                "waiting": Badge("暂停计时", "neutral"),
                "passed": Badge("通过", "done"),
                "returned": Badge("退回修改", "soon"),
                "refused": Badge("不予通过", "refused"),
                "recalled": Badge("意见已撤回", "neutral"),
                "void": Badge("未办即止", "neutral"),
            },
        )
        badges.register(
            "workflow.case",
            {
                "open": Badge("审查中", "busy"),
                "returned": Badge("已退回", "soon"),
                "passed": Badge("已办结", "done"),
                "refused": Badge("不予通过", "refused"),
                "withdrawn": Badge("已撤回", "neutral"),
            },
        )
