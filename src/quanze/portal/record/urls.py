"""记录的地址。Mounted by the portal at ``record/``."""

from django.urls import path

from quanze.portal.archive import pages as archive
from quanze.portal.record import exporting, pages, verifying

app_name = "record"
urlpatterns = [
    path("", pages.fact_list, name="facts"),
    path("<int:fact_id>/", pages.fact_page, name="fact"),
    # The id of a subject may have strokes of its own (a score of the record is "7/1.6").
    path("subject/<str:kind>/<path:id>/recent/", pages.subject_fragment, name="subject_fragment"),
    path("subject/<str:kind>/<path:id>/", pages.subject_page, name="subject"),
    path("accesses/", pages.access_list, name="accesses"),
    path("verification/", verifying.verification_page, name="verification"),
    path("verification/start/", verifying.verification_start, name="verification_start"),
    path("export/", exporting.facts_export, name="facts_export"),
    path("exports/", exporting.export_list, name="exports"),
    path("exports/<int:job_id>/file/", exporting.export_download, name="export_download"),
    path("archives/<str:kind>/<int:id>/", archive.archive_page, name="archive"),
    path("archives/<str:kind>/<int:id>/make/", archive.archive_make, name="archive_make"),
    path("archives/<str:kind>/<int:id>/<int:file_id>/file/", archive.archive_download, name="archive_download"),
]
