"""年末：编办汇总、部门核对、编委审定、以文件印发；目录等于截止日现行的清单，之后的公布改不动它。"""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.urls import reverse

from quanze.apps.adjustment.models import CatalogueCheck, YearlyCatalogue
from quanze.apps.adjustment.selectors import yearly as selectors
from quanze.apps.adjustment.services import yearly
from quanze.apps.catalog import public as catalog
from quanze.base.audit import public as audit
from quanze.core.errors import InvalidInput, NotFound, NotPermitted, RulesNotMet, WrongState

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def published(county):
    county.publish()
    return county


def draft(county, login="establishment", cut_off=date(2026, 11, 2), year=2026):
    return yearly.catalogue_draft(actor=county.actor(login), year=year, cut_off=cut_off, now=county.now)


def seen(catalogue_id):
    return YearlyCatalogue.objects.get(pk=catalogue_id).lock_version


@pytest.mark.req("J-43", "J-49", "J-50", "H-20", "H-54")
def test_the_catalogue_of_the_year_is_the_set_in_force_and_stays_so(published, client_of):
    county, office = published, published.actor("establishment")
    catalogue_id = draft(county)
    with pytest.raises(WrongState):
        draft(county)
    assert yearly.catalogue_send(actor=office, catalogue_id=catalogue_id, seen_version=1, now=county.now) == 1

    # The bureau objects, the office answers, the bureau agrees; before that the committee cannot determine.
    check = CatalogueCheck.objects.get()

    def checked(login, verb, remark=""):
        check.refresh_from_db()
        yearly.catalogue_check(
            actor=county.actor(login),
            check_id=check.pk,
            seen_version=check.lock_version,
            verb=verb,
            remark=remark,
            now=county.now,
        )

    checked("drafter", "object", "少一项")
    given = {
        "catalogue_id": catalogue_id,
        "meeting_number": "县编委〔2026〕第5次会议",
        "resolution": "审定通过",
        "now": county.now,
    }
    with pytest.raises(RulesNotMet, match="还有 1 个机构没有核对完：青禾县农业农村局"):
        yearly.catalogue_determine(actor=county.actor("secretary"), seen_version=seen(catalogue_id), **given)
    checked("establishment", "answer", "该项未公布，不列")
    checked("drafter", "confirm")
    yearly.catalogue_determine(actor=county.actor("secretary"), seen_version=seen(catalogue_id), **given)
    digest = yearly.catalogue_issue(
        actor=office,
        catalogue_id=catalogue_id,
        seen_version=seen(catalogue_id),
        document_number="青编发〔2026〕21号",
        issued_on=date(2026, 11, 2),
        now=county.now,
    )

    row = YearlyCatalogue.objects.get()
    lines = selectors.lines_of(row)
    in_force = {one.item_code for one in catalog.list_contents(list_id=county.power_list(), on=row.cut_off)}
    assert (row.state, row.item_count, len(in_force), lines[0].items) == ("issued", 2, 2, 2)
    assert selectors.digest_of(row, lines, row.digest_algorithm) == digest

    # A correction the next day, in force on the cut-off day's text of nobody: the catalogue says what it said.
    later = county.now + timedelta(days=1)
    item = catalog.public_items(on=county.today, list_id=county.power_list())[0]
    version_id = catalog.draft_start(actor=county.actor("drafter"), item_id=item.item_id, now=later)
    catalog.draft_save(
        actor=county.actor("drafter"),
        version_id=version_id,
        seen_version=1,
        content=county.content(item.name, hotline="0000-7654321"),
        change_note="电话改号",
        now=later,
    )
    catalog.correction_publish(
        actor=county.actor("publisher"),
        version_id=version_id,
        seen_version=2,
        document_number="青农发〔2026〕13号",
        issued_on="2026-11-03",
        reason="电话改号",
        now=later,
    )
    again = selectors.lines_of(row)
    assert selectors.digest_of(row, again, row.digest_algorithm) == digest
    steps = Counter(fact.action for fact in audit.history_of("adjustment.catalogue", catalogue_id, scope=office.scope))
    assert steps == {
        "adjustment.catalogue.drafted": 1,
        "adjustment.catalogue.sent": 1,
        "adjustment.catalogue.checked": 2,
        "adjustment.catalogue.answered": 1,
        "adjustment.catalogue.determined": 1,
        "adjustment.catalogue.issued": 1,
    }

    page = client_of("establishment").get(reverse("adjustment:catalogue", args=[catalogue_id])).content.decode()
    assert "青禾县2026年政府部门权责清单目录" in page and digest in page
    book = client_of("establishment").get(reverse("adjustment:catalogue_xlsx", args=[catalogue_id]))
    assert book.status_code == 200 and book.content.startswith(b"PK")
    # Once issued, everybody may read it; before, only the office and the bodies in it.
    assert client_of("forestry").get(reverse("adjustment:catalogue", args=[catalogue_id])).status_code == 200


def test_a_draft_is_seen_by_nobody_outside_and_wrong_days_are_refused(published, client_of):
    county = published
    with pytest.raises(InvalidInput):
        draft(county, cut_off=date(2026, 11, 3))
    with pytest.raises(InvalidInput):
        draft(county, year=2025)
    with pytest.raises(NotPermitted):
        draft(county, login="drafter")
    catalogue_id = draft(county)
    assert client_of("forestry").get(reverse("adjustment:catalogue", args=[catalogue_id])).status_code == 404
    with pytest.raises(NotFound):
        selectors.find(catalogue_id=catalogue_id, actor=county.actor("forestry"))
    yearly.catalogue_send(
        actor=county.actor("establishment"), catalogue_id=catalogue_id, seen_version=1, now=county.now
    )
    check = CatalogueCheck.objects.get()
    answer = client_of("forestry").post(
        reverse("adjustment:catalogue_check", args=[check.pk]),
        {"catalogue_id": catalogue_id, "verb": "confirm", "seen_version": 1},
    )
    assert answer.status_code == 404
    desk = client_of("drafter").get(reverse("adjustment:catalogue", args=[catalogue_id])).content.decode()
    assert "核对本机构的部分" in desk
    done = client_of("drafter").post(
        reverse("adjustment:catalogue_check", args=[check.pk]),
        {"catalogue_id": catalogue_id, "verb": "confirm", "seen_version": 1},
    )
    assert done.status_code == 303
    check.refresh_from_db()
    assert (check.state, check.checked_by_name) == ("confirmed", "陈耕")
