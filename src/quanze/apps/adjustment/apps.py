from pathlib import Path

from django.apps import AppConfig


class AdjustmentConfig(AppConfig):
    name = "quanze.apps.adjustment"
    label = "adjustment"
    verbose_name = "动态调整"

    def ready(self):
        from quanze.apps.adjustment import jobs  # noqa: F401  registers the schedule
        from quanze.apps.adjustment.services.following import submission_followed
        from quanze.apps.adjustment.web import registrations
        from quanze.apps.catalog.public import on_submission_moved
        from quanze.base.files.public import register_purpose
        from quanze.base.parameters.public import register_pack

        register_pack(Path(__file__).with_name("packs") / "parameters.yaml")
        on_submission_moved("adjustment", submission_followed)
        register_purpose("adjustment.training", "培训材料", kinds=("docx", "xlsx", "pdf", "png", "jpg"))
        register_purpose("adjustment.meeting", "会议材料", kinds=("docx", "pdf"))
        register_purpose("adjustment.extract", "上级清单提取件", kinds=("xlsx", "xls", "csv"))
        register_purpose("adjustment.template", "公文样式", kinds=("docx",))
        registrations.register()
