#!/usr/bin/env bash
# 恶意文件与恶意文字（RELIABILITY B1）：每一个都有稳定的代码、说得清的话，没有 5xx，没有泄漏，内存不涨，服务活着。
# 标准答案与本产品不同之处在 corpus_oracle.py 里逐条写明。
# 参数（环境变量）：ONLY 只查名称合乎此式的文件；BOMB_MIB（默认 128）、BIG_ROWS（默认 120000）生成多大；PART=files 或 text 只做一半。
. "$(dirname "$0")/common.bash"
need_tool upload_corpus.py
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
read_json() { .venv/bin/python -c "import json; d=json.load(open('$home/county.json')); print($1)"; }
cat >"$home/profile.json" <<J
{"headers": ["办件编号", "机构编码", "事项标识", "发生时间", "环节", "环节序号"],
 "row": ["EV-000001", "QH-NY", "$(read_json "d['item']")", "2026-11-03 09:30:00", "现场检查企业一家", 1]}
J
.venv/bin/python "$tools/gen_hostile.py" "$home/corpus" --bomb-mib "${BOMB_MIB:-128}" --big-rows "${BIG_ROWS:-120000}" --profile "$home/profile.json"
.venv/bin/python tests/blackbox/corpus_oracle.py "$home/corpus"
export QUANZE_SECOND_FACTOR=off  # the people of the county sign in without a device here
serve
doors="$(free_port)"
.venv/bin/python tests/blackbox/upload_doors.py "$doors" "$base" "$home/county.json" >>"$home/doors.log" 2>&1 &
doors_pid=$!
for _ in $(seq 150); do
  .venv/bin/python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:$doors/healthz', timeout=2)" 2>/dev/null && break
  sleep 0.3
done
cat >"$home/targets.json" <<J
{"base": "http://127.0.0.1:$doors", "health": "/healthz", "code_field": "code", "accept": [200, 201, 202], "targets": {
  "excel": {"path": "/run", "field": "file", "fields": {"mapping": "quanze-events"}, "poll": "status_url"},
  "csv": {"path": "/run", "field": "file", "fields": {"mapping": "quanze-events"}, "poll": "status_url"},
  "json": {"path": "/events", "raw": "application/json"},
  "json+gzip": {"path": "/events", "raw": "application/json", "encoding": "gzip"},
  "attachment": {"path": "/scan", "field": "paper_file",
    "fields": {"verb": "send_back", "opinion": "按签批意见修改", "paper_signed_by": "郑重", "paper_signed_on": "2026-11-02"}}}}
J
[ "${PART:-files}" != files ] || .venv/bin/python "$tools/upload_corpus.py" "$home/corpus" "$home/targets.json" --pid "$server" \
  --out "$home/out.json" ${ONLY:+--only "$ONLY"} | tee "$home/files.txt" || failed=1
[ -z "${KEEP_OUT:-}" ] || cp "$home/out.json" "$home/doors.log" "$KEEP_OUT" 2>/dev/null || true
[ "${PART:-text}" != text ] || .venv/bin/python tests/blackbox/text_payloads.py "$base" "$home/corpus/text_payloads.json" \
  "$(read_json "d['keys']['drafter']")" "$(read_json "d['list']")" | tee "$home/texts.txt" || failed=1
kill "$doors_pid" 2>/dev/null || true
echo "FIGURE B1 文件 $(head -1 "$home/files.txt" 2>/dev/null || echo 未查)；文字 $(head -1 "$home/texts.txt" 2>/dev/null || echo 未查)"
exit "${failed:-0}"
