#!/usr/bin/env bash
# 备份恢复演练（RELIABILITY D1）：运行中备份，改一个字节的被拒，恢复进空处，总账一致，核验与启动都行；再在不停写入时备份一次。
. "$(dirname "$0")/common.bash"
need_tool drill.py
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json" 200
.venv/bin/python -m quanze.portal.cli audit seal
restored='{"QUANZE_DATA_DIR": "'"$home"'/restored"}'
scratch='{"QUANZE_DATA_DIR": "'"$home"'/scratch"}'
if [ "$database" = postgres ]; then
  for name in r s; do psql -q -h "$PGHOST" -p "$PGPORT" -U "$PGUSER" -d postgres -c "CREATE DATABASE blackbox_$$_$name"; done
  restored='{"QUANZE_DATA_DIR": "'"$home"'/restored", "QUANZE_BLACKBOX_DATABASE": "blackbox_'$$'_r"}'
  scratch='{"QUANZE_DATA_DIR": "'"$home"'/scratch", "QUANZE_BLACKBOX_DATABASE": "blackbox_'$$'_s"}'
fi
quanze=".venv/bin/python -m quanze.portal.cli"
cat >"$home/drill.json" <<J
{"env": {"QUANZE_DATA_DIR": "$QUANZE_DATA_DIR"}, "env_restore": $restored, "env_scratch": $scratch,
 "start": "exec .venv/bin/python -m granian --interface wsgi --host 127.0.0.1 --port $port --workers 1 --blocking-threads 2 --no-ws --log-level warning quanze.conf.wsgi:application",
 "base": "$base", "health": "/healthz", "digest": "$quanze digest", "backup": "$quanze backup {out}", "restore": "$quanze restore {out}",
 "verify": ["$quanze audit verify", "$quanze check-setup"]}
J
TMPDIR="$home" .venv/bin/python "$tools/drill.py" "$home/drill.json" | tee "$home/result.txt" || failed=1
echo "FIGURE D1 $database $(grep -v '^ *$' "$home/result.txt" | tail -1)"
exit "${failed:-0}"
