#!/bin/sh
# Write the newest versions of all that scizoo[dev,mutants] installs, for every Python from 3.10 on, to a constraints file.
#   constraints.sh PYTHON FILE      such as: constraints.sh python3 config/install/constraints.txt
# Uses uv from the PATH, else installs it into build/uv. Then run `make test`, and commit the file when it passes.
set -eu
python=$1 file=$2
fail() { echo "constraints: $*" >&2; exit 1; }
[ -f setup.cfg ] || fail "no setup.cfg in $(pwd); run make in SciZoo's own folder"
if ! uv=$(command -v uv); then
    uv=build/uv/bin/uv
    [ -x "$uv" ] || { "$python" -m venv build/uv && build/uv/bin/python -m pip install --quiet uv; } ||
        fail "cannot install uv; install it by hand, such as: pip install uv"
fi
found=$(mktemp)
trap 'rm -f "$found"' EXIT
# pip's index, if one is set, is uv's as well; the file names none
"$uv" pip compile setup.cfg --extra dev --extra mutants --universal --python-version 3.10 --upgrade --strip-extras --no-header \
    --no-annotate --no-emit-index-url --no-emit-find-links --quiet ${PIP_INDEX_URL:+--default-index "$PIP_INDEX_URL"} \
    --python "$python" --output-file "$found" >/dev/null || fail "uv found no versions; its lines stand above"
{
    echo "# Tested versions of all that scizoo[dev,mutants] installs, for each Python. Renew: make constraints."
    grep -v "sys_platform == 'win32'" "$found"
} >"$file"
echo "constraints: $(grep -c == "$file") versions in $file; now: make test"
