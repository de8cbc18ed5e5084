"""导航、状态标记与客体的页面。"""

from quanze.apps.org.domain import ADMINISTRATORS
from quanze.base.web import badges, navigation, subjects
from quanze.base.web.badges import Badge
from quanze.base.web.navigation import NavEntry

_KEEPERS = frozenset({"system_admin", "security_admin"})


def register() -> None:
    """Called once, in OrgConfig.ready."""
    entries = (
        NavEntry("staff", "人员", "users", "staff:people", 120, roles=_KEEPERS),
        NavEntry("bodies", "机构", "building", "staff:bodies", 121, roles=_KEEPERS),
        NavEntry("role-changes", "角色变更", "shield-check", "staff:changes", 122, roles=ADMINISTRATORS),
        NavEntry("seats", "三员", "shield-lock", "staff:seats", 123, roles=ADMINISTRATORS),
        NavEntry("roles", "角色表", "list-details", "staff:roles", 124, roles=ADMINISTRATORS),
        NavEntry("delegations", "代理", "user-circle", "staff:delegations", 125),
        NavEntry("hand-overs", "交接", "switch-horizontal", "staff:hand_overs", 126),
    )
    for entry in entries:
        navigation.register(entry)
    badges.register("iam.user", {"on": Badge("启用", "done"), "off": Badge("停用", "refused")})
    badges.register(
        "org.role_change",
        {
            "requested": Badge("待确认", "soon"),
            "confirmed": Badge("已确认", "done"),
            "refused": Badge("不予确认", "refused"),
            "withdrawn": Badge("已撤回", "neutral"),
        },
    )
    badges.register(
        "org.delegation",
        {
            "waiting": Badge("未开始", "neutral"),
            "granted": Badge("代理中", "busy"),
            "over": Badge("已到期", "done"),
            "ended": Badge("提前终止", "refused"),
        },
    )
    subjects.register("iam.user", "staff:person")
    subjects.register("org.body", "staff:body")
    subjects.register("org.role_change", "staff:change")
    subjects.register("org.hand_over", "staff:hand_over")
