from pathlib import Path

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "quanze.apps.catalog"
    label = "catalog"
    verbose_name = "权责清单"

    def ready(self):
        from quanze.apps.catalog import jobs  # noqa: F401  registers the job kinds
        from quanze.apps.catalog.domain.attention import AttentionSource, register_attention_source
        from quanze.apps.catalog.selectors.attention import reports_counted
        from quanze.apps.catalog.services.handing_over import SOURCES
        from quanze.apps.catalog.web import registrations
        from quanze.apps.org.public import register_work_source
        from quanze.base.files.public import register_purpose
        from quanze.base.parameters.public import register_pack

        packs = Path(__file__).with_name("packs")
        register_pack(packs / "parameters.yaml")
        register_pack(packs / "lint_parameters.yaml")
        register_purpose("catalog.import", "清单表格", kinds=("xls", "xlsx", "csv"))
        register_purpose("catalog.paper", "签批扫描件", kinds=("pdf", "jpg", "png"))
        register_purpose("catalog.receipt", "公开凭据", kinds=("jpg", "png", "pdf"))
        register_attention_source(AttentionSource("reports", "公众纠错", "件", reports_counted))
        registrations.register()
        for source in SOURCES:
            register_work_source(source)
