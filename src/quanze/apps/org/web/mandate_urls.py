"""三定规定的地址。Mounted by the portal at ``mandates/``."""

from django.urls import path

from quanze.apps.org.web.views import mandates

app_name = "mandates"
urlpatterns = [
    path("", mandates.mandate_list, name="list"),
    path("new/", mandates.mandate_new, name="new"),
    path("create/", mandates.mandate_create, name="create"),
    path("<int:version_id>/", mandates.mandate_page, name="version"),
    path("<int:version_id>/part/", mandates.mandate_part, name="part"),
    path("<int:version_id>/adopt/", mandates.mandate_adopt, name="adopt"),
    path("<int:version_id>/discard/", mandates.mandate_discard, name="discard"),
]
