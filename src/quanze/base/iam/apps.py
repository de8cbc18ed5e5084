from pathlib import Path

from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "quanze.base.iam"
    label = "iam"
    verbose_name = "账号"

    def ready(self) -> None:
        from quanze.base.parameters.public import register_pack

        register_pack(Path(__file__).with_name("packs") / "api_parameters.yaml")
        register_pack(Path(__file__).with_name("packs") / "account_parameters.yaml")
