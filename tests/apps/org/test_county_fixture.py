"""The shared county is what the other tests take it for."""


def test_everyone_signs_in_as_who_they_are(county, client_of):
    # when
    roles = {login: county.actor(login).roles for login in ("drafter", "justice", "establishment")}

    # then
    assert roles == {"drafter": {"drafter"}, "justice": {"justice"}, "establishment": {"establishment"}}
    assert client_of("drafter").get("/").status_code == 200


def test_reach_of_each_scope(county):
    assert county.actor("drafter").scope.body_ids == {county.bodies["QH-NY"]}
    assert county.actor("establishment").scope.is_all
    assert county.actor("government").scope.covers(county.bodies["QH-HX"])
    assert not county.actor("sysadmin").scope.covers(county.bodies["QH-BB"])
