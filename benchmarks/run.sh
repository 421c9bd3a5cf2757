#!/bin/bash
# usage: benchmarks/run.sh [ARGUMENT...]
#
# Sets up a fresh Debian 12, builds the benchmarks as a release and runs them.
# Arguments go to the program; `--help` lists them.
set -eu
source "$(dirname "$0")/../cmake/setup.sh"

# Perl's Business::Hours is what calendars are compared with.
install_packages "${build_packages[@]}" libbusiness-hours-perl postgresql-15
configure release -DHOTLINE_BENCHMARKS=ON -DHOTLINE_POSTGRES=ON -DHOTLINE_TESTS=OFF \
  -DHOTLINE_TESTING=OFF
build release hotline_benchmarks
step "benchmarks"
build/release/benchmarks/hotline_benchmarks "$@"
