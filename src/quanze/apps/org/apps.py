from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "quanze.apps.org"
    label = "org"
    verbose_name = "机构"

    def ready(self):
        from quanze.apps.org.services.seats import require_last_remains
        from quanze.apps.org.web import registrations
        from quanze.base.files.public import register_purpose
        from quanze.base.iam import public as iam

        registrations.register()
        register_purpose("org.mandate", "三定规定", kinds=("docx", "xls", "xlsx"))
        # What switches an account off lies below; that the last of the three administrators stays is known here.
        iam.register_disable_guard(require_last_remains)
