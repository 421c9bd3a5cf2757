#!/bin/bash
# Proves that no #include runs against the floors: every one in include/, src/,
# examples/ and benchmarks/ is an arrow that cmake/layers.txt lists.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

cpp_files include src examples benchmarks |
  xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include' |
  awk '
function fits(file, patterns, list, n, i, tail) {
  n = split(patterns, list, " ")
  for (i = 1; i <= n; i++) {
    tail = substr(list[i], length(list[i]))
    if (file == list[i]) return 1
    if ((tail == "/" || tail == "_") && index(file, list[i]) == 1) return 1
  }
  return 0
}
function room_of(file, i) {
  for (i = 1; i <= rooms; i++) if (fits(file, files[i])) return i
  return 0
}
function trim(s) { gsub(/^ +| +$/, "", s); return s }
NR == FNR {  # the table
  if ($0 ~ /^#/ || $0 !~ /[^ ]/) next
  n = split($0, field, "|")
  if ($1 == "room" && n == 3) {
    name[++rooms] = trim(substr(field[1], 6))
    files[rooms] = field[2]
    allowed[rooms] = " " field[3] " "
  } else if ($1 == "third" && n == 2) {
    outside[++thirds] = substr(field[1], 7)
    inside[thirds] = field[2]
  } else {
    print FILENAME ":" FNR ": neither `room A | B | C` nor `third A | B`"
    bad = 1
  }
  next
}
{
  split($0, part, ":")
  from = part[1]
  where = from ":" part[2]
  header = $0
  if (!sub(/^[^"<]*["<]/, "", header)) next
  sub(/[">].*$/, "", header)
  me = room_of(from)
  if (!me) {
    if (!(from in told)) print where ": " from " is in no room of cmake/layers.txt"
    told[from] = bad = 1
    next
  }
  if (header ~ /^(hotline|src)\//) {
    to = header ~ /^src\// ? header : \
         header ~ /^hotline\/v1\// ? header : "include/" header
    it = room_of(to)
    public = to ~ /^include\// && allowed[me] ~ / public /
    if (!it) {
      print where ": " to " is in no room of cmake/layers.txt"
      bad = 1
    } else if (it != me && !public && !index(allowed[me], " " name[it] " ")) {
      print where ": `" name[me] "` may not include `" name[it] "` (" header ")"
      bad = 1
    }
  } else if (header ~ /[.\/]/) {
    ok = 0
    for (i = 1; i <= thirds; i++)
      if (fits(header, outside[i]) && fits(from, inside[i])) ok = 1
    # Programs and examples may have headers of their own beside them.
    if (from ~ /^(examples|benchmarks)\// && $0 ~ /"/ && header !~ /^\.\./) ok = 1
    if (!ok) {
      print where ": <" header "> may not be included here"
      bad = 1
    }
  }
}
END { exit bad }' cmake/layers.txt - || exit 1
