#!/bin/bash
# usage: tests/run.sh [--preset NAME] [--filter REGEX] [--full]
#
# Sets up a fresh Debian 12, builds and runs every test: those of the library,
# of its examples, of its installation, and the lints. The last line says how
# many passed and how many failed.
#
#   --preset NAME   build folder and flags (CMakePresets.json); default dev
#   --filter REGEX  only tests whose name matches
#   --full          then also: shared libraries installed and consumed; engine,
#                   stores and kit under the address and undefined-behaviour
#                   sanitizers; what has threads under the thread sanitizer;
#                   clang-tidy
set -eu
preset=dev
filter=
full=
while [ $# -gt 0 ]; do
  case $1 in
    --preset) preset=${2:?--preset needs a name}; shift 2 ;;
    --filter) filter=${2:?--filter needs a regex}; shift 2 ;;
    --full) full=yes; shift ;;
    *) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
done
source "$(dirname "$0")/../cmake/setup.sh"
log=$(mktemp)

passed=0
failed=0
# run_tests PRESET CTEST_ARGUMENT...: adds to the counts; a failing test does
# not end the run.
run_tests() {
  step "test $*"
  local preset=$1 summary
  shift
  TSAN_OPTIONS="suppressions=$PWD/cmake/tsan.supp ${TSAN_OPTIONS:-}" \
    ctest --test-dir "build/$preset" --output-on-failure --no-tests=error \
    -j "$jobs" "$@" 2>&1 | tee "$log" || true
  summary=$(sed -nE \
    's/.* ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$log" | tail -1)
  [ -n "$summary" ] || return 1
  failed=$((failed + ${summary% *}))
  passed=$((passed + ${summary#* } - ${summary% *}))
}

install_packages "${build_packages[@]}" libgtest-dev libgmock-dev librapidcheck-dev \
  nlohmann-json3-dev postgresql-15 clang clang-format ${full:+clang-tidy}
configure "$preset" -DHOTLINE_TESTS=ON -DHOTLINE_TESTING=ON -DHOTLINE_POSTGRES=ON
build "$preset"
run_tests "$preset" ${filter:+-R "$filter"}

if [ -n "$full" ]; then
  configure release -DHOTLINE_TESTS=ON -DHOTLINE_TESTING=ON -DHOTLINE_POSTGRES=ON
  build release
  run_tests release -R '^(consumer|examples)\.'

  configure asan
  build asan hotline_base_test hotline_engine_test hotline_adapters_test \
    hotline_testing_test hotline_postgres_conformance_test
  run_tests asan -L '^(base|engine|adapters|testing)$'
  run_tests asan -R '^postgres\.conformance$'

  # Where threads meet: the concurrent contracts of every store, and what else
  # has threads of its own.
  threads='_concurrent\.|^ConcurrencyTest|Threads?[A-Z]|WhileManyWrite|AtOnce'
  configure tsan
  build tsan hotline_engine_test hotline_adapters_test \
    hotline_postgres_conformance_test
  run_tests tsan -L '^(engine|adapters)$' -R "$threads"
  GTEST_FILTER='*_concurrent.*' run_tests tsan -R '^postgres\.conformance$'

  # Release has no precompiled headers, which are GCC's, as some warnings are.
  step "clang-tidy"
  if find src -name '*.cc' -print0 | xargs -0 -P "$jobs" -n 4 clang-tidy \
      -p build/release --quiet --extra-arg=-Wno-unknown-warning-option; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
  fi
fi

rm -f "$log"
echo "$passed passed, $failed failed"
trap - EXIT
[ "$failed" -eq 0 ]
