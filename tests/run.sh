#!/usr/bin/env bash
# Installs what the tests need, then runs all checks and all tests:
#   bash tests/run.sh [arguments for pytest]
# Works again at once when everything is there. What is already on the machine is used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

axios=1.21.1  # the guide's JavaScript examples are written with it

say() { printf '\n== %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
can_be_root() { [ "$(id -u)" -eq 0 ] || has sudo; }

# True when Debian's packages were installed; false where there is no apt-get or no right to it.
debian() {
    has apt-get && can_be_root && as_root apt-get -qq update &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -qq install --yes --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" 2>/dev/null && return
    done
}

say "Python packages"
if [ ! -x .venv/bin/pip ] && ! python3 -m venv .venv; then
    debian python3-venv
    python3 -m venv .venv
fi
.venv/bin/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
export PATH="$PWD/.venv/bin:$PATH"
python --version

say "Playwright and Chromium"
if ! playwright --version >/dev/null 2>&1; then
    debian libatomic1  # its driver is a Node that needs this, and a bare Debian has it not
fi
playwright --version
CHROMIUM=${CHROMIUM:-$(browser || true)}
if [ -z "$CHROMIUM" ] && debian chromium; then CHROMIUM=$(browser || true); fi
if [ -z "$CHROMIUM" ]; then
    { can_be_root && playwright install --with-deps chromium; } || playwright install chromium
fi
export CHROMIUM  # empty: the one that Playwright brought
echo "${CHROMIUM:-the one of Playwright}"

say "cURL and axios, for the guide's examples"
has curl || debian curl || { echo "cURL is missing and could not be installed." >&2; exit 1; }
curl --version | head -n 1
if has node && has npm; then
    export NODE_PATH="$PWD/.cache/node/node_modules"
    if ! grep -qs "\"version\": \"$axios\"" "$NODE_PATH/axios/package.json"; then
        npm install --prefix .cache/node --no-audit --no-fund --loglevel=error "axios@$axios"
    fi
    echo "axios $axios under Node $(node --version)"
else
    echo "No Node here: the JavaScript examples are left out."
fi

# All of them run, so that one run tells everything; any failure fails the run.
failed=0
check() {
    say "$*"
    "$@" || failed=1
}
check ruff check .
check ruff format --check .
check mypy
check pytest "$@"
exit "$failed"
