#!/bin/bash
# Proves that the documents do not lie about files: a code block that follows a
# line `<!-- FILE -->` stands in FILE word for word, and every relative link
# leads somewhere.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

# block_in BLOCK FILE: the lines of BLOCK stand in FILE, one after another.
block_in() {
  awk 'NR == FNR { block[NR] = $0; n = NR; next }
       { line[FNR] = $0; m = FNR }
       END {
         for (at = 0; at + n <= m; at++) {
           for (i = 1; i <= n && line[at + i] == block[i]; i++) {}
           if (i > n) exit 0
         }
         exit 1
       }' "$1" "$2"
}

documents=$(ls ./*.md 2> /dev/null; find docs -name '*.md' 2> /dev/null)
for document in $documents; do
  document=${document#./}
  rm -f "$work"/*
  awk -v work="$work" '
    in_block && /^```/ { in_block = 0; file = ""; next }
    in_block { if (file != "") print >> out; next }
    /^```/ { in_block = 1; if (file != "") { out = work "/" ++n ".block"
             print file > (work "/" n ".file"); printf "" > out }; next }
    match($0, /^<!-- [^ ]+ -->$/) { file = $2; next }
    /[^ ]/ { file = "" }' "$document"
  for name in "$work"/*.file; do
    [ -f "$name" ] || continue
    file=$(cat "$name")
    if [ ! -f "$file" ]; then
      fault "$document:1: names $file, which is not there"
    elif ! block_in "${name%.file}.block" "$file"; then
      fault "$document:1: its block of $file differs from the file"
    fi
  done
  folder=$(dirname "$document")
  for link in $(sed '/^```/,/^```/d' "$document" |
                grep -oE '\]\([^)# ]+' | cut -c3-); do
    case $link in *://* | mailto:*) continue ;; esac
    [ -e "$folder/$link" ] || fault "$document:1: $link leads nowhere"
  done
done
exit $faults
