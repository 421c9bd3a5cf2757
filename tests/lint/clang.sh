#!/bin/bash
# Proves that clang accepts the library's sources without a warning, locks
# included (-Wthread-safety). Needs compile_commands.json of BINARY_DIR.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

command -v clang++ > /dev/null || { echo "clang++ is not installed"; exit 1; }
commands=$binary_dir/compile_commands.json
[ -f "$commands" ] || { echo "$commands is missing"; exit 1; }
flags="-std=c++20 -fsyntax-only -Wall -Wextra -Wshadow -Wthread-safety -Werror
  -Wno-missing-field-initializers -I. -Iinclude -isystem $binary_dir/proto"
# Where Debian puts libpq-fe.h.
flags+=" $(pkg-config --cflags libpq 2> /dev/null)"
definitions='-DHOTLINE_VERSION="0"'
grep -q HOTLINE_HAS_SQLITE "$commands" && definitions+=' -DHOTLINE_HAS_SQLITE'
# What most sources read is read once, which halves the time.
if [ -f cmake/pch.h ]; then
  shared=$(mktemp)
  trap 'rm -f "$shared"' EXIT
  clang++ ${flags/-fsyntax-only/} -x c++-header cmake/pch.h -o "$shared" ||
    exit 1
  flags+=" -include-pch $shared"
fi
export flags definitions
cpp_files src | grep '\.cc$' |
  xargs -r -P 2 -n 1 bash -c 'clang++ $flags $definitions "$0"' || exit 1
