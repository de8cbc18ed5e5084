#!/usr/bin/env bash
# 接口报送之中反复 SIGKILL：确认过的一条不丢、一条不重、没有半批（RELIABILITY I1、I3）。
# 参数（环境变量）：KILLS 次数（默认 100）、BATCH 每批条数（默认 400）、WORKERS 报送的线程（默认 4）、LONGEST 两次之间最长秒数（默认 1.2）。
. "$(dirname "$0")/common.bash"
need_tool kill9_ingest.py
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
read_json() { .venv/bin/python -c "import json,sys; d=json.load(open('$home/county.json')); print($1)"; }
token="$(read_json "d['keys']['drafter']")"
serve
.venv/bin/python tests/blackbox/ingest_rate.py "$base" "$token" "$(read_json "d['item']")" "$database" "${RATE_BATCHES:-40}"
kill -9 -- "-$server"; wait "$server" 2>/dev/null || true; server=""
# The rate was measured with events of its own; the check below starts from nothing.
rm -rf "$home/data"
if [ "$database" = postgres ]; then
  export QUANZE_BLACKBOX_DATABASE="blackbox_k_$$"
  psql -q -h "$PGHOST" -p "$PGPORT" -U "$PGUSER" -d postgres -c "CREATE DATABASE $QUANZE_BLACKBOX_DATABASE"
fi
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
token="$(read_json "d['keys']['drafter']")"
cat >"$home/body.json" <<J
{"event": {"event_id": "@ID@", "case_id": "@ID@", "step_no": 1, "step_code": "受理", "item_code": "$(read_json "d['item']")",
  "body_code": "QH-NY", "occurred_at": "2026-11-03T09:30:00+08:00"}, "body": {"events": "@EVENTS@"}}
J
.venv/bin/python "$tools/kill9_ingest.py" --start "exec tests/blackbox/serve.bash $port" --base "$base" --health /login/ \
  --post /api/v1/events --ids-cmd ".venv/bin/python tests/blackbox/stored_ids.py" --template "$home/body.json" \
  --header "Authorization: Bearer $token" --kills "${KILLS:-100}" --batch "${BATCH:-400}" --workers "${WORKERS:-4}" \
  --min-s 0.1 --max-s "${LONGEST:-1.2}" --log "$home/server.log" | tee "$home/result.txt" || failed=1
grep -q '^{' "$home/result.txt" || { tail -20 "$home/server.log" >&2; exit 1; }
.venv/bin/python tests/blackbox/ingest_rate.py --report "$home/result.txt" "$database"
# What the product says it has received must be what the data holds, once everything is in the files.
.venv/bin/python tests/blackbox/reconcile.py
exit "${failed:-0}"
