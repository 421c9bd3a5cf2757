#!/bin/bash
# Proves that each public header compiles alone, without exceptions and without
# RTTI, with g++ and (where it is installed) clang++, warnings as errors.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

compilers="g++"
command -v clang++ > /dev/null && compilers+=" clang++"

for compiler in $compilers; do
  for header in $(cpp_files include); do
    echo "$compiler $header"
  done
done > "$work/jobs"

export include_flags="-Iinclude -isystem $binary_dir/proto"
check() {
  # Twice: a header without a guard fails too.
  printf '#include "%s"\n#include "%s"\n' "${2#include/}" "${2#include/}" |
    $1 -std=c++20 -fsyntax-only -fno-exceptions -fno-rtti -Wall -Wextra \
       -Wshadow -Werror $include_flags -x c++ - 2>&1 ||
    { echo "$2:1: does not compile alone with $1"; return 1; }
}
export -f check
xargs -r -P 2 -n 2 bash -c 'check "$0" "$1"' < "$work/jobs" || exit 1
