#!/bin/bash
# usage: compare.sh PROGRAM EXPECTED
# Proves that an example runs to its end, outside its own folder, and prints
# exactly what stands in EXPECTED.
set -u
[ -f "$2" ] || { echo "$2 is missing: an example shows what it prints"; exit 1; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
"$1" > output || { echo "$1 left with $?"; exit 1; }
diff -u "$2" output
