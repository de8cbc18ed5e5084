from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "quanze.apps.org"
    label = "org"
    verbose_name = "机构"
