#!/usr/bin/env bash
# 磁盘写满（RELIABILITY I5）：拒绝说得清（507），查阅照常，腾出空间后不重启即恢复，重启后一条不少。须 root（挂 tmpfs）。
. "$(dirname "$0")/common.bash"
need_tool diskfull.py
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs -o size=1m tmpfs "$(mkdir -p "$home/probe" && echo "$home/probe")" 2>/dev/null; then
  echo "！！！ 不能挂载 tmpfs（须 root），磁盘写满检查被跳过 ！！！" >&2
  exit 0
fi
umount "$home/probe"
[ "$database" = sqlite ] || { echo "磁盘写满检查只在 SQLite 上做：PostgreSQL 的数据目录不在本处"; exit 0; }
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
read_json() { .venv/bin/python -c "import json; d=json.load(open('$home/county.json')); print($1)"; }
.venv/bin/python tests/blackbox/diskfull_adapter.py --port "$(free_port)" --tool "$tools/diskfull.py" --data "$QUANZE_DATA_DIR" \
  --token "$(read_json "d['keys']['drafter']")" --item "$(read_json "d['item']")" | tee "$home/result.txt" || failed=1
echo "FIGURE I5 $(grep -v '^ *$' "$home/result.txt" | tail -1)"
exit "${failed:-0}"
