"""后台计分。"""

from __future__ import annotations

from quanze.apps.evaluation.services.scoring import COMPUTE_JOB, round_compute
from quanze.base.jobs.public import JobContext, job_handler


@job_handler(COMPUTE_JOB)
def compute(context: JobContext, *, round_id: int) -> dict[str, object]:
    """计一轮的分；取数可以重做，入库只由持有租约的一次完成。"""

    def progress(done: int, total: int, message: str) -> None:
        context.stop_if_cancelled()
        context.progress(done, total, message)

    view = round_compute(
        actor=context.actor,
        round_id=round_id,
        now=context.now(),
        progress=progress,
        commit=context.transaction,
    )
    return {"round_id": view.id, "digest": view.digest, "bodies": view.bodies}
