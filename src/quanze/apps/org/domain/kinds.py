"""机构种类、行政层级、数据范围。"""

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
    """数据范围的种类：本机构、本机构及下级、指定机构、全部。"""

    OWN = "own"
    SUBTREE = "subtree"
    NAMED = "named"
    ALL = "all"


SCOPE_LABELS = {
    ScopeKind.OWN: "本机构",
    ScopeKind.SUBTREE: "本机构及下级",
    ScopeKind.NAMED: "指定机构",
    ScopeKind.ALL: "全部机构",
}
