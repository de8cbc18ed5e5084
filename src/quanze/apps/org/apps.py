from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "quanze.apps.org"
    label = "org"
    verbose_name = "机构"

    def ready(self):
        from quanze.apps.org.web import registrations

        registrations.register()
