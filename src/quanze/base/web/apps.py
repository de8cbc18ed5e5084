from datetime import timedelta

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "quanze.base.web"
    label = "web"
    verbose_name = "页面基础"

    def ready(self) -> None:
        from quanze.base.jobs.public import scheduled
        from quanze.base.web.idempotency import idempotency_prune

        scheduled("web.idempotency", every=timedelta(hours=6))(idempotency_prune)
