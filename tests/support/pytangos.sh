#!/bin/sh
# Tell how processes that record end with other PyTangos: bench/bench_exit.py and the tests of the exit with each
# PyTango and each Python that records; the chain is that of the tree's own environment.
#   pytangos.sh [PYTHON ...]        such as: pytangos.sh python3.11 /opt/python3.13/bin/python
# PYTANGOS: versions, as pip writes them; BENCH: options of the bench; VENV: the environment of the chain (.venv).
# Needs uv. Works on a copy of the tree in a temporary folder; nothing is written beside the sources.
set -eu
command -v uv >/dev/null 2>&1 || { echo "pytangos: no 'uv' on the PATH; install it: pip install uv" >&2; exit 1; }
root=$(git rev-parse --show-toplevel)
chain="$root/${VENV:-.venv}/bin/python"
[ -x "$chain" ] || { echo "pytangos: no $chain: run 'make install-dev' first" >&2; exit 1; }
folder=$(mktemp -d "${TMPDIR:-/tmp}/scizoo-pytangos-XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tree"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read) | tar --extract --directory "$folder/tree"
unset PYTHONPATH PYTHONDONTWRITEBYTECODE

try() { # PYTHON PYTANGO
    environment="$folder/python-$(echo "$1-$2" | tr -c 'a-zA-Z0-9.\n' '_')"
    log="$environment.log"
    if uv venv --quiet --python "$1" "$environment" >"$log" 2>&1 &&
        uv pip install --quiet --python "$environment" "$folder/tree" "pytango$2" gevent >>"$log" 2>&1 &&
        "$chain" "$root/bench/bench_exit.py" --python "$environment/bin/python" ${BENCH---quick} >>"$log" 2>&1 &&
        (cd "$root" && SCIZOO_EXIT_PYTHON="$environment/bin/python" "$chain" -m pytest -q tests/integration/scifish/test_exit*.py) >>"$log" 2>&1
    then result=passed
    else result=FAILED failed=1
    fi
    cat "$log"
    echo "pytangos: $1, pytango$2: $result"
}

[ $# -gt 0 ] || set -- "$chain"
failed=0
for python in "$@"; do
    for pytango in ${PYTANGOS-==10.0.* ==10.1.* >=10.0}; do try "$python" "$pytango"; done
done
exit "$failed"
