#!/usr/bin/env bash
# 并发：每一步只有一个办成，没有丢失的修改，读到的都是活的值（RELIABILITY C1、C2、C3）。
# 参数（环境变量）：CLIENTS 同时的客户（默认 64）、ROUNDS 每个客户改几次（默认 20；C3 要一万次操作时取 80）、LINES 走几遍送审（默认 5）、DISCARDS 放弃几份草稿（默认 20）。
. "$(dirname "$0")/common.bash"
need_tool race_check.py
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json" "$((${DISCARDS:-20} + 2))"
serve
.venv/bin/python tests/blackbox/races.py "$base" "$home/county.json" "$tools/race_check.py" "$database" \
  "${CLIENTS:-64}" "${ROUNDS:-20}" "${LINES:-5}" "${DISCARDS:-20}" || { tail -5 "$home/server.log" >&2; exit 1; }
if grep -q "Traceback" "$home/server.log"; then grep -A25 -m1 "Traceback" "$home/server.log" >&2; exit 1; fi
