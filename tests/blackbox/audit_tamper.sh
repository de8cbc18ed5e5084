#!/usr/bin/env bash
# 用不知道内部构造的工具篡改记录的副本：每一种都须被发现。参数：抽查的行数（默认 40）。
set -euo pipefail
cd "$(dirname "$0")/../.."
tool="../shared/blackbox/audit_tamper.py"
[ -f "$tool" ] || { echo "！！！ 项目旁没有黑盒工具，篡改检查被跳过 ！！！" >&2; exit 0; }
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
.venv/bin/python tests/blackbox/verify_record.py prepare "$home"
.venv/bin/python "$tool" --sqlite "$home/record.sqlite3" --table audit_factrecord --order id --n "${1:-40}" \
  --verify ".venv/bin/python tests/blackbox/verify_record.py verify $home {path}"
