#!/bin/bash
# Proves that the library neither prints nor ends its host's process, and that
# outside the adapters (whose libraries throw) it throws nothing: whatever is
# wrong is a Status. crypto.cc alone throws, where memory is at an end.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

cpp_files include src | grep -v -e '^src/cli/' -e '/testing/' |
  code_of > "$work/code"
prints='std::(cout|cerr|clog|print)|std(out|err)\>|include <iostream>'
prints+='|[^a-zA-Z_]v?printf\(|[^a-zA-Z_]puts\(|perror\('
prints+='|ABSL_(RAW_|INTERNAL_)?LOG'
forbid "$work/code" 'the library prints nothing' "$prints"
ends='[^a-zA-Z_.>](abort|_?exit|quick_exit|terminate)\(|[^a-zA-Z_]assert\('
ends+='|ABSL_(RAW_|INTERNAL_)?CHECK|__builtin_trap'
forbid "$work/code" "the library never ends its host's process" "$ends"
grep -v -e '^src/adapters/' -e '^src/base/crypto.cc' "$work/code" > "$work/core"
forbid "$work/core" 'the library throws nothing' '[^a-zA-Z_]throw[ ;]'
exit $faults
