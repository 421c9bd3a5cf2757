#!/bin/bash
# usage: examples/station_watch/run.sh PROGRAM [--threads]
#
# Three worker processes on one PostgreSQL, one of them killed. Starts a server
# of its own on a free port of loopback, in a folder of its own, and ends it.
# Run as root, the server runs as `postgres` or `nobody`, for it refuses root.
# With --threads: three threads on one SQLite file instead, no server. Without a
# server's programs on the machine it says so and leaves with 77.
set -eu
program=$(realpath "$1")
work=$(mktemp -d)
as=()
bin=

stop() {
  if [ -n "$bin" ] && [ -f "$work/data/postmaster.pid" ]; then
    "${as[@]}" "$bin/pg_ctl" -D "$work/data" -m immediate stop > /dev/null
  fi
  rm -rf "$work"
}
trap stop EXIT

if [ "${2:-}" = --threads ]; then
  "$program" --store="sqlite:$work/city.db" --out="$work/journals"
  exit
fi

bin=$(find /usr/lib/postgresql -path '*/bin/initdb' 2> /dev/null | sort -V |
  tail -1 | xargs -r dirname)
if [ -z "$bin" ]; then
  echo "no PostgreSQL server here: apt-get install postgresql-15"
  exit 77
fi
if [ "$(id -u)" -eq 0 ]; then
  user=postgres
  id "$user" > /dev/null 2>&1 || user=nobody
  as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
  chown "$user" "$work"
fi
chmod 711 "$work"
cd "$work"
"${as[@]}" "$bin/initdb" -D "$work/data" -A trust -U postgres > "$work/initdb.log"
# A free port: between finding it and using it somebody may take it, so try
# again.
for _ in 1 2 3 4 5; do
  port=$((20000 + RANDOM % 20000))
  if "${as[@]}" "$bin/pg_ctl" -D "$work/data" -w -l "$work/data/server.log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" \
    start > /dev/null; then
    "$program" --out="$work/journals" \
      --store="postgres:host=127.0.0.1 port=$port dbname=postgres user=postgres"
    exit
  fi
done
cat "$work/data/server.log"
exit 3
