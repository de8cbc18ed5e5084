"""人员与机构的地址，挂在 /staff/。"""

from django.urls import path
from django.views.generic import RedirectView

from quanze.apps.org.web.views import bodies, changes, delegations, handovers, people

app_name = "staff"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="staff:people", query_string=True), name="start"),
    path("people/", people.person_list, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/create/", people.person_create, name="person_create"),
    path("people/<int:user_id>/", people.person_page, name="person"),
    path("people/<int:user_id>/link/", people.link_issue, name="link_issue"),
    path("people/<int:user_id>/disable/", people.person_disable, name="person_disable"),
    path("people/<int:user_id>/enable/", people.person_enable, name="person_enable"),
    path("people/<int:user_id>/sessions/end/", people.sessions_end, name="sessions_end"),
    path("people/<int:user_id>/unlock/", people.person_unlock, name="person_unlock"),
    path("people/<int:user_id>/appointments/new/", people.appointment_new, name="appointment_new"),
    path("people/<int:user_id>/appointments/create/", people.appointment_create, name="appointment_create"),
    path("people/<int:user_id>/hand-over/", handovers.hand_over_new, name="hand_over_new"),
    path("people/<int:user_id>/hand-over/make/", handovers.hand_over_make, name="hand_over_make"),
    path("appointments/<int:appointment_id>/stop/", people.appointment_stop, name="appointment_stop"),
    path("appointments/<int:appointment_id>/end/", people.appointment_end, name="appointment_end"),
    path("appointments/<int:appointment_id>/roles/", changes.roles_ask, name="roles_ask"),
    path("appointments/<int:appointment_id>/roles/request/", changes.roles_request, name="roles_request"),
    path("changes/", changes.change_list, name="changes"),
    path("changes/<int:change_id>/", changes.change_page, name="change"),
    path("changes/<int:change_id>/decide/", changes.change_decide, name="change_decide"),
    path("changes/<int:change_id>/withdraw/", changes.change_withdraw, name="change_withdraw"),
    path("seats/", changes.seat_list, name="seats"),
    path("seats/change/", changes.seat_ask, name="seat_ask"),
    path("seats/request/", changes.seat_request, name="seat_request"),
    path("roles/", changes.role_table, name="roles"),
    path("bodies/", bodies.body_list, name="bodies"),
    path("bodies/new/", bodies.body_new, name="body_new"),
    path("bodies/create/", bodies.body_create, name="body_create"),
    path("bodies/<int:body_id>/", bodies.body_page, name="body"),
    path("bodies/<int:body_id>/edit/", bodies.body_edit, name="body_edit"),
    path("bodies/<int:body_id>/change/", bodies.body_change, name="body_change"),
    path("bodies/<int:body_id>/divisions/new/", bodies.division_new, name="division_new"),
    path("bodies/<int:body_id>/divisions/create/", bodies.division_create, name="division_create"),
    path("bodies/<int:body_id>/posts/new/", bodies.post_new, name="post_new"),
    path("bodies/<int:body_id>/posts/create/", bodies.post_create, name="post_create"),
    path("delegations/", delegations.delegation_list, name="delegations"),
    path("delegations/new/", delegations.delegation_new, name="delegation_new"),
    path("delegations/create/", delegations.delegation_create, name="delegation_create"),
    path("delegations/<int:delegation_id>/end/", delegations.delegation_end, name="delegation_end"),
    path("hand-overs/", handovers.hand_over_list, name="hand_overs"),
    path("hand-overs/<int:hand_over_id>/", handovers.hand_over_page, name="hand_over"),
]
