#!/bin/sh
# Run the unit tests with every Python found, and once with the lowest versions that setup.cfg allows.
#   portability.sh [PYTHON ...]     such as: portability.sh python3.10 /opt/python3.13/bin/python
# The lowest versions go with the first Python, so name the oldest first. Needs uv. Works on a copy of the tree
# in a temporary folder; nothing is written beside the sources.
set -eu
command -v uv >/dev/null 2>&1 || { echo "portability: no 'uv' on the PATH; install it: pip install uv" >&2; exit 1; }
root=$(git rev-parse --show-toplevel)
folder=$(mktemp -d "${TMPDIR:-/tmp}/scizoo-portability-XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tree"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | tar --create --null --files-from - --ignore-failed-read) | tar --extract --directory "$folder/tree"
# some unit tests ask git which files there are
git -C "$folder/tree" init --quiet && git -C "$folder/tree" add --all
unset PYTHONPATH PYTHONDONTWRITEBYTECODE

try() { # PYTHON RESOLUTION
    environment="$folder/$(echo "$1-$2" | tr '/' '_')"
    log="$environment.log"
    if uv venv --quiet --python "$1" "$environment" >"$log" 2>&1 &&
        uv pip install --quiet --resolution "$2" --python "$environment" "$folder/tree[dev]" >>"$log" 2>&1 &&
        (cd "$folder/tree" && "$environment/bin/python" -m pytest tests/unit -q -p no:cacheprovider) >>"$log" 2>&1
    then result=passed
    else result=FAILED failed=1; cat "$log"
    fi
    echo "portability: $("$environment/bin/python" --version 2>/dev/null || echo "$1") ($2): $result: $(tail -n 1 "$log")"
}

find() { # VERSION; pyenv's own first, since uv stumbles over the shims of versions that are not active
    for one in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        if [ -x "$one" ]; then echo "$one"; return; fi
    done
    uv python find --no-python-downloads --system "$1" 2>/dev/null
}

[ $# -gt 0 ] || for version in 3.10 3.11 3.12 3.13; do
    if found=$(find "$version"); then set -- "$@" "$found"; fi
done
[ $# -gt 0 ] || { echo "portability: no Python from 3.10 to 3.13 was found; name one: portability.sh PYTHON" >&2; exit 1; }
failed=0
for python in "$@"; do try "$python" highest; done
try "$1" lowest-direct
exit "$failed"
