#!/bin/sh
# Make the virtual environment and install SciZoo with some extras into it, unless that is done already.
#   venv.sh PYTHON VENV EXTRAS [CONSTRAINTS]
# such as: venv.sh python3 .venv demo config/install/constraints.txt; without a file the newest versions are installed.
set -eu
python=$1 venv=$2 extras=$3 constraints=${4:-}
# A stamp says where the environment was, and which versions it has.
stamp="$venv/.scizoo-$(echo "$extras" | tr ',' '-')"
versions=${constraints:-the newest}
needed_mb=1500

fail() { echo "install: $*" >&2; exit 1; }
# The scripts of an environment name its place: after the folder was moved they run no more.
moved() { head -qn 1 "$venv"/.scizoo-* 2>/dev/null | grep -qvxF "$(pwd)"; }
other_versions() {
    for one in "$venv"/.scizoo-*; do
        [ ! -f "$one" ] || [ "$(sed -n 2p "$one")" = "$versions" ] || return 0
    done
    return 1
}
newest() { # of the files that it was made of
    for one in setup.cfg pyproject.toml ${constraints:+"$constraints"}; do [ "$stamp" -nt "$one" ] || return 1; done
}
runs() { ! moved && "$venv/bin/python" "$@" >/dev/null 2>&1; }

[ -f setup.cfg ] || fail "no setup.cfg in $(pwd); run make in SciZoo's own folder"
[ -z "$constraints" ] || [ -f "$constraints" ] || fail "no file of versions $constraints; name one, or none: make CONSTRAINTS="
if [ -f "$stamp" ] && newest && ! moved && ! other_versions; then exit 0; fi

command -v "$python" >/dev/null 2>&1 || fail "no '$python' on the PATH; install Python 3.10 or later, or name one: make PYTHON=/path/to/python3"
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "'$python' does not run; name another: make PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "'$python' is Python $version, but 3.10 or later is needed; name one: make PYTHON=python3.12"
"$python" -c 'import venv, ensurepip' 2>/dev/null || fail "'$python' ($version) has no module venv; install it: apt-get install python$version-venv"
place=$venv
while [ ! -d "$place" ]; do place=$(dirname "$place"); done
free_mb=$(df -Pm "$place" | awk 'NR == 2 {print $4}')
[ "$free_mb" -ge "$needed_mb" ] || runs -m pip --version || fail "$free_mb MB free in $(cd "$place" && pwd), but about $needed_mb MB are needed; free some, or put the environment elsewhere: make VENV=/path"

begin=$(date +%s)
echo "install: scizoo[$extras] into $venv (Python $version, versions: $versions) ..."
if [ -f "$venv/pyvenv.cfg" ] && ! runs -c ''; then clear=--clear; else clear=; fi
runs -m pip --version || "$python" -m venv $clear "$venv" || fail "cannot make the virtual environment $venv; see the lines above"
log="$venv/install.log"
# pip itself tries an index that cannot be reached for minutes, once for each package.
probe="$venv/probe"
"$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps --no-cache-dir \
    --retries 1 --timeout 5 --dest "$probe" setuptools >"$log" 2>&1 || {
    index=$("$venv/bin/python" -m pip config get global.index-url 2>/dev/null) || index=PyPI
    index=$(echo "${PIP_INDEX_URL:-$index}" | sed 's#//[^/]*@#//#')
    fail "pip gets nothing from the package index $index; connect this machine to a network that reaches it, or name another one: make PIP_INDEX_URL=https://..."
}
rm -rf "$probe"
if [ -n "$constraints" ]; then set -- --constraint "$constraints"; else set -- --upgrade --upgrade-strategy eager; fi
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@" --editable ".[$extras]" >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    fail "pip could not install scizoo[$extras]; its last lines stand above, all of them in $log"
}
! other_versions || rm -f "$venv"/.scizoo-*
printf '%s\n%s\n' "$(pwd)" "$versions" >"$stamp"
echo "install: done in $(($(date +%s) - begin)) s"
