"""尚未接入来源的数据项：写明缺什么，不给零分，也不编造数值。"""

from quanze.apps.evaluation.metrics.registry import pending

_DUAL = "尚未接入“双公示”系统的决定与公示记录"
_ADJUSTMENT = "尚未登记法律法规立改废释等触发事件和调整记录"

pending("catalog.guide_links", "办事指南链接可用", source="链接可用性检查", why="尚未登记办事指南链接的可用性检查结果")
pending("disclosure.dual_timely", "双公示及时", source="双公示系统", why=_DUAL, unit="件")
pending("disclosure.dual_accurate", "双公示准确", source="双公示系统", why=_DUAL, unit="条")
pending("adjustment.timely", "法定情形调整及时", source="动态调整", why=_ADJUSTMENT, unit="件")
pending("adjustment.city_items_timely", "市设事项申请调整及时", source="动态调整", why=_ADJUSTMENT, unit="件")
pending(
    "adjustment.provincial_sync",
    "省系统维护及时",
    source="省权责清单管理系统",
    why="尚未登记与省权责清单管理系统的同步时间",
)
pending(
    "adjustment.dependants_synced",
    "关联清单同步",
    source="关联清单",
    why="尚未建立二、三、四级清单与主清单的对应关系",
    unit="条",
)
pending(
    "performance.flow_conformance", "流程符合度", source="流程图与办件环节", why="尚未绘制并公布运行流程图", unit="件"
)
pending(
    "feedback.rectified",
    "热线信访问题整改",
    source="12345 热线、信访",
    why="尚未接入 12345 热线、信访举报及其整改复查记录",
    unit="个",
)
pending("supervision.integrity_screened", "廉政风险点排查", source="廉政风险点", why="尚未登记廉政风险点排查结果")
pending(
    "supervision.corrected",
    "复议诉讼纠错",
    source="行政复议、行政诉讼",
    why="尚未登记行政复议、行政诉讼案件结果",
    unit="件",
)
