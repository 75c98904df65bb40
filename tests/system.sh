#!/usr/bin/env bash
# What the tests need beside Python packages: a Chromium, and PostgreSQL for the store's second backend.
set -euo pipefail
bin=$1

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else return 1; fi; }

wanted=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || wanted+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted+=(postgresql)
[ ${#wanted[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null && as_root apt-get update -qq; then
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" && exit 0
fi
# Without apt: Playwright's own browser; the PostgreSQL tests say that they are skipped.
[[ " ${wanted[*]} " == *" chromium "* ]] && "$bin/python" -m playwright install chromium
exit 0
