# 黑盒检查的共同准备：找到工具，没有则明说跳过；临时数据目录；有 PostgreSQL 时另建一个库。被各脚本引入，不单独执行。
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root="$PWD"
tools="$root/../shared/blackbox"
need_tool() {
  [ -f "$tools/$1" ] || { echo "！！！ 项目旁没有黑盒工具 $1，这项检查被跳过 ！！！" >&2; exit 0; }
}
need_tool bb.py
home="$(mktemp -d "${TMPDIR:-/tmp}/quanze-blackbox.XXXXXX")"
database="${QUANZE_TEST_DATABASE:-sqlite}"
export DJANGO_SETTINGS_MODULE=served_settings PYTHONPATH="$root/src:$root/tests/blackbox:$root/tests"
export QUANZE_DATA_DIR="$home/data"
if [ "$database" = postgres ]; then
  export QUANZE_BLACKBOX_DATABASE="blackbox_$$"
  psql -q -h "$PGHOST" -p "$PGPORT" -U "$PGUSER" -d postgres -c "CREATE DATABASE $QUANZE_BLACKBOX_DATABASE"
fi
server=""
clear_away() {
  [ -z "$server" ] || kill -9 -- "-$server" 2>/dev/null || true
  [ -z "${KEEP_LOG:-}" ] || cp "$home/server.log" "$KEEP_LOG" || true
  rm -rf "$home"
}
trap clear_away EXIT
trap 'exit 130' INT TERM
free_port() {
  .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
port="$(free_port)"
base="http://127.0.0.1:$port"
# Starts the product in a process group of its own and waits until it answers.
serve() {
  set -m
  tests/blackbox/serve.bash "$port" >>"$home/server.log" 2>&1 &
  server=$!
  set +m
  for _ in $(seq 150); do
    if .venv/bin/python -c "import urllib.request as u; u.urlopen('$base/login/', timeout=2)" 2>/dev/null; then return; fi
    sleep 0.2
  done
  echo "网页服务没有回答" >&2
  tail -20 "$home/server.log" >&2
  exit 1
}
