#!/usr/bin/env bash
# 篡改记录：每一种都须被发现。先在同一进程里抽查一千处（打印 T1、T2），再用不知道内部构造的工具篡改副本。
# 参数：工具抽查的行数（默认 40），进程内抽查的次数（默认 1000）。
set -euo pipefail
cd "$(dirname "$0")/../.."
tool="../shared/blackbox/audit_tamper.py"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
.venv/bin/python tests/blackbox/verify_record.py prepare "$home"
.venv/bin/python tests/blackbox/verify_record.py sample "$home" "${2:-1000}"
[ -f "$tool" ] || { echo "！！！ 项目旁没有黑盒工具，这一半被跳过 ！！！" >&2; exit 0; }
.venv/bin/python "$tool" --sqlite "$home/record.sqlite3" --table audit_factrecord --order id --n "${1:-40}" \
  --verify ".venv/bin/python tests/blackbox/verify_record.py verify $home {path}"
