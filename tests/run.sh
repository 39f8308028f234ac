#!/usr/bin/env bash
# Installs what the tests need, then runs all checks and all tests:
#   bash tests/run.sh [arguments for pytest]
# Works again at once when everything is there. What is already on the machine is used.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# The guide's JavaScript examples are written with axios; axe-core judges the page, the others check
# its scripts.
# This ESLint is the last one for the Node of Debian 12.
node_packages=(axios@1.21.1 axe-core@4.14.1 eslint@9.39.5 @eslint/js@9.39.5 prettier@3.10.1)

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

# The headless shell opens a page with half the work of the whole browser.
browser() {
    for name in chromium-headless-shell "$@"; do
        command -v "$name" 2>/dev/null && return
    done
    return 1
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
if [ -z "$CHROMIUM" ]; then
    debian chromium-headless-shell || true
    CHROMIUM=$(browser chromium chromium-browser google-chrome google-chrome-stable || true)
fi
if [ -z "$CHROMIUM" ]; then
    { can_be_root && playwright install --with-deps chromium; } || playwright install chromium
fi
export CHROMIUM  # empty: the one that Playwright brought
echo "${CHROMIUM:-the one of Playwright}"

say "cURL, for the guide's examples"
has curl || debian curl || { echo "cURL is missing and could not be installed." >&2; exit 1; }
curl --version | head -n 1

say "nginx, for the README's block and for several machines"
has_nginx() { has nginx || [ -x /usr/sbin/nginx ]; }  # not in everybody's PATH
has_nginx || debian nginx || { echo "nginx is missing and could not be installed." >&2; exit 1; }

say "Redis, for counts that several processes share"
has redis-server || debian redis-server ||
    { echo "redis-server is missing and could not be installed." >&2; exit 1; }
redis-server --version

say "Postgres, for many files where several processes share them"
has_postgres() { has postgres || compgen -G "/usr/lib/postgresql/*/bin/postgres" >/dev/null; }
has_postgres || debian postgresql ||
    { echo "Postgres is missing and could not be installed." >&2; exit 1; }

say "Node's packages, for the guide's examples and the page's scripts"
has_package() { grep -qs "\"version\": \"${1##*@}\"" "$NODE_PATH/${1%@*}/package.json"; }
node=
if has node && has npm; then
    node=$(node --version)
    export NODE_PATH="$PWD/.cache/node/node_modules"
    for package in "${node_packages[@]}"; do
        has_package "$package" && continue
        npm install --prefix .cache/node --no-audit --no-fund --loglevel=error "${node_packages[@]}"
        break
    done
    export PATH="$NODE_PATH/.bin:$PATH"
    echo "${node_packages[*]} under Node $node"
else
    echo "No Node here: the JavaScript examples and the lint of the page's scripts are left out."
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
if [ -n "$node" ]; then
    check eslint --config tests/eslint.config.js --max-warnings 0 components tests
    check prettier --check --log-level warn --print-width 100 'components/**/*.js' 'tests/**/*.js'
fi
# Each process gets whole files, in their order: those with a browser, which come last, leave
# it running.
check pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder "$@"
exit "$failed"
