#!/usr/bin/env bash
# 起网页服务与后台任务，同在一个进程组，一个 SIGKILL 全部结束（quanze run 的子进程各成一组，杀不干净便不算数）。用法：serve.bash 端口
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -n "${QUANZE_BLACKBOX_NO_WORKER:-}" ] || .venv/bin/python -m quanze.portal.cli jobs work &
exec .venv/bin/python -m granian --interface wsgi --host 127.0.0.1 --port "$1" --workers "${QUANZE_BLACKBOX_WORKERS:-1}" \
  --blocking-threads "${QUANZE_BLACKBOX_THREADS:-4}" --backlog 1024 --no-ws --log-level warning quanze.conf.wsgi:application
