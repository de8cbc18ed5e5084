#!/usr/bin/env bash
# 访问矩阵（RELIABILITY A1、A2）：接口的每个操作、各角色、本机构与外机构的对象；外单位的与没有的回答相同，名单里没有外单位的字。
. "$(dirname "$0")/common.bash"
need_tool idor_matrix.py
.venv/bin/python tests/blackbox/access_matrix.py prepare "$home/county.json"
serve
.venv/bin/python tests/blackbox/access_matrix.py "$base" "$home/county.json" "$tools/idor_matrix.py" "$home"
[ -z "${KEEP_OUT:-}" ] || cp -r "$home/bodies" "$home/accounts" "$KEEP_OUT"
