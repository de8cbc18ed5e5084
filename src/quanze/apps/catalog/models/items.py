"""事项、版本与版本的内容。

An item is an identity that is never deleted; what it says stands in versions. A version is written only while it is a draft;
once submitted it never changes again. Validity is half-open and set at publication.
"""

from django.db import models
from django.db.models import F, Q

from quanze.apps.catalog.domain.items import AUTHORITY_LABELS, NODE_KIND_LABELS
from quanze.apps.catalog.domain.lifecycles import VERSION_FLOW
from quanze.apps.catalog.models.choices import choices
from quanze.apps.catalog.models.lists import PowerList


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
    node_kind = models.CharField("主项/子项", max_length=8, choices=choices(NODE_KIND_LABELS), default="single")
    power_type = models.CharField("职权类型", max_length=24, blank=True)
    exercising_body = models.CharField("实施主体", max_length=300, blank=True)
    responsible_body = models.CharField("责任主体", max_length=300, blank=True)
    authority_source = models.CharField("权力来源", max_length=16, choices=choices(AUTHORITY_LABELS), blank=True)
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
    extra = models.JSONField("补充要素", default=dict, blank=True)

    class Meta:
        verbose_name = "事项版本"
        ordering = ["id"]
        indexes = [
            # Wide enough to count what is in force without touching the rows, which are long.
            models.Index(fields=["item", "state", "valid_from", "valid_to", "node_kind"]),
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


class ItemEnding(models.Model):
    """拟取消：草稿阶段标记的取消，随送审件送审。"""

    item = models.OneToOneField(PowerItem, models.CASCADE, related_name="ending", verbose_name="事项")
    reason = models.CharField("取消理由", max_length=500)
    author_id = models.BigIntegerField("起草人", null=True, blank=True)
    created_at = models.DateTimeField("标记时间")

    class Meta:
        verbose_name = "拟取消"
