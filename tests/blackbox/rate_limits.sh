#!/usr/bin/env bash
# 锁定与限频（RELIABILITY R1）：登录按账号也按地址，接口按密钥，公开检索按来处。
. "$(dirname "$0")/common.bash"
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
serve
.venv/bin/python tests/blackbox/rate_limits.py "$base" "$home/county.json"
