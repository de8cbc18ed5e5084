#!/usr/bin/env bash
# 在一个临时的私有 PostgreSQL 集群上执行所给的命令；机器上没有 PostgreSQL 时说明并跳过。
set -euo pipefail

loud_skip() {
  echo "！！！ $1：PostgreSQL 上的测试被跳过 ！！！" >&2
  exit 0
}

bin=""
for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V -r) "$(pg_config --bindir 2>/dev/null || true)"; do
  if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
    bin="$folder"
    break
  fi
done
[ -n "$bin" ] || loud_skip "没有 PostgreSQL 程序（apt-get install postgresql 后再试）"

# The server refuses to run as root.
as_server=()
if [ "$(id -u)" = 0 ]; then
  id postgres >/dev/null 2>&1 || loud_skip "以 root 运行而没有 postgres 用户"
  as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups)
fi

home="$(mktemp -d "${TMPDIR:-/tmp}/quanze-pg.XXXXXX")"
[ "$(id -u)" = 0 ] && chown postgres "$home"
chmod 755 "$home"
stop() {
  (cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$home/data" -m immediate stop >/dev/null 2>&1) || true
  rm -rf "$home"
}
trap stop EXIT
trap 'exit 130' INT TERM

(cd / && "${as_server[@]}" "$bin/initdb" -D "$home/data" -U quanze --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$home/initdb.log" 2>&1) \
  || { cat "$home/initdb.log" >&2; exit 1; }
(cd / && "${as_server[@]}" "$bin/pg_ctl" -D "$home/data" -w -l "$home/data/server.log" \
  -o "-c listen_addresses='' -c unix_socket_directories='$home' -c fsync=off -c synchronous_commit=off -c max_connections=300" start >/dev/null) \
  || { cat "$home/data/server.log" >&2; exit 1; }

export QUANZE_TEST_DATABASE=postgres PGHOST="$home" PGPORT=5432 PGUSER=quanze
"$@"
