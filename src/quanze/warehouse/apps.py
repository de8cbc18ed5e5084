from django.apps import AppConfig


class WarehouseConfig(AppConfig):
    name = "quanze.warehouse"
    label = "warehouse"
    verbose_name = "数据仓"

    def ready(self) -> None:
        from quanze.base.backup.public import FileStore, register_store
        from quanze.warehouse.keeping import paths_in_use, root

        register_store(FileStore("warehouse", "数据仓文件", root, paths_in_use))
