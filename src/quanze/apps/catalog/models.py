"""权责清单的表：清单、事项、版本、送审件、版次、导入、检查发现与豁免。

An item is an identity that is never deleted; what it says stands in versions. A version is written only while it is a draft;
once submitted it never changes again. Validity is half-open and set at publication. ``lock_version`` is what a page saw.
"""

from django.db import models
from django.db.models import F, Q

from quanze.apps.catalog.domain.items import AUTHORITY_LABELS, NODE_KIND_LABELS
from quanze.apps.catalog.domain.lifecycles import ENTRY_ACTIONS, IMPORT_FLOW, SUBMISSION_FLOW, VERSION_FLOW


def _choices(labels):
    return [(str(code), label) for code, label in labels.items()]


class PowerList(models.Model):
    """权责清单：一个机构的一份清单；用哪个清单模板、走哪套程序。"""

    body = models.ForeignKey("org.Body", models.PROTECT, related_name="power_lists", verbose_name="机构")
    list_type = models.CharField("清单类型", max_length=16, default="QZ")
    template = models.CharField("清单模板", max_length=48, default="published-2024")
    procedure = models.CharField("审查程序", max_length=48, default="six-step")
    created_at = models.DateTimeField("建立时间")
    checked_at = models.DateTimeField("上次检查", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "权责清单"
        constraints = [models.UniqueConstraint(fields=["body", "list_type"], name="one_list_per_body_and_type")]


class BaseBinding(models.Model):
    """范本绑定：清单以哪一份目录范本为准，自何日至何日。Dated, so that a check as of a day uses the base of that day."""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="bindings", verbose_name="清单")
    base_list = models.ForeignKey(PowerList, models.PROTECT, related_name="bound_lists", verbose_name="目录范本")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止", null=True, blank=True)
    bound_at = models.DateTimeField("绑定时间")
    bound_by_name = models.CharField("绑定人", max_length=64)

    class Meta:
        verbose_name = "范本绑定"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["power_list"], condition=Q(valid_to__isnull=True), name="one_open_base_per_list"
            ),
            models.CheckConstraint(condition=~Q(power_list=F("base_list")), name="list_is_not_its_own_base"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="binding_validity_forward"
            ),
        ]


class PowerItem(models.Model):
    """权责事项：不变的身份；子项有上级事项。"""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="items", verbose_name="清单")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="subitems", verbose_name="主项"
    )
    code = models.CharField("事项标识", max_length=48, unique=True)
    created_at = models.DateTimeField("建立时间")
    ordinal = models.PositiveIntegerField("排序", default=0)

    class Meta:
        verbose_name = "权责事项"
        ordering = ["power_list", "ordinal", "id"]
        indexes = [models.Index(fields=["power_list", "ordinal", "id"])]


class ItemVersion(models.Model):
    """事项版本：一次编制所写的全部内容。送审后不再改动；公布时编版本号、定有效期。"""

    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="versions", verbose_name="事项")
    state = models.CharField("状态", max_length=12, choices=list(VERSION_FLOW.states.items()), default="draft")
    number = models.PositiveIntegerField("版本号", null=True, blank=True)
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    ended_at = models.DateTimeField("登记失效时间", null=True, blank=True)
    change_note = models.CharField("变更说明", max_length=500, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64)
    author_id = models.BigIntegerField("最后起草人", null=True, blank=True)
    author_name = models.CharField("最后起草人姓名", max_length=64, blank=True)
    author_ids = models.JSONField("参与起草的人", default=list)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("修改时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    seq = models.CharField("序号", max_length=64, blank=True)
    power_code = models.CharField("职权编码", max_length=64, blank=True)
    name = models.CharField("事项名称", max_length=600)
    node_kind = models.CharField("主项/子项", max_length=8, choices=_choices(NODE_KIND_LABELS), default="single")
    power_type = models.CharField("职权类型", max_length=24, blank=True)
    exercising_body = models.CharField("实施主体", max_length=300, blank=True)
    responsible_body = models.CharField("责任主体", max_length=300, blank=True)
    authority_source = models.CharField("权力来源", max_length=16, choices=_choices(AUTHORITY_LABELS), blank=True)
    lead_division = models.CharField("承办机构", max_length=300, blank=True)
    basis_text = models.TextField("实施依据", blank=True)
    duty_text = models.TextField("责任事项", blank=True)
    duty_basis_text = models.TextField("责任事项依据", blank=True)
    accountability_text = models.TextField("追责情形", blank=True)
    accountability_basis_text = models.TextField("追责依据", blank=True)
    exercise_level = models.CharField("行使层级", max_length=300, blank=True)
    level_split = models.TextField("层级权限划分", blank=True)
    target = models.CharField("行政相对人", max_length=300, blank=True)
    legal_limit_days = models.PositiveIntegerField("法定时限（工作日）", null=True, blank=True)
    promised_limit_days = models.PositiveIntegerField("承诺时限（工作日）", null=True, blank=True)
    limit_note = models.TextField("时限说明", blank=True)
    has_fee = models.BooleanField("是否收费", null=True, blank=True)
    guide_url = models.CharField("办事指南", max_length=500, blank=True)
    hotline = models.CharField("监督电话", max_length=300, blank=True)
    remedy = models.TextField("救济渠道", blank=True)
    remark = models.TextField("备注", blank=True)
    plain_summary = models.TextField("公众版说明", blank=True)
    is_local_addition = models.BooleanField("本级补充", default=False)
    addition_reason = models.CharField("补充理由", max_length=500, blank=True)
    template_key = models.CharField("范本事项", max_length=64, blank=True)
    is_city_set = models.BooleanField("市设权力", default=False)

    class Meta:
        verbose_name = "事项版本"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["item", "state"]),
            models.Index(fields=["state", "valid_from", "valid_to"]),
            models.Index(fields=["power_type"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "number"], condition=Q(number__isnull=False), name="version_number_once"
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state__in=["draft", "frozen", "returned"]),
                name="one_working_version_per_item",
            ),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(state="published", valid_to__isnull=True),
                name="one_open_validity_per_item",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="version_validity_forward"
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(valid_from__isnull=False, number__isnull=False, published_at__isnull=False),
                name="published_version_is_dated",
            ),
        ]


class LegalBasis(models.Model):
    """设定依据：法规名、条款项、引文。A table of its own, because a changed law must find its items."""

    version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="bases", verbose_name="事项版本")
    ordinal = models.PositiveIntegerField("次序")
    law = models.CharField("法规名称", max_length=300, db_index=True)
    locator = models.CharField("条款项", max_length=300, blank=True)
    quote = models.TextField("引文", blank=True)
    document_number = models.CharField("文号", max_length=100, blank=True)

    class Meta:
        verbose_name = "设定依据"
        ordering = ["version", "ordinal"]


class Responsibility(models.Model):
    """责任事项：环节与内容。"""

    version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="duties", verbose_name="事项版本")
    ordinal = models.PositiveIntegerField("次序")
    stage = models.CharField("环节", max_length=64, blank=True)
    text = models.TextField("内容")

    class Meta:
        verbose_name = "责任事项"
        ordering = ["version", "ordinal"]


class AccountabilityCase(models.Model):
    """追责情形：一条。"""

    version = models.ForeignKey(
        ItemVersion, models.CASCADE, related_name="accountability_cases", verbose_name="事项版本"
    )
    ordinal = models.PositiveIntegerField("次序")
    text = models.TextField("内容")

    class Meta:
        verbose_name = "追责情形"
        ordering = ["version", "ordinal"]


class AssistDivision(models.Model):
    """协办机构及分工。"""

    version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="assists", verbose_name="事项版本")
    ordinal = models.PositiveIntegerField("次序")
    division = models.CharField("协办机构", max_length=300)
    duty = models.TextField("分工", blank=True)

    class Meta:
        verbose_name = "协办机构"
        ordering = ["version", "ordinal"]


class SourceCell(models.Model):
    """原始单元格：导入时读到的原文，逐格保留，永不改动。"""

    version = models.OneToOneField(ItemVersion, models.CASCADE, related_name="source", verbose_name="事项版本")
    file_name = models.CharField("文件", max_length=300)
    sheet = models.CharField("工作表", max_length=100)
    row = models.PositiveIntegerField("行")
    cells = models.JSONField("原文")

    class Meta:
        verbose_name = "原始单元格"


class Submission(models.Model):
    """送审件：一份清单中一批冻结的事项版本，走一套程序。"""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="submissions", verbose_name="清单")
    title = models.CharField("标题", max_length=200)
    procedure = models.CharField("审查程序", max_length=48)
    state = models.CharField("状态", max_length=12, choices=list(SUBMISSION_FLOW.states.items()), default="draft")
    note = models.TextField("说明", blank=True)
    case_id = models.BigIntegerField("审查案卷", null=True, blank=True)
    created_by_id = models.BigIntegerField("建立人")
    created_by_name = models.CharField("建立人姓名", max_length=64)
    created_at = models.DateTimeField("建立时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "送审件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["power_list"],
                condition=Q(state__in=["in_review", "returned"]),
                name="one_submission_in_review_per_list",
            )
        ]


class SubmissionItem(models.Model):
    """送审事项：动作（新增、变更、取消、勘误）与版本；取消时没有新版本。"""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="items", verbose_name="送审件")
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="submission_items", verbose_name="事项")
    version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="submission_items", verbose_name="新版本"
    )
    base_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="现行版本"
    )
    action = models.CharField("动作", max_length=8, choices=list(ENTRY_ACTIONS.items()))
    outcome = models.CharField(
        "结果",
        max_length=8,
        choices=[("", "未定"), ("return", "退回"), ("passed", "通过"), ("refused", "不予通过")],
        blank=True,
    )
    finding_count = models.PositiveIntegerField("检查发现数", default=0)

    class Meta:
        verbose_name = "送审事项"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["submission", "item"], name="item_once_per_submission")]


class ItemEnding(models.Model):
    """拟取消：草稿阶段标记的取消，随送审件送审。"""

    item = models.OneToOneField(PowerItem, models.CASCADE, related_name="ending", verbose_name="事项")
    reason = models.CharField("取消理由", max_length=500)
    author_id = models.BigIntegerField("起草人", null=True, blank=True)
    created_at = models.DateTimeField("标记时间")

    class Meta:
        verbose_name = "拟取消"


class ListEdition(models.Model):
    """清单版次：印发公布的一版；文号、日期、施行日期、摘要。"""

    power_list = models.ForeignKey(PowerList, models.PROTECT, related_name="editions", verbose_name="清单")
    number = models.PositiveIntegerField("版次")
    document_number = models.CharField("文号", max_length=100)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("施行日期")
    is_correction = models.BooleanField("勘误", default=False)
    note = models.TextField("说明", blank=True)
    item_count = models.PositiveIntegerField("主项与单项数")
    subitem_count = models.PositiveIntegerField("子项数")
    digest = models.CharField("摘要", max_length=64)
    digest_algorithm = models.CharField("摘要算法", max_length=12)
    submission = models.OneToOneField(
        Submission, models.PROTECT, null=True, blank=True, related_name="edition", verbose_name="送审件"
    )
    published_at = models.DateTimeField("公布时间")
    published_by_name = models.CharField("公布人", max_length=64)

    class Meta:
        verbose_name = "清单版次"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["power_list", "number"], name="edition_number_once"),
            models.CheckConstraint(condition=~Q(document_number=""), name="edition_has_document_number"),
        ]


class PublishRecord(models.Model):
    """公布日志：某版次中某事项由旧版本变为新版本；只增不改。"""

    edition = models.ForeignKey(ListEdition, models.PROTECT, related_name="records", verbose_name="版次")
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="publish_records", verbose_name="事项")
    action = models.CharField("动作", max_length=8, choices=list(ENTRY_ACTIONS.items()))
    old_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="旧版本"
    )
    new_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="新版本"
    )

    class Meta:
        verbose_name = "公布日志"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["edition", "item"], name="item_once_per_edition")]


class ListImport(models.Model):
    """清单导入：上传的工作簿、读取结果、与现有草稿和现行清单的对照。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="imports", verbose_name="清单")
    file_id = models.BigIntegerField("文件")
    file_name = models.CharField("文件名", max_length=300)
    state = models.CharField("状态", max_length=12, choices=list(IMPORT_FLOW.states.items()), default="uploaded")
    reading = models.JSONField("读取结果", default=dict)
    difference = models.JSONField("对照", default=dict)
    error = models.TextField("失败原因", blank=True)
    failure = models.JSONField("失败的代码与位置", default=dict)
    job_id = models.BigIntegerField("后台任务", null=True, blank=True)
    created_by_id = models.BigIntegerField("上传人")
    created_by_name = models.CharField("上传人姓名", max_length=64)
    created_at = models.DateTimeField("上传时间")
    applied_at = models.DateTimeField("导入时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "清单导入"
        ordering = ["-id"]


class StoredFinding(models.Model):
    """检查发现：规则、级别、对象、位置、证据、建议；内容变了便作废重查。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="findings", verbose_name="清单")
    version = models.ForeignKey(
        ItemVersion, models.CASCADE, null=True, blank=True, related_name="findings", verbose_name="事项版本"
    )
    code = models.CharField("规则", max_length=8)
    severity = models.CharField("级别", max_length=8)
    field = models.CharField("字段", max_length=48, blank=True)
    message = models.TextField("说明")
    evidence = models.TextField("证据", blank=True)
    suggestion = models.TextField("建议", blank=True)
    fix = models.JSONField("可自动修正", null=True, blank=True)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    found_at = models.DateTimeField("检查时间")

    class Meta:
        verbose_name = "检查发现"
        ordering = ["id"]
        indexes = [models.Index(fields=["power_list", "severity", "code"]), models.Index(fields=["version"])]


class FindingWaiver(models.Model):
    """豁免：对某事项某规则写明理由；内容改变即失效。"""

    power_list = models.ForeignKey(PowerList, models.CASCADE, related_name="waivers", verbose_name="清单")
    item = models.ForeignKey(
        PowerItem, models.CASCADE, null=True, blank=True, related_name="waivers", verbose_name="事项"
    )
    code = models.CharField("规则", max_length=8)
    content_hash = models.CharField("内容摘要", max_length=64, blank=True)
    reason = models.CharField("理由", max_length=500)
    granted_by_id = models.BigIntegerField("豁免人")
    granted_by_name = models.CharField("豁免人姓名", max_length=64)
    granted_at = models.DateTimeField("豁免时间")

    class Meta:
        verbose_name = "豁免"
        ordering = ["-id"]
        indexes = [models.Index(fields=["power_list", "code"])]


class ErrorReport(models.Model):
    """公众纠错：对公开事项的差错反映；有编号、有答复期限。"""

    number = models.CharField("编号", max_length=24, unique=True)
    item = models.ForeignKey(PowerItem, models.PROTECT, related_name="error_reports", verbose_name="事项")
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+", verbose_name="所见版本")
    text = models.TextField("反映内容")
    contact = models.CharField("联系方式", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")
    due_on = models.DateField("答复期限")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answered_by_name = models.CharField("答复人", max_length=64, blank=True)
    answer = models.TextField("答复", blank=True)

    class Meta:
        verbose_name = "公众纠错"
        ordering = ["-id"]
