#!/bin/bash
# Brings a Docker engine up on Debian, from Debian's own packages. Needs root unless one is already running.
# usage: ensure-docker.sh        DOCKERD_LOG: where the engine's own output goes (default: a file in TMPDIR)
set -euo pipefail

answers() { docker info >/dev/null 2>&1; }

if answers; then exit 0; fi
if [ "$(id -u)" != 0 ]; then
  echo 'no Docker engine answers, and starting one needs root' >&2
  exit 1
fi

# The package puts the engine into /usr/sbin, which is not on everybody's PATH.
PATH=$PATH:/usr/sbin
if ! command -v dockerd >/dev/null; then
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io >/dev/null
fi

log=${DOCKERD_LOG:-${TMPDIR:-/tmp}/rollcall-dockerd.log}
setsid nohup dockerd >"$log" 2>&1 </dev/null &
for _ in $(seq 300); do
  if answers; then exit 0; fi
  sleep 0.1
done
echo "dockerd does not answer after 30 s; the end of $log:" >&2
tail -n 20 "$log" >&2
exit 1
