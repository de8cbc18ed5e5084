from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "quanze.warehouse"
    label = "warehouse"
    verbose_name = "数据仓"
