"""机构领域：机构种类、层级、角色与数据范围。Roles are codes with labels; which post holds which is data."""

from __future__ import annotations

from enum import StrEnum


class BodyKind(StrEnum):
    """机构种类。"""

    PARTY = "party"
    GOVERNMENT = "government"
    AFFILIATED = "affiliated"
    INSTITUTION = "institution"
    MASS = "mass"
    VERTICAL = "vertical"
    TOWN = "town"
    SUBDISTRICT = "subdistrict"
    ZONE = "zone"


BODY_KIND_LABELS = {
    BodyKind.PARTY: "党委部门",
    BodyKind.GOVERNMENT: "政府部门",
    BodyKind.AFFILIATED: "挂牌机构",
    BodyKind.INSTITUTION: "事业单位",
    BodyKind.MASS: "群团",
    BodyKind.VERTICAL: "垂直管理机构",
    BodyKind.TOWN: "乡镇",
    BodyKind.SUBDISTRICT: "街道",
    BodyKind.ZONE: "功能区",
}


class RegionLevel(StrEnum):
    """行政层级。"""

    CITY = "city"
    COUNTY = "county"
    TOWN = "town"


REGION_LEVEL_LABELS = {RegionLevel.CITY: "市级", RegionLevel.COUNTY: "县级", RegionLevel.TOWN: "乡级"}


class ScopeKind(StrEnum):
    """数据范围的种类：本机构、本机构及下级、全部。"""

    OWN = "own"
    SUBTREE = "subtree"
    ALL = "all"


SCOPE_LABELS = {ScopeKind.OWN: "本机构", ScopeKind.SUBTREE: "本机构及下级", ScopeKind.ALL: "全部机构"}

ROLE_LABELS: dict[str, str] = {
    "drafter": "业务口",
    "legal_section": "法制审查",
    "division_head": "科室负责人",
    "deputy_head": "分管领导",
    "head": "主要领导",
    "publisher": "信息公开",
    "justice": "司法行政",
    "establishment": "编办审核",
    "review_group": "审核小组",
    "joint_meeting": "联席会议秘书",
    "committee_secretary": "编委会秘书",
    "government_services": "政务服务",
    "supervisor": "督查",
    "discipline": "纪检监察",
    "congress_reader": "人大代表工作",
    "assessor": "评估人员",
    "third_party_assessor": "第三方评估",
    "auditor": "审计",
    "system_admin": "系统管理员",
    "security_admin": "安全管理员",
    "audit_admin": "审计管理员",
}

# 三员不读业务内容；他们的数据范围由本表而不是由授权人决定。
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
