#!/usr/bin/env bash
# 响应头、Cookie、方法、出错页（RELIABILITY H1）：以生产设置、真的 HTTPS 运行，公开页与登录后的页都查。
. "$(dirname "$0")/common.bash"
need_tool http_hygiene.py
export DJANGO_SETTINGS_MODULE=quanze.conf.production QUANZE_DB=sqlite QUANZE_ALLOWED_HOSTS=127.0.0.1 QUANZE_CITY_NAME=青禾县
QUANZE_SECRET_KEY="$(.venv/bin/python -c 'import secrets; print(secrets.token_urlsafe(60))')"
export QUANZE_SECRET_KEY
mkdir -p "$QUANZE_DATA_DIR"
.venv/bin/python tests/blackbox/prepare_county.py "$home/county.json"
.venv/bin/python -m django collectstatic --noinput -v0
.venv/bin/python tests/blackbox/sign_in.py drafter >"$home/cookie"
.venv/bin/python tests/blackbox/certificate.py "$home"
set -m
.venv/bin/python -m granian --interface wsgi --host 127.0.0.1 --port "$port" --workers 1 --blocking-threads 4 --no-ws \
  --ssl-certificate "$home/cert.pem" --ssl-keyfile "$home/key.pem" --log-level warning quanze.conf.wsgi:application >>"$home/server.log" 2>&1 &
server=$!
set +m
base="https://127.0.0.1:$port"
for _ in $(seq 150); do
  .venv/bin/python -c "import ssl, urllib.request as u; u.urlopen('$base/healthz', timeout=2, context=ssl._create_unverified_context())" 2>/dev/null && break
  sleep 0.2
done
list="$(.venv/bin/python -c "import json; print(json.load(open('$home/county.json'))['list'])")"
.venv/bin/python "$tools/http_hygiene.py" "$base" --public /public/ --public /login/ --public "/public/bodies/QH-NY/" \
  --private / --private "/lists/$list/" --private /messages/ --header "Cookie: $(cat "$home/cookie")" | tee "$home/result.txt" || failed=1
echo "FIGURE H1 $(grep -v '^ *$' "$home/result.txt" | tail -1)"
exit "${failed:-0}"
