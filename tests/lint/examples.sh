#!/bin/bash
# Proves that the examples in the public headers compile: each block of the
# comment a header begins with that is indented by three and stands after an
# empty line is C++, in the body of a function. What is no C++, such as a table,
# follows its sentence without an empty line. What examples take for granted
# stands in tests/lint/example_host.h.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

host=tests/lint/example_host.h
echo '#include "absl/status/status.h"' > "$work/all.cc"
cpp_files include | sed 's|^include/\(.*\)|#include "\1"|' >> "$work/all.cc"
[ -f "$host" ] && echo "#include \"$host\"" >> "$work/all.cc"
cpp_files include | xargs -r awk '
  function finish() {
    if (in_example) print "return absl::OkStatus(); }"
    in_example = 0
  }
  FNR == 1 { finish(); in_comment = 1; was_empty = 0 }
  !/^\/\// { in_comment = 0; finish() }
  !in_comment { next }
  /^\/\/$/ { was_empty = 1; next }
  /^\/\/   / && (in_example || was_empty) {
    if (!in_example) printf "absl::Status Example%d() {\n", ++examples
    in_example = 1
    printf "#line %d \"%s\"\n%s\n", FNR, FILENAME, substr($0, 3)
    next
  }
  { finish(); was_empty = 0 }
  END { finish() }' >> "$work/all.cc"

g++ -std=c++20 -fsyntax-only -Iinclude -I. -isystem "$binary_dir/proto" \
  "$work/all.cc"
