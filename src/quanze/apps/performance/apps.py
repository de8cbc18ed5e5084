from pathlib import Path

from django.apps import AppConfig


class PerformanceConfig(AppConfig):
    name = "quanze.apps.performance"
    label = "performance"
    verbose_name = "行权运行"

    def ready(self):
        from quanze.apps.catalog.public import AttentionSource, register_attention_source
        from quanze.apps.performance import jobs  # noqa: F401  registers the job kinds
        from quanze.apps.performance.selectors.runs import cases_by_item
        from quanze.apps.performance.web import registrations
        from quanze.base.files.public import register_purpose
        from quanze.base.parameters.public import register_pack

        register_pack(Path(__file__).with_name("packs") / "parameters.yaml")
        register_purpose("run_data", "行权数据文件", kinds=("csv", "xlsx", "xls"), limit_parameter="run_file_limit_mib")
        register_attention_source(AttentionSource("cases", "办件量", "件", cases_by_item))
        registrations.register()
