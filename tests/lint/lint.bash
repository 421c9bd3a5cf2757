# What the lints share. Each is called with SOURCE_DIR BINARY_DIR and leaves
# with 1 after saying every fault as `file:line: what is wrong`.
set -u
cd "$1" || exit 1
binary_dir=$2
export LC_ALL=C.UTF-8
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# The C++ files below the folders named, as far as these exist.
cpp_files() {
  local folder
  for folder in "$@"; do
    [ -e "$folder" ] && find "$folder" -type f \( -name '*.h' -o -name '*.cc' \)
  done | sort
}

# Prints its input (file names) as `file:line:code` with comments and the
# contents of strings taken out, so that words in prose are no fault.
code_of() {
  xargs -r awk '
    FNR == 1 { in_comment = 0; in_raw = 0 }
    {
      line = $0
      if (in_raw) { if (!sub(/^.*\)[a-zA-Z_]*"/, "", line)) next; in_raw = 0 }
      if (in_comment) { if (!sub(/^.*\*\//, "", line)) next; in_comment = 0 }
      if (match(line, /R"[a-zA-Z_]*\(/)) {
        if (line !~ /R"[a-zA-Z_]*\(.*\)[a-zA-Z_]*"/) in_raw = 1
        line = substr(line, 1, RSTART - 1)
      }
      if (line !~ /^ *#include/) gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
      gsub(/'"'"'([^'"'"'\\]|\\.)'"'"'/, "0", line)
      sub(/\/\/.*$/, "", line)
      gsub(/\/\*[^*]*\*\//, "", line)
      if (sub(/\/\*.*$/, "", line)) in_comment = 1
      if (line ~ /[^ ]/) print FILENAME ":" FNR ": " line
    }'
}

# forbid CODE WHAT PATTERN: a fault for every line of the file CODE, written by
# code_of, that matches the extended regular expression.
faults=0
forbid() {
  local found
  found=$(grep -E "^[^:]*:[0-9]*: .*($3)" "$1") || return
  printf '%s\n' "$found" | sed -E "s|^([^:]*:[0-9]*):.*|\1: $2|"
  faults=1
}

fault() {
  printf '%s\n' "$*"
  faults=1
}
