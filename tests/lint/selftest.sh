#!/bin/bash
# Proves that every lint beside this one can fail: each gets a right tree, which
# it must pass, and then trees with one planted mistake, each of which it must
# refuse with a line that names the file. A lint without a planted mistake
# fails this test.
set -u
lints=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_dir=$1
binary_dir=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
tree=$work/tree
bad=0

# A small right tree.
plant_right() {
  rm -rf "$tree"
  mkdir -p "$tree"/{cmake,docs,proto/hotline/v1,include/hotline} \
           "$tree"/{include/hotline/adapters,src/adapters/memory_store} \
           "$tree"/src/{base,rules/calendar,rules/taxonomy,judge,engine,cli} \
           "$tree"/examples
  cp "$source_dir/cmake/layers.txt" "$tree/cmake/"
  cp "$source_dir/.clang-format" "$tree/"
  for name in calendar taxonomy engine; do
    cat > "$tree/include/hotline/$name.h" << EOF
// What $name is. To see it, std::cout << it; never abort() or throw.
//
//   int answer = hotline::$name();  // an example
//
//   if (answer == 0) return absl::NotFoundError("no $name");
//
// A table is no example:
//   0   none
//   1   one
//
// Thread rule: none.
#ifndef HOTLINE_${name}_H_
#define HOTLINE_${name}_H_

namespace hotline {

int $name();

}  // namespace hotline

#endif  // HOTLINE_${name}_H_
EOF
  done
  cat > "$tree/src/rules/calendar/calendar.cc" << 'EOF'
#include "hotline/calendar.h"

#include <vector>

namespace hotline {

int calendar() { return 1; }

}  // namespace hotline
EOF
  cat > "$tree/proto/hotline/v1/event.proto" << 'EOF'
syntax = "proto3";

// A fact.
message Fact {
  oneof kind {
    string one = 1;
  }
}
EOF
  printf 'int main() { return 0; }\n' > "$tree/examples/01_calendar.cc"
  cat > "$tree/README.md" << 'EOF'
[guide](docs/guide.md)

<!-- examples/01_calendar.cc -->
```cpp
int main() { return 0; }
```
EOF
  echo "# Guide" > "$tree/docs/guide.md"
  mkdir -p "$work/build"
  ln -sfn "$binary_dir/proto" "$work/build/proto"
  echo '[]' > "$work/build/compile_commands.json"
}

run() { "$lints/$1.sh" "$tree" "$work/build" > "$work/out" 2>&1; }

# refuses LINT FILE: the tree is wrong now; LINT must say where.
tried=" selftest "
refuses() {
  tried+="$1 "
  if run "$1"; then
    echo "$1.sh passes a tree that is wrong in $2"
    bad=1
  elif ! grep -q "$2" "$work/out"; then
    echo "$1.sh refuses a tree without naming $2:"
    cat "$work/out"
    bad=1
  fi
  plant_right
}

plant_right
for script in "$lints"/*.sh; do
  name=$(basename "$script" .sh)
  [ "$name" = selftest ] && continue
  if ! run "$name"; then
    echo "$name.sh refuses a right tree:"
    cat "$work/out"
    bad=1
  fi
done

# include FILE HEADER: adds the line to a file of the tree.
include() { printf '#include %s\n' "$2" >> "$tree/$1"; }
# code FILE TEXT: a source file with this line in a function.
code() { printf 'void F() {\n  %s\n}\n' "$2" > "$tree/$1"; }

include include/hotline/calendar.h '"hotline/engine.h"'
refuses layers include/hotline/calendar.h
include src/rules/calendar/calendar.cc '"hotline/taxonomy.h"'
refuses layers src/rules/calendar/calendar.cc
include src/rules/taxonomy/x.cc '"src/engine/secret.h"'
refuses layers src/rules/taxonomy/x.cc
include src/cli/main.cc '"src/base/time.h"'
refuses layers src/cli/main.cc
include src/engine/e.cc '"hotline/adapters/memory_store.h"'
refuses layers src/engine/e.cc
include src/engine/e.cc '<sqlite3.h>'
refuses layers src/engine/e.cc
include src/engine/e.cc '<openssl/evp.h>'
refuses layers src/engine/e.cc
include include/hotline/engine.h '"gtest/gtest.h"'
refuses layers include/hotline/engine.h
include src/attic/a.cc '<vector>' 2> /dev/null || {
  mkdir "$tree/src/attic" && include src/attic/a.cc '<vector>'
}
refuses layers src/attic/a.cc
echo 'rum base | x |' >> "$tree/cmake/layers.txt"
refuses layers cmake/layers.txt

echo 'inline std::string Late();' >> "$tree/include/hotline/engine.h"
refuses headers include/hotline/engine.h
echo 'inline int F() { try { return 1; } catch (...) { return 0; } }' \
  >> "$tree/include/hotline/engine.h"
refuses headers include/hotline/engine.h
printf '#include <typeinfo>\ninline auto* N(int* p) { return &typeid(*p); }\n' \
  >> "$tree/include/hotline/engine.h"
refuses headers include/hotline/engine.h
echo 'struct Unguarded {};' > "$tree/include/hotline/ids.h"
refuses headers include/hotline/ids.h

sed -i 's|hotline::engine()|hotline::engin()|' "$tree/include/hotline/engine.h"
refuses examples include/hotline/engine.h:3
sed -i 's|    *if (answer|&s|' "$tree/include/hotline/taxonomy.h"
refuses examples include/hotline/taxonomy.h:5
sed -i 's|^// A table.*|//|' "$tree/include/hotline/calendar.h"
refuses examples include/hotline/calendar.h:8

cat > "$tree/src/engine/e.cc" << 'EOF'
struct __attribute__((capability("mutex"))) Lock {};
struct Shelf {
  Lock lock;
  int books __attribute__((guarded_by(lock))) = 0;
  int Count() { return books; }
};
EOF
refuses clang src/engine/e.cc
code src/engine/e.cc 'int unused;'
refuses clang src/engine/e.cc

code src/judge/j.cc 'auto t = absl::Now();'
refuses pure src/judge/j.cc
code src/judge/j.cc 'auto t = std::chrono::system_clock::now();'
refuses pure src/judge/j.cc
code src/judge/j.cc 'auto t = time(nullptr);'
refuses pure src/judge/j.cc
code src/rules/taxonomy/x.cc 'int r = rand();'
refuses pure src/rules/taxonomy/x.cc
code src/rules/taxonomy/x.cc 'std::random_device r;'
refuses pure src/rules/taxonomy/x.cc
code src/rules/taxonomy/x.cc 'auto r = internal::RandomBytes(8);'
refuses pure src/rules/taxonomy/x.cc
code src/rules/taxonomy/x.cc 'auto* r = SystemEntropy();'
refuses pure src/rules/taxonomy/x.cc
code src/rules/taxonomy/x.cc 'auto z = absl::LocalTimeZone();'
refuses pure src/rules/taxonomy/x.cc
code src/rules/taxonomy/x.cc 'auto h = std::getenv("HOME");'
refuses pure src/rules/taxonomy/x.cc
code src/engine/e.cc 'auto t = absl::Now();'
refuses pure src/engine/e.cc
code src/engine/e.cc 'std::thread t([] {});'
refuses pure src/engine/e.cc

code src/engine/e.cc 'std::cout << 1;'
refuses quiet src/engine/e.cc
code src/engine/e.cc 'fprintf(stderr, "x");'
refuses quiet src/engine/e.cc
code src/engine/e.cc 'printf("x");'
refuses quiet src/engine/e.cc
code src/engine/e.cc 'std::abort();'
refuses quiet src/engine/e.cc
code src/engine/e.cc 'if (x) exit(1);'
refuses quiet src/engine/e.cc
code src/engine/e.cc 'throw 1;'
refuses quiet src/engine/e.cc
code src/adapters/memory_store/m.cc 'assert(false);'
refuses quiet src/adapters/memory_store/m.cc

words=proto/hotline/v1/event.proto
printf '// M.\nmessage M {\n  map<string, string> m = 1;\n}\n' >> "$tree/$words"
refuses proto $words
printf '\nmessage Silent {\n  string s = 1;\n}\n' >> "$tree/$words"
refuses proto $words
printf '\nenum Silent {\n  NONE = 0;\n}\n' >> "$tree/$words"
refuses proto $words
{
  printf 'syntax = "proto3";\n// F.\nmessage Fact {\n  oneof kind {\n'
  for i in $(seq 26); do echo "    string f$i = $i;"; done
  printf '  }\n}\n'
} > "$tree/$words"
refuses proto $words
printf 'syntax = "proto2";\n' > "$tree/$words"
refuses proto $words

for i in $(seq 400); do echo "// $i"; done >> "$tree/include/hotline/engine.h"
refuses size include/hotline/engine.h
for i in $(seq 801); do echo "// $i"; done > "$tree/src/engine/e.cc"
refuses size src/engine/e.cc
{
  echo 'int F(int x) {'
  for i in $(seq 70); do echo "  x += $i;"; done
  printf '  return x;\n}\n'
} > "$tree/src/engine/e.cc"
refuses size src/engine/e.cc

echo 'int  F( ) {return 1 ;}' > "$tree/src/engine/e.cc"
refuses format src/engine/e.cc

echo 'int main() { return 1; }' > "$tree/examples/01_calendar.cc"
refuses docs README.md
rm "$tree/examples/01_calendar.cc"
refuses docs README.md
rm "$tree/docs/guide.md"
refuses docs README.md

for script in "$lints"/*.sh; do
  name=$(basename "$script" .sh)
  [[ $tried == *" $name "* ]] || { echo "$name.sh was never seen to fail"; bad=1; }
done
exit $bad
