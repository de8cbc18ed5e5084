"""后台任务的公共入口。"""

from quanze.base.jobs.context import JobCancelled, JobContext, LeaseLost
from quanze.base.jobs.registry import job_handler, scheduled
from quanze.base.jobs.selectors import JobView, job_view, jobs_by_state, jobs_of, last_tick
from quanze.base.jobs.services import enqueue, job_cancel, run_now, tick
from quanze.base.jobs.worker import run_worker

__all__ = [
    "JobCancelled",
    "JobContext",
    "JobView",
    "LeaseLost",
    "enqueue",
    "job_cancel",
    "job_handler",
    "job_view",
    "jobs_by_state",
    "jobs_of",
    "last_tick",
    "run_now",
    "run_worker",
    "scheduled",
    "tick",
]
