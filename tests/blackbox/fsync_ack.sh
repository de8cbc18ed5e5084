#!/usr/bin/env bash
# 断电：每一次确认之前都有一次落盘（RELIABILITY I4）。参数（环境变量）：WRITES 写几次（默认 30）。
# 工具的事件形式是写死的，由 event_shape.py 转接；服务与转接同在 strace 之下，转接不落盘，也不读数据。
. "$(dirname "$0")/common.bash"
need_tool fsync_ack.py
command -v strace >/dev/null || { echo "！！！ 没有 strace，落盘检查被跳过（apt-get install strace 后再试） ！！！" >&2; exit 0; }
if [ "$database" = postgres ]; then
  echo "！！！ 临时的 PostgreSQL 集群为求快关了 fsync，落盘检查只在 SQLite 上有意义，这里跳过 ！！！" >&2
  exit 0
fi
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
listen="$(free_port)"
# No worker here: its own syncs (seals, schedules) would hide an acknowledgement without one.
export QUANZE_BLACKBOX_NO_WORKER=1
.venv/bin/python "$tools/fsync_ack.py" --base "http://127.0.0.1:$listen" --health /login/ --post /api/v1/events --n "${WRITES:-30}" \
  --start ".venv/bin/python tests/blackbox/event_shape.py $listen $port $home/county.json tests/blackbox/serve.bash $port" \
  | tee "$home/result.txt" || failed=1
.venv/bin/python - "$home/result.txt" <<'P'
import json, sys

lines = [line for line in open(sys.argv[1]) if line.startswith("{")]
found = json.loads(lines[0]) if lines else {}
print(f"FIGURE I4 sqlite 接口：写 {found.get('writes')} 次，未成功 {found.get('non_2xx')} 次，落盘 {found.get('sync_calls')} 次，未落盘便确认 {found.get('acks_without_sync')} 次")
P
exit "${failed:-0}"
