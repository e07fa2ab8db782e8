#!/bin/sh
# The Debian packages of the integration tests: installs what is missing as root on Debian, else names it and fails.
set -eu
packages="mariadb-server tango-db tango-starter tango-test tango-accesscontrol acl openssl systemd bubblewrap strace podman runc mmdebstrap chromium firefox-esr fonts-dejavu-core"

missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
    echo "test: the integration tests need Debian's packages; as root: apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "test: installing Debian's$missing ..."
# The tests start private servers of their own: no database is configured and no service is started here.
export DEBIAN_FRONTEND=noninteractive
echo "tango-db tango-db/dbconfig-install boolean false" | debconf-set-selections
log=$(mktemp)
{ apt-get update -q && RUNLEVEL=1 apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1 || {
    tail -n 15 "$log" >&2
    echo "test: apt-get could not install$missing; its last lines stand above, all of them in $log" >&2
    exit 1
}
rm -f "$log"
