# 权责 · 常用命令。Needs Debian/Ubuntu with Python ≥ 3.11, python3-venv and make; everything else is brought by these targets.
#   make run    安装、迁移、装入示范市（首次）、启动服务与后台任务（换端口：make run PORT=8001）
#   make test   检查与全部测试
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet --no-compile --require-hashes

# A stamp carries the digest of the locks: a changed lock installs again, an unchanged one costs nothing.
RUN_STAMP := $(VENV)/.run-$(shell cat requirements/run.txt | sha256sum | cut -c1-16)
DEV_STAMP := $(VENV)/.dev-$(shell cat requirements/run.txt requirements/dev.txt | sha256sum | cut -c1-16)
TESTS ?= tests
WORKERS ?= 2

.PHONY: run setup setup-dev assets test lint types unit browser browser-deps postgres bench blackbox requirements docs clean

run: setup assets
	exec $(BIN)/quanze run$(if $(PORT), --port $(PORT))

setup: $(RUN_STAMP)
setup-dev: $(DEV_STAMP)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python ≥ 3.11（可用 make PYTHON=python3.12 指定）" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "缺少 venv：请先安装系统软件包 python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): requirements/run.txt | $(BIN)/python
	@echo "安装运行所需的软件包（按锁定的摘要）……"
	$(PIP) -r requirements/run.txt
	@$(BIN)/python .ci/link.py
	@rm -f $(VENV)/.run-*; touch $@

$(DEV_STAMP): requirements/dev.txt $(RUN_STAMP)
	@echo "安装测试所需的软件包（按锁定的摘要）……"
	$(PIP) -r requirements/run.txt -r requirements/dev.txt
	@rm -f $(VENV)/.dev-*; touch $@

assets: setup
	@$(BIN)/python -m quanze.base.web.assets

test: setup-dev assets lint types unit browser postgres
	@echo "全部检查与测试通过"

lint: setup-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	DJANGO_SETTINGS_MODULE=quanze.conf.test $(BIN)/python -m django makemigrations --check --dry-run

types: setup-dev
	$(BIN)/mypy src/quanze

unit: setup-dev assets
	$(BIN)/pytest $(TESTS) -n $(WORKERS) -m "not browser"

browser: setup-dev assets browser-deps
	$(BIN)/pytest $(TESTS) -m browser

# The Debian package, no browser download. Without it the browser tests skip themselves, loudly.
browser-deps:
	@if command -v chromium >/dev/null 2>&1; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	  echo "安装 chromium（浏览器测试需要）……"; \
	  { apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1 \
	    || { apt-get update -qq >/dev/null 2>&1; apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1; }; } \
	    || echo "！！！ 没能安装 chromium，浏览器测试将被跳过 ！！！" >&2; \
	else echo "！！！ 没有 chromium，也无权安装：浏览器测试将被跳过（apt-get install chromium 后再试） ！！！" >&2; fi

# Every test that touches the database once more on PostgreSQL (tests/conftest.py leaves out the others).
# What is marked for both databases; with EVERYTHING=1 every database test (long).
POSTGRES_TESTS = $(if $(EVERYTHING),not browser and not sqlite,postgres and not browser)
postgres: setup-dev
	@QUANZE_TEST_EVERYTHING=$(EVERYTHING) tests/postgres.sh $(BIN)/pytest $(TESTS) -n $(WORKERS) -m "$(POSTGRES_TESTS)"

bench: setup-dev
	@for file in tests/bench/bench_*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

blackbox: setup-dev assets
	@log=$$(mktemp); failed=; for file in tests/blackbox/*.sh; do echo "== $$file"; "$$file" 2>&1 | tee -a "$$log" || failed="$$failed $$file"; done; \
	echo "== tests/contracts/test_record_completeness.py"; \
	if $(BIN)/pytest tests/contracts/test_record_completeness.py -q; then echo "FIGURE T3 每个写操作恰有一条记录，被拒的与撤回的没有：通过" >>"$$log"; else failed="$$failed T3"; fi; \
	echo "== tests/contracts/test_address_matrix.py"; QUANZE_TEST_EVERYTHING=1 $(BIN)/pytest tests/contracts/test_address_matrix.py -q | tee -a "$$log" || failed="$$failed address_matrix"; \
	echo "== 汇总"; grep -h '^FIGURE ' "$$log" | sed 's/^FIGURE //' | sort || true; rm -f "$$log"; \
	[ -z "$$failed" ] || { echo "没有通过：$$failed" >&2; exit 1; }

requirements: setup-dev
	$(BIN)/python tests/requirements_report.py

docs: requirements
	$(BIN)/quanze docs build

clean:
	rm -rf $(VENV) node_modules var build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache src/quanze/base/web/static/vendor
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
