"""动态调整的地址。Mounted by the portal at ``adjustments/``."""

from django.urls import path

from quanze.apps.adjustment.web.views import adjusting, dependants, filings, opening, yearly

app_name = "adjustment"
urlpatterns = [
    path("", opening.adjustment_list, name="adjustments"),
    path("new/", opening.trigger_new, name="trigger_new"),
    path("open/", opening.trigger_open, name="trigger_open"),
    path("merge/", opening.merge_new, name="merge_new"),
    path("merge/start/", opening.merge_start, name="merge_start"),
    path("<int:adjustment_id>/", adjusting.adjustment_page, name="adjustment"),
    path("<int:adjustment_id>/plan/<int:plan_id>/", adjusting.item_plan, name="item_plan"),
    path("<int:adjustment_id>/items/add/", adjusting.item_add, name="item_add"),
    path("<int:adjustment_id>/items/reject/", adjusting.candidate_reject, name="candidate_reject"),
    path("<int:adjustment_id>/apply/", adjusting.adjustment_apply, name="adjustment_apply"),
    path("<int:adjustment_id>/declare/", adjusting.declare_unaffected, name="declare_unaffected"),
    path("<int:adjustment_id>/declaration/confirm/", adjusting.declaration_confirm, name="declaration_confirm"),
    path("<int:adjustment_id>/declaration/reject/", adjusting.declaration_reject, name="declaration_reject"),
    path("<int:adjustment_id>/pause/", adjusting.adjustment_pause, name="adjustment_pause"),
    path("<int:adjustment_id>/resume/", adjusting.adjustment_resume, name="adjustment_resume"),
    path("<int:adjustment_id>/cancel/", adjusting.adjustment_cancel, name="adjustment_cancel"),
    path("items/<int:item_id>/fragment/", adjusting.item_fragment, name="item_fragment"),
    path("dependants/", dependants.dependant_list, name="dependants"),
    path("dependants/<int:change_id>/", dependants.dependant_page, name="dependant"),
    path("dependants/<int:change_id>/settle/", dependants.dependant_settle, name="dependant_settle"),
    path("years/", yearly.catalogue_list, name="catalogues"),
    path("years/draft/", yearly.catalogue_draft, name="catalogue_draft"),
    path("years/<int:catalogue_id>/", yearly.catalogue_page, name="catalogue"),
    path("years/<int:catalogue_id>/list.xlsx", yearly.catalogue_xlsx, name="catalogue_xlsx"),
    path("years/<int:catalogue_id>/send/", yearly.catalogue_send, name="catalogue_send"),
    path("years/<int:catalogue_id>/recall/", yearly.catalogue_recall, name="catalogue_recall"),
    path("years/<int:catalogue_id>/determine/", yearly.catalogue_determine, name="catalogue_determine"),
    path("years/<int:catalogue_id>/issue/", yearly.catalogue_issue, name="catalogue_issue"),
    path("years/checks/<int:check_id>/", yearly.catalogue_check, name="catalogue_check"),
    path("filings/", filings.filing_list, name="filings"),
    path("filings/new/", filings.filing_new, name="filing_new"),
    path("filings/make/", filings.filing_make, name="filing_make"),
    path("filings/<int:filing_id>/", filings.filing_page, name="filing"),
    path("filings/<int:filing_id>/accept/", filings.filing_accept, name="filing_accept"),
    path("filings/<int:filing_id>/send-back/", filings.filing_send_back, name="filing_send_back"),
    path("filings/<int:filing_id>/refile/", filings.filing_refile, name="filing_refile"),
    path("filings/<int:filing_id>/withdraw/", filings.filing_withdraw, name="filing_withdraw"),
]
