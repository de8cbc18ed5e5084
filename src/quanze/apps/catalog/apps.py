from pathlib import Path

from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "quanze.apps.catalog"
    label = "catalog"
    verbose_name = "权责清单"

    def ready(self):
        from quanze.base.parameters.public import register_pack

        packs = Path(__file__).with_name("packs")
        register_pack(packs / "parameters.yaml")
        register_pack(packs / "lint_parameters.yaml")
