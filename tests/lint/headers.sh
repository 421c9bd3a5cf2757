#!/bin/bash
# Proves that each public header compiles alone, without exceptions and without
# RTTI, warnings as errors; with clang++, where it is installed, all together
# (the standard library is the same, so alone would show nothing more).
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

export flags="-std=c++20 -fsyntax-only -fno-exceptions -fno-rtti -Wall -Wextra
  -Wshadow -Werror -Iinclude -isystem $binary_dir/proto -x c++"
check() {
  # Twice: a header without a guard fails too.
  printf '#include "%s"\n#include "%s"\n' "${1#include/}" "${1#include/}" |
    g++ $flags - 2>&1 || { echo "$1:1: does not compile alone"; return 1; }
}
export -f check
cpp_files include | xargs -r -P 2 -n 1 bash -c 'check "$0"' || exit 1

if command -v clang++ > /dev/null; then
  cpp_files include | sed 's|^include/\(.*\)|#include "\1"|' |
    clang++ $flags - || exit 1
fi
