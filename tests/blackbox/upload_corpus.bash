#!/usr/bin/env bash
# 恶意文件与恶意文字（RELIABILITY B1）：每一个都有稳定的代码、说得清的话，没有 5xx，没有泄漏，内存不涨，服务活着。
# 尚未列入 make blackbox（名为 .bash）：还没有在空闲的机器上跑过一遍。
# 参数（环境变量）：ONLY 只查名称合乎此式的文件；BOMB_MIB（默认 128）、BIG_ROWS（默认 120000）生成多大。
. "$(dirname "$0")/common.bash"
need_tool upload_corpus.py
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
read_json() { .venv/bin/python -c "import json; d=json.load(open('$home/county.json')); print($1)"; }
.venv/bin/python "$tools/gen_hostile.py" "$home/corpus" --bomb-mib "${BOMB_MIB:-128}" --big-rows "${BIG_ROWS:-120000}" >/dev/null
serve
doors="$(free_port)"
.venv/bin/python tests/blackbox/upload_doors.py "$doors" "$base" drafter "$(read_json "d['list']")" >>"$home/doors.log" 2>&1 &
doors_pid=$!
for _ in $(seq 150); do
  .venv/bin/python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$doors/healthz', timeout=2)" 2>/dev/null && break
  sleep 0.3
done
cat >"$home/targets.json" <<J
{"base": "http://127.0.0.1:$doors", "health": "/healthz", "code_field": "code", "accept": [200, 201, 202],
 "targets": {"excel": {"path": "/excel", "field": "file"}, "csv": {"path": "/excel", "field": "file"},
   "attachment": {"path": "/attachment", "field": "paper_file"}}}
J
echo "B1"
.venv/bin/python "$tools/upload_corpus.py" "$home/corpus" "$home/targets.json" --pid "$server" --out "$home/out.json" ${ONLY:+--only "$ONLY"} || failed=1
.venv/bin/python tests/blackbox/text_payloads.py "$base" "$home/corpus/text_payloads.json" "$(read_json "d['keys']['drafter']")" "$(read_json "d['list']")" || failed=1
kill "$doors_pid" 2>/dev/null || true
exit "${failed:-0}"
