"""导航、状态标记与客体的页面。"""

from quanze.apps.org.domain import ADMINISTRATORS, CONTENT_ROLES
from quanze.base.web import badges, navigation, subjects
from quanze.base.web.badges import Badge
from quanze.base.web.navigation import NavEntry

_KEEPERS = frozenset({"system_admin", "security_admin"})


def register() -> None:
    """Called once, in OrgConfig.ready."""
    navigation.register(
        NavEntry(
            "administration",
            "系统管理",
            "settings",
            "staff:seats",
            120,
            roles=ADMINISTRATORS,
            children=(
                NavEntry("staff.people", "人员", "users", "staff:people", 1, roles=_KEEPERS),
                NavEntry("staff.bodies", "机构", "building", "staff:bodies", 2, roles=_KEEPERS),
                NavEntry("staff.loads", "名录载入", "upload", "staff:loads", 2, roles=frozenset({"system_admin"})),
                NavEntry("staff.changes", "角色变更", "shield-check", "staff:changes", 3, roles=ADMINISTRATORS),
                NavEntry("staff.seats", "三员", "shield-lock", "staff:seats", 4, roles=ADMINISTRATORS),
                NavEntry("staff.roles", "角色表", "list-details", "staff:roles", 5, roles=ADMINISTRATORS),
            ),
        )
    )
    navigation.register(
        NavEntry(
            "standing-in",
            "代理、交接、值班",
            "switch-horizontal",
            "staff:delegations",
            119,
            children=(
                NavEntry("staff.delegations", "代理", "user-circle", "staff:delegations", 1),
                NavEntry("staff.hand_overs", "交接", "switch-horizontal", "staff:hand_overs", 2),
                NavEntry("staff.roster", "值班", "calendar", "staff:roster", 3),
            ),
        )
    )
    navigation.register(
        NavEntry("mandates", "三定规定", "file-text", "mandates:list", 25, roles=frozenset(CONTENT_ROLES))
    )
    badges.register(
        "org.mandate",
        {
            "draft": Badge("核对中", "soon"),
            "in_force": Badge("已启用", "done"),
            "superseded": Badge("已被取代", "neutral"),
            "discarded": Badge("已放弃", "neutral"),
        },
    )
    badges.register("org.clause_change", {"new": Badge("新增", "done"), "reworded": Badge("改写", "soon")})
    subjects.register("org.mandate", "mandates:version")
    badges.register(
        "iam.user",
        {"on": Badge("启用", "done"), "off": Badge("停用", "refused"), "system": Badge("系统账号", "neutral")},
    )
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
            "asked": Badge("待确认", "soon"),
            "waiting": Badge("未开始", "neutral"),
            "granted": Badge("代理中", "busy"),
            "over": Badge("已到期", "done"),
            "ended": Badge("提前终止", "refused"),
        },
    )
    badges.register(
        "org.directory_load",
        {
            "checked": Badge("待载入", "soon"),
            "applied": Badge("已载入", "done"),
            "discarded": Badge("已放弃", "neutral"),
        },
    )
    badges.register(
        "org.planned",
        {"new": Badge("新增", "done"), "changed": Badge("变动", "soon"), "ended": Badge("撤销或终止", "overdue")},
    )
    subjects.register("org.role_batch", "staff:batch")
    subjects.register("org.directory_load", "staff:load")
    subjects.register("iam.user", "staff:person")
    subjects.register("org.body", "staff:body")
    subjects.register("org.role_change", "staff:change")
    subjects.register("org.roster_turn", "staff:turn")
    subjects.register("org.hand_over", "staff:hand_over")
