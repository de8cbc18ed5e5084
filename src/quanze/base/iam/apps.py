from datetime import timedelta
from pathlib import Path

from django.apps import AppConfig


class IamConfig(AppConfig):
    name = "quanze.base.iam"
    label = "iam"
    verbose_name = "账号"

    def ready(self) -> None:
        from quanze.base.iam import checks  # noqa: F401  registers the checks
        from quanze.base.iam.sessions import sessions_purge
        from quanze.base.jobs.public import scheduled
        from quanze.base.parameters.public import register_pack

        register_pack(Path(__file__).with_name("packs") / "api_parameters.yaml")
        register_pack(Path(__file__).with_name("packs") / "account_parameters.yaml")
        scheduled("iam.sessions", every=timedelta(hours=1))(sessions_purge)
