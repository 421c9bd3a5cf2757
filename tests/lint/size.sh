#!/bin/bash
# Proves that nothing grows past reading: a header has at most 400 lines, a
# source file 800, a function of the library 70.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

for file in $(cpp_files include src tests examples benchmarks); do
  most=800
  [[ $file == include/*.h ]] && most=400
  lines=$(wc -l < "$file")
  [ "$lines" -gt $most ] && fault "$file:$most: $lines lines, at most $most"
done

# A function starts with a line at the margin and ends with `}` there.
cpp_files include src | xargs -r awk '
  FNR == 1 { start = 0 }
  /^[A-Za-z]/ { start = /^(namespace|struct|class|enum|union)/ ? 0 : FNR }
  /^}/ {
    if (start && !/^};/ && FNR - start + 1 > 70) {
      print FILENAME ":" start ": a function of " FNR - start + 1 \
            " lines, at most 70"
      bad = 1
    }
    start = 0
  }
  END { exit bad }' || faults=1
exit $faults
