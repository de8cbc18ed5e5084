"""术语表：中文术语 ↔ 代码名 ↔ 释义。名称只在这里定。

A name is entered here before it is used in code. ``code`` is what stands in the source: a class, an enum member, a verb or a
field. A test compares the first line of every table's docstring with this list.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """术语：中文、代码名、释义。"""

    chinese: str
    code: str
    meaning: str


def _terms(*rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(Term(*row) for row in rows)


LISTS = _terms(
    ("权责清单", "PowerList", "一个机构的一份清单"),
    ("范本绑定", "BaseBinding", "清单以哪一份目录范本为准，自何日至何日"),
    ("范本合并", "BaseMerge", "范本由某版到某版，以它为准的清单怎样跟着改"),
    ("不列入", "BaseOmission", "范本的一项本级不列，理由写明"),
    ("清单版次", "ListEdition", "印发公布的一版，有文号、日期与摘要"),
    ("权责事项", "PowerItem", "事项不变的身份，永不删除"),
    ("事项版本", "ItemVersion", "一次编制所写的全部内容，送审后不再改动"),
    ("主项", "parent", "带有子项的事项，只有一层"),
    ("子项", "SubItem", "主项之下的事项"),
    ("行政职权类型", "PowerType", "省份各有增减，是数据"),
    ("行政许可", "LICENSE", "职权类型"),
    ("行政处罚", "PENALTY", "职权类型"),
    ("行政强制", "COERCION", "职权类型"),
    ("行政征收", "LEVY", "职权类型"),
    ("行政给付", "BENEFIT", "职权类型"),
    ("行政检查", "INSPECTION", "职权类型"),
    ("行政确认", "CONFIRMATION", "职权类型"),
    ("行政奖励", "REWARD", "职权类型"),
    ("行政裁决", "ADJUDICATION", "职权类型"),
    ("其他行政权力", "OTHER", "职权类型，占比过高会被提示"),
    ("设定依据", "LegalBasis", "法规、条款项与引文"),
    ("责任事项", "Responsibility", "分环节的责任"),
    ("追责情形", "AccountabilityCase", "应当追究责任的情形，一条一行"),
    ("追责依据", "accountability_basis", "追究责任所依据的规定"),
    ("协办机构", "AssistDivision", "协办的内设机构及其分工"),
    ("责任主体", "responsible_body", "承担责任的机构"),
    ("实施主体", "exercising_body", "行使职权的机构"),
    ("自有权力", "AuthoritySource.OWN", "法律直接赋予本级的权力"),
    ("上级授权", "AuthoritySource.CONFERRED", "上级依法授予"),
    ("上级委托", "AuthoritySource.ENTRUSTED", "上级委托行使，须有委托书"),
    ("派驻", "AuthoritySource.STATIONED", "派驻机构行使"),
    ("范本", "ListTemplate", "县级给乡镇的目录范本"),
    ("原始单元格", "SourceCell", "导入时读到的原文，永不改动"),
    ("清单导入", "ListImport", "上传的工作簿与它的读取结果、对照"),
    ("拟取消", "ItemEnding", "草稿阶段标记的取消"),
    ("检查发现", "StoredFinding", "规则对某处的说明，定了级别"),
    ("豁免", "FindingWaiver", "带理由保留一条发现，内容改变即失效"),
    ("调整事由", "AdjustmentTrigger", "法律立改废、简政放权、机构职能调整等，期限自其法定日起算"),
    ("调整事项", "AdjustmentItem", "调整所涉的一项与它的调整类型"),
    ("调整暂停", "AdjustmentPause", "等待编委会议，不计入期限"),
    ("期限提醒", "AdjustmentAlarm", "到黄、橙、红各提醒一次"),
    ("同步变更", "DependantChange", "依附于所调事项的条目要做的处理"),
    ("上级清单核对", "ExtractCheck", "省、国家清单的提取件与本级一份清单的一次核对"),
    ("核对开启的事由", "ExtractTrigger", "上级清单核对与它开启的调整事由，两边连着"),
    ("备案", "Filing", "关联清单先行调整的报备，不是审批"),
    ("年度目录", "YearlyCatalogue", "某年截止日现行的全部部门清单汇总，编委审定后以文件印发"),
    ("部门核对", "CatalogueCheck", "年度目录里本机构的部分，核对无误或提出异议"),
    ("专项工作", "Campaign", "专项梳理、年度集中调整、权责两单合一：有方案、期限与各机构的任务"),
    ("专项任务", "CampaignTask", "专项工作交给一个机构的一件事，有责任人与期限"),
    ("专项事由", "CampaignTrigger", "归入专项工作的调整事由，其调整计入专项的统计"),
    ("业务培训", "TrainingSession", "一次培训：日期、内容、人数与材料"),
    ("审定会议", "CommitteeMeeting", "编委会、联席会议的一次会议：会议号、日期、地点、议题与逐项的决定"),
    ("议题", "MeetingTopic", "提请会议审定的一件送审件"),
    ("议题事项", "MeetingEntry", "议题之下的一项：理由与依据，会后的决定"),
    ("会议材料", "MeetingDocument", "议题表、三栏对照表、汇报稿与套用公文样式的材料"),
    ("公文样式", "OfficeTemplate", "办公室自己的 Word 样式文件，字段套用时填入"),
    ("事项沿革", "ItemLineage", "合并、分设、划转之后新旧事项的对应"),
    ("公布日志", "PublishRecord", "某版次中某事项由旧版本变为新版本"),
    ("公开渠道任务", "DisclosureTask", "某版次在某渠道公开，有期限与凭据"),
    ("手册发放", "HandbookDelivery", "某版次的手册发到何处、几份、哪天"),
    ("简明指南", "PlainGuide", "一个事项的指南与运行流程的一版：步骤、材料、时间、地点、电话"),
    ("链接核查", "LinkCheck", "一个办事指南网址最近一次能不能打开"),
    ("依法不公开", "NonDisclosure", "某事项不对外公开的法律依据、理由与审定"),
    ("公众纠错", "ErrorReport", "公众对公开事项差错的反映"),
    ("公布", "promulgation", "印发并施行"),
    ("公开", "disclosure", "向社会公开"),
    ("关联清单", "DerivedList", "由权责清单派生的二、三、四级清单与镇（街道）清单，种类是数据"),
    ("关联清单条目", "DerivedEntry", "关联清单中一条不变的身份"),
    ("条目版本", "DerivedEntryVersion", "条目自有的要素与它所依据的确切版本"),
    ("条目引用", "EntryReference", "条目版本所依据的事项版本或上级条目版本"),
    ("确认不受影响", "ReferenceConfirmation", "看过所据事项的新版本，条目不必改动"),
    ("关联清单送审件", "DerivedSubmission", "一份关联清单中一批冻结的条目版本"),
    ("关联清单版次", "DerivedEdition", "关联清单印发公布的一版"),
    ("事项收回", "TakingBack", "乡镇事项止于交接日，承接部门同日接上"),
    ("上级清单比对", "ListAlignment", "关联清单与上级下发清单的一次比对"),
    ("同步情况", "DriftCount", "某清单某日的条目数与不同步数"),
    ("关联清单导入", "EntryImport", "上传的表格逐行会怎样，看过之后一次写成草稿"),
    ("不同步之处", "DriftFinding", "核对存下的一处不同步，由清单推得，随时可重算"),
    ("勘误", "correction", "公布后改正文字差错，是一个新版本"),
)
ORGANISATION = _terms(
    ("行政区划", "Region", "城市、县（市、区）、乡镇"),
    ("机构", "Body", "部门、镇、街道等"),
    ("机构隶属", "BodyParent", "上下级关系，有起止日期"),
    ("机构变更", "BodyChange", "自哪天起机构的名称、种类、区划、上级等是什么，何时记录；合起来为沿革"),
    ("职能承担", "BodyFunction", "某区划内承担某一审查角色的机构"),
    ("内设机构", "Division", "科室"),
    ("岗位", "Post", "机构内的岗位"),
    ("任职", "Appointment", "账号在某机构某岗位的一段任职"),
    ("任职角色", "AppointmentRole", "一段任职所持的角色"),
    ("指定机构", "AppointmentBody", "数据范围为指定机构的任职能看到的机构"),
    ("三员席位", "AdministratorSeat", "谁担任系统、安全、审计管理员中的哪一员"),
    ("角色变更", "RoleChange", "一人申请、另一人确认的角色与范围变更"),
    ("成批角色变更", "RoleChangeBatch", "一次载入里申请的全部角色，一次确认"),
    ("成批变更之一", "RoleChangeBatchItem", "哪一批、哪一项申请"),
    ("代理", "Delegation", "某人在一段时间内代办另一人的若干角色"),
    ("交接", "HandOver", "未办结的工作整体交给另一人"),
    ("交接事项", "HandOverItem", "交接清单的一行"),
    ("值班", "RosterTurn", "某段时间由谁带班、谁值班；整张为值班表（roster）"),
    ("首次设置", "FirstStart", "一次性令牌，建立第一个机构与三员"),
    ("名录载入", "DirectoryLoad", "上传的名录工作簿与它的载入"),
    ("三定规定", "Mandate", "定职能、定机构、定编制的文件"),
    ("三定版本", "MandateVersion", "三定规定的一版：文号、日期、全文与条款"),
    ("三定条款", "MandateClause", "三定规定中编号的一条"),
    ("三定对应", "MandateLink", "事项与三定条款、内设机构职责的对应"),
    ("内设机构职责", "DivisionDuty", "三定规定写给一个内设机构的一句职责"),
    ("编办", "EstablishmentOffice", "角色，不是表"),
    ("编委会议", "EstablishmentCommittee", "角色，不是表"),
    ("职责任务", "DutyTask", "颗粒化分解的最小单位"),
)
REVIEW = _terms(
    ("送审件", "Submission", "一批冻结的事项版本，走一套程序"),
    ("送审事项", "SubmissionItem", "送审件中的一项与它的动作"),
    ("审查案卷", "Case", "一个送审对象走一套程序的全过程"),
    ("审查步骤", "CaseStep", "案卷的一步"),
    ("逐项意见", "StepItem", "某步对某事项的同意或退回"),
    ("暂停计时", "StepPause", "等待会议等，有理由和期限"),
    ("未决意见", "OpinionDraft", "审查人决定之前写下的意见，只有本人看得见"),
    ("常用意见", "OpinionPhrase", "各人收存的意见短语"),
    ("合法性审查", "LEGALITY_REVIEW", "部门法制科等承担"),
    ("合法性复审", "LEGALITY_RECHECK", "司法局承担"),
    ("合理性审核", "REASONABLENESS_REVIEW", "编办承担"),
    ("编委会议审定", "COMMITTEE_DETERMINATION", "以会议号和决议登记"),
    ("退回修改", "send_back", "审查动作，与协同中的驳回不同"),
    ("不予通过", "refuse", "审查动作"),
    ("撤回", "withdraw", "下一步办理之前收回"),
    ("动态调整", "Adjustment", "清单随法律与机构变动而调整"),
    ("职责准入", "DutyAdmission", "给乡镇新增职责须先征求意见并批准"),
)
COORDINATION = _terms(
    ("呼叫", "Call", "乡镇对部门"),
    ("响应", "CallAnswer", "部门对呼叫"),
    ("驳回", "decline", "说明理由并指出应由谁办"),
    ("转发", "forward", "转给监督检查账号"),
    ("交办事项", "AssignedMatter", "清单外、经批准、有止期"),
    ("互评", "MutualRating", "双方评完才互见"),
)
RUNNING = _terms(
    ("履职数据", "PerformanceEvent", "仓库的一行"),
    ("办件", "CaseFile", "一件办理，以 case_id 标识"),
    ("办结率", "completion_rate", "办结数除以应办结数"),
    ("执行时长", "step_duration", "某环节用时"),
    ("执行频次", "step_frequency", "某环节次数"),
    ("长期未运行", "dormant", "窗口期内没有办件"),
    ("评估方案", "EvaluationScheme", "任意组合的指标与权重"),
    ("评估轮次", "EvaluationRound", "按方案对一批机构的一次评估"),
    ("一级指标", "IndicatorGroup", "指标分组"),
    ("二级指标", "Indicator", "计分的指标"),
    ("自评", "SelfAssessment", "被评机构自己填报"),
    ("佐证材料", "Evidence", "文件、主张与摘要"),
    ("复核", "Recheck", "对评分的异议处理"),
    ("评估结论", "EvaluationConclusion", "由分数与发现成文，可改，可印发"),
    ("行权风险警示", "RiskWarning", "按规则提出的一件，同一事实只提一次；不是结论，也不是督办"),
    ("督办", "SupervisionOrder", "限期办理的督促"),
    ("整改", "Rectification", "按要求改正并复查"),
)

SAFETY = _terms(
    ("账号", "User", "人或业务系统进入本系统所用的名"),
    ("系统账号", "SystemAccount", "属于一个业务系统的账号，没有口令，只凭接口密钥进入"),
    ("接口密钥", "ApiKey", "业务系统进入的凭证，有权限和止期"),
    ("开通链接", "AccountToken", "由本人设置口令的一次性链接"),
    ("登录会话", "LoginSession", "一次登录，自何处、到何时、怎样结束"),
    ("第二因素", "second_factor", "口令之外再证明一次是本人：动态口令或安全密钥"),
    ("二次验证", "step_up", "办敏感的事之前，再证明一次是本人"),
    ("恢复码", "recovery_code", "第二因素丢失时用一次的码"),
    ("事实记录", "FactRecord", "谁、何时、以什么岗位、对什么、做了什么，只增不改"),
    ("访问记录", "AccessRecord", "登录、敏感查阅、导出，以及被拒绝和未办成的请求"),
    ("封条", "Seal", "一段记录的摘要，与前一条相连，改动即不符"),
    ("锚点", "Anchor", "写到数据库之外并公布的封条"),
    ("核验结果", "Verification", "重算全部封条、与锚点对照的结论"),
    ("归档", "archive", "把一件事的文书、经过与校验值装成一包"),
)

TERMS: tuple[Term, ...] = LISTS + ORGANISATION + REVIEW + COORDINATION + RUNNING + SAFETY


def by_code(code: str) -> Term | None:
    """按代码名查术语。"""
    return next((term for term in TERMS if term.code == code), None)
