from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "quanze.base.calendar"
    label = "calendar"
    verbose_name = "工作日历"

    def ready(self) -> None:
        from quanze.base.audit.public import register_action

        register_action("calendar.year.imported", "登记年度放假安排")
