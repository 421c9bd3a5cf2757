#!/bin/bash
# Proves of the words in proto/hotline/v1: they are proto3, have no map fields
# (whose bytes have no fixed order), at most 25 kinds of fact, and a comment on
# every message and enum.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

for file in proto/hotline/v1/*.proto; do
  [ -f "$file" ] || continue
  awk -v file="$file" '
    { code = $0; sub(/\/\/.*/, "", code) }
    code ~ /(^|[^a-zA-Z_])map *</ {
      print file ":" FNR ": a map field has no fixed order of bytes"; bad = 1
    }
    code ~ /^ *(message|enum) +[A-Za-z]/ && before !~ /^ *\/\// {
      split(code, word, " ")
      print file ":" FNR ": " word[1] " " word[2] " has no comment"; bad = 1
    }
    code ~ /^syntax/ { syntax = code }
    code ~ /^message Fact / { in_fact = 1 }
    in_fact && code ~ /oneof/ { in_kinds = 1 }
    in_kinds && code ~ / = [0-9]+/ { kinds++ }
    code ~ /^}/ { in_fact = in_kinds = 0 }
    code ~ /^  }/ { in_kinds = 0 }
    { before = $0 }
    END {
      if (syntax !~ /proto3/) { print file ":1: not proto3"; bad = 1 }
      if (kinds > 25) { print file ":1: " kinds " kinds of fact"; bad = 1 }
      exit bad
    }' "$file" || faults=1
done
exit $faults
