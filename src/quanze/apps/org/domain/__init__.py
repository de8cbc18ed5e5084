"""机构领域：机构种类与数据范围（kinds）、角色（roles）、角色变更与代理（changes）、交接（handover）。"""

from quanze.apps.org.domain.kinds import (
    BODY_KIND_LABELS,
    REGION_LEVEL_LABELS,
    SCOPE_LABELS,
    BodyKind,
    RegionLevel,
    ScopeKind,
)
from quanze.apps.org.domain.roles import (
    ADMINISTRATORS,
    CONTENT_ROLES,
    DUTIES,
    ROLE_GROUPS,
    ROLE_LABELS,
    ROLES,
    SECOND_FACTOR_LABELS,
    Role,
    roles_requiring_second_factor,
)

__all__ = [
    "ADMINISTRATORS",
    "BODY_KIND_LABELS",
    "CONTENT_ROLES",
    "DUTIES",
    "REGION_LEVEL_LABELS",
    "ROLES",
    "ROLE_GROUPS",
    "ROLE_LABELS",
    "SCOPE_LABELS",
    "SECOND_FACTOR_LABELS",
    "BodyKind",
    "RegionLevel",
    "Role",
    "ScopeKind",
    "roles_requiring_second_factor",
]
