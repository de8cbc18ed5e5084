from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "quanze.apps.catalog"
    label = "catalog"
    verbose_name = "权责清单"
