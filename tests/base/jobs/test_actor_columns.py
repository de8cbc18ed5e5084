"""任务以提交时的身份执行：代谁办理也要带到。"""

from quanze.base.jobs.context import actor_columns, actor_from
from quanze.core.actor import Actor, Scope


def test_an_actor_comes_back_as_he_was_with_whom_he_stands_in_for():
    actor = Actor(
        user_id=3,
        name="何明",
        body_id=2,
        body_name="县农业农村局",
        post="局长",
        roles=frozenset({"head"}),
        scope=Scope(frozenset({2})),
        appointment_id=7,
        on_behalf_of="郑重",
        on_behalf_of_id=5,
    )
    assert actor_from(actor_columns(actor)) == actor


def test_a_job_of_an_earlier_release_is_still_understood():
    columns = actor_columns(Actor(user_id=3, name="何明"))
    for key in ("appointment_id", "on_behalf_of", "on_behalf_of_id"):
        del columns[key]
    assert actor_from(columns) == Actor(user_id=3, name="何明")
