"""关联清单：二级、三级、四级清单与镇（街道）清单的条目、版本、引用。

An entry is an identity; what it says of its own stands in versions, what it inherits stands nowhere but in the version of the
item it rests on. Validity is half-open, as with items.
"""

from django.db import models
from django.db.models import F, Q

from quanze.apps.catalog.domain.entry_lifecycles import DERIVED_SUBMISSION_FLOW, ENTRY_FLOW
from quanze.apps.catalog.models.items import ItemVersion, PowerItem


class DerivedList(models.Model):
    """关联清单：一个机构牵头编制的一种由权责清单派生的清单；种类是资料包里的数据。"""

    body = models.ForeignKey("org.Body", models.PROTECT, related_name="derived_lists", verbose_name="牵头机构")
    list_type = models.CharField("清单种类", max_length=16)
    procedure = models.CharField("审查程序", max_length=48, default="derived-list")
    created_at = models.DateTimeField("建立时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "关联清单"
        constraints = [models.UniqueConstraint(fields=["body", "list_type"], name="one_derived_list_per_body_and_type")]


class DerivedSubmission(models.Model):
    """关联清单送审件：一份关联清单中一批冻结的条目版本。"""

    derived_list = models.ForeignKey(DerivedList, models.PROTECT, related_name="submissions", verbose_name="关联清单")
    title = models.CharField("标题", max_length=200)
    state = models.CharField("状态", max_length=12, choices=list(DERIVED_SUBMISSION_FLOW.states.items()))
    case_id = models.BigIntegerField("案卷", null=True, blank=True)
    created_by_id = models.BigIntegerField("送审人")
    created_by_name = models.CharField("送审人姓名", max_length=64)
    created_at = models.DateTimeField("送审时间")
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "关联清单送审件"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["derived_list"],
                condition=Q(state__in=["in_review", "returned"]),
                name="one_open_submission_per_derived_list",
            )
        ]


class DerivedEntry(models.Model):
    """关联清单条目：不变的身份。``variant`` 区分同一来源之下的几个情形，没有则为空。"""

    derived_list = models.ForeignKey(DerivedList, models.PROTECT, related_name="entries", verbose_name="关联清单")
    code = models.CharField("条目标识", max_length=64, unique=True)
    subject_item = models.ForeignKey(
        PowerItem, models.PROTECT, null=True, blank=True, related_name="derived_entries", verbose_name="所据事项"
    )
    parent_entry = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="child_entries", verbose_name="上级条目"
    )
    variant = models.CharField("情形", max_length=100, blank=True)
    ordinal = models.PositiveIntegerField("排序", default=0)
    created_at = models.DateTimeField("建立时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "关联清单条目"
        ordering = ["derived_list", "ordinal", "id"]
        indexes = [models.Index(fields=["derived_list", "ordinal", "id"])]
        constraints = [
            models.UniqueConstraint(
                fields=["derived_list", "subject_item", "variant"],
                condition=Q(subject_item__isnull=False),
                name="one_entry_per_item_and_variant",
            ),
            models.UniqueConstraint(
                fields=["derived_list", "parent_entry", "variant"],
                condition=Q(parent_entry__isnull=False),
                name="one_entry_per_parent_and_variant",
            ),
            models.CheckConstraint(
                condition=Q(subject_item__isnull=True) | Q(parent_entry__isnull=True),
                name="entry_has_one_kind_of_parent",
            ),
        ]


class DerivedEntryVersion(models.Model):
    """条目版本：一个条目自身的要素与它所依据的确切版本。继承的要素不存，从所据事项版本读出。"""

    entry = models.ForeignKey(DerivedEntry, models.PROTECT, related_name="versions", verbose_name="条目")
    state = models.CharField("状态", max_length=12, choices=list(ENTRY_FLOW.states.items()), default="draft")
    number = models.PositiveIntegerField("版本号", null=True, blank=True)
    name = models.CharField("条目名称", max_length=600)
    content = models.JSONField("自有要素", default=dict)
    content_hash = models.CharField("内容摘要", max_length=64)
    item_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所据事项版本"
    )
    valid_from = models.DateField("生效日期", null=True, blank=True)
    valid_to = models.DateField("失效日期", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    ended_at = models.DateTimeField("登记失效时间", null=True, blank=True)
    change_note = models.CharField("变更说明", max_length=500, blank=True)
    submission = models.ForeignKey(
        DerivedSubmission, models.PROTECT, null=True, blank=True, related_name="versions", verbose_name="送审件"
    )
    author_id = models.BigIntegerField("起草人", null=True, blank=True)
    author_name = models.CharField("起草人姓名", max_length=64, blank=True)
    created_at = models.DateTimeField("建立时间")
    updated_at = models.DateTimeField("修改时间")
    lock_version = models.PositiveIntegerField("修改次数", default=1)

    class Meta:
        verbose_name = "条目版本"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["entry", "state"]),
            models.Index(fields=["state", "valid_from", "valid_to"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "number"], condition=Q(number__isnull=False), name="entry_version_number_once"
            ),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(state__in=["draft", "frozen"]), name="one_working_version_per_entry"
            ),
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(state="published", valid_to__isnull=True),
                name="one_open_validity_per_entry",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="entry_validity_forward"
            ),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(valid_from__isnull=False, number__isnull=False, published_at__isnull=False),
                name="published_entry_is_dated",
            ),
        ]


class EntryReference(models.Model):
    """条目引用：条目版本所依据的事项版本或上级条目版本，以及该方的角色与职责。次序为 0 的是主要依据。"""

    version = models.ForeignKey(DerivedEntryVersion, models.CASCADE, related_name="references", verbose_name="条目版本")
    ordinal = models.PositiveIntegerField("次序")
    role = models.CharField("角色", max_length=12, blank=True)
    duty = models.TextField("职责", blank=True)
    item_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="entry_references", verbose_name="事项版本"
    )
    entry_version = models.ForeignKey(
        DerivedEntryVersion,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="entry_references",
        verbose_name="上级条目版本",
    )

    class Meta:
        verbose_name = "条目引用"
        ordering = ["version", "ordinal"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item_version__isnull=False, entry_version__isnull=True)
                | Q(item_version__isnull=True, entry_version__isnull=False),
                name="reference_names_one_version",
            ),
            models.UniqueConstraint(fields=["version", "ordinal"], name="reference_ordinal_once"),
        ]


class ReferenceConfirmation(models.Model):
    """确认不受影响：牵头机构看过所据事项的新版本，认为条目不必改动；只增不改。"""

    reference = models.ForeignKey(EntryReference, models.PROTECT, related_name="confirmations", verbose_name="条目引用")
    item_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="看过的事项版本"
    )
    entry_version = models.ForeignKey(
        DerivedEntryVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="看过的上级条目版本"
    )
    reason = models.CharField("理由", max_length=500)
    confirmed_at = models.DateTimeField("确认时间")
    confirmed_by_name = models.CharField("确认人", max_length=64)

    class Meta:
        verbose_name = "确认不受影响"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(item_version__isnull=False, entry_version__isnull=True)
                | Q(item_version__isnull=True, entry_version__isnull=False),
                name="confirmation_names_one_version",
            )
        ]


class DerivedEdition(models.Model):
    """关联清单版次：印发公布的一版；文号、日期、条目数、摘要。"""

    derived_list = models.ForeignKey(DerivedList, models.PROTECT, related_name="editions", verbose_name="关联清单")
    number = models.PositiveIntegerField("版次")
    document_number = models.CharField("文号", max_length=100)
    issued_on = models.DateField("印发日期")
    valid_from = models.DateField("施行日期")
    entry_count = models.PositiveIntegerField("条目数")
    digest = models.CharField("摘要", max_length=64)
    digest_algorithm = models.CharField("摘要算法", max_length=12)
    submission = models.OneToOneField(
        DerivedSubmission, models.PROTECT, null=True, blank=True, related_name="edition", verbose_name="送审件"
    )
    published_at = models.DateTimeField("公布时间")
    published_by_name = models.CharField("公布人", max_length=64)

    class Meta:
        verbose_name = "关联清单版次"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["derived_list", "number"], name="derived_edition_number_once"),
            models.CheckConstraint(condition=~Q(document_number=""), name="derived_edition_has_document_number"),
        ]


class TakingBack(models.Model):
    """事项收回：乡镇的事项或配合条目止于交接日，承接部门的事项不晚于同日起；两头的日期写死在约束里。"""

    entry = models.OneToOneField(DerivedEntry, models.PROTECT, related_name="taking_back", verbose_name="收回清单条目")
    town = models.ForeignKey("org.Body", models.PROTECT, related_name="+", verbose_name="乡镇（街道）")
    town_item_version = models.ForeignKey(
        ItemVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="乡镇事项版本"
    )
    town_entry_version = models.ForeignKey(
        DerivedEntryVersion, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="乡镇条目版本"
    )
    receiving_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+", verbose_name="承接事项版本")
    hand_over_on = models.DateField("交接日")
    town_until = models.DateField("乡镇止于")
    received_from = models.DateField("部门起于")
    received_until = models.DateField("部门止于", null=True, blank=True)
    is_widening = models.BooleanField("随交接公布承接版本", default=False)
    document_number = models.CharField("文号", max_length=100)
    taken_at = models.DateTimeField("登记时间")
    taken_by_name = models.CharField("登记人", max_length=64)

    class Meta:
        verbose_name = "事项收回"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(town_until=F("hand_over_on"))
                & Q(received_from__lte=F("hand_over_on"))
                & (Q(received_until__isnull=True) | Q(received_until__gt=F("hand_over_on"))),
                name="taking_back_without_gap",
            ),
            models.CheckConstraint(
                condition=Q(is_widening=False) | Q(received_from=F("hand_over_on")),
                name="taking_back_without_overlap",
            ),
            models.CheckConstraint(
                condition=Q(town_item_version__isnull=False, town_entry_version__isnull=True)
                | Q(town_item_version__isnull=True, town_entry_version__isnull=False),
                name="taking_back_names_one_origin",
            ),
        ]


class ListAlignment(models.Model):
    """上级清单比对：一份关联清单与上级下发清单的一次比对；逐行结果存作数据，只增不改。"""

    derived_list = models.ForeignKey(DerivedList, models.PROTECT, related_name="alignments", verbose_name="关联清单")
    file_name = models.CharField("文件", max_length=300)
    source_label = models.CharField("上级清单", max_length=200)
    extract_on = models.DateField("上级清单日期")
    matched = models.PositiveIntegerField("一致")
    differing = models.PositiveIntegerField("不同")
    unmatched = models.PositiveIntegerField("上级有本级无")
    extra = models.PositiveIntegerField("本级有上级无")
    workdays_late = models.PositiveIntegerField("迟同步工作日", default=0)
    rows = models.JSONField("逐行结果", default=list)
    aligned_at = models.DateTimeField("比对时间")
    aligned_by_name = models.CharField("比对人", max_length=64)

    class Meta:
        verbose_name = "上级清单比对"
        ordering = ["-id"]


class DriftCount(models.Model):
    """同步情况：某清单某日的条目数与各类不同步数，夜间与按需计算，每日一行。"""

    derived_list = models.ForeignKey(DerivedList, models.PROTECT, related_name="drift_counts", verbose_name="关联清单")
    counted_on = models.DateField("日期")
    entries = models.PositiveIntegerField("条目数")
    drifting = models.PositiveIntegerField("不同步条目数")
    missing = models.PositiveIntegerField("应列未列")
    counted_at = models.DateTimeField("计算时间")

    class Meta:
        verbose_name = "同步情况"
        ordering = ["-counted_on"]
        constraints = [
            models.UniqueConstraint(fields=["derived_list", "counted_on"], name="one_drift_count_per_list_and_day")
        ]
