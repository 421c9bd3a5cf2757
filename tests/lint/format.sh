#!/bin/bash
# Proves that clang-format (Google's style) would change no file.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

command -v clang-format > /dev/null || {
  echo "clang-format is not installed"
  exit 1
}
cpp_files include src tests examples benchmarks |
  xargs -r -P 2 -n 20 clang-format --dry-run -Werror > "$work/out" 2>&1
grep -E '^[^ ]+:[0-9]+:' "$work/out" |
  sed -E 's|^([^:]*:[0-9]+):.*|\1: clang-format would change this|' | sort -u
[ ! -s "$work/out" ]
