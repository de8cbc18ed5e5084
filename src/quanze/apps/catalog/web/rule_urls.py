"""检查规则说明的地址。Mounted by the portal at ``rules/``."""

from django.urls import path

from quanze.apps.catalog.web.views import rules

app_name = "rules"
urlpatterns = [
    path("", rules.rule_list, name="rules"),
    path("<str:code>/", rules.rule_page, name="rule"),
]
