#!/bin/bash
# usage: examples/run.sh [ARGUMENT...]
#
# Sets up a fresh Debian 12, builds the examples and runs the main one: a month
# of a city's hotline, into out/. Arguments go to it; `--help` lists them.
set -eu
source "$(dirname "$0")/../cmake/setup.sh"

install_packages "${build_packages[@]}"
configure release -DHOTLINE_EXAMPLES=ON -DHOTLINE_TESTS=OFF \
  -DHOTLINE_TESTING=OFF -DHOTLINE_BENCHMARKS=OFF
build release
step "examples/city_hotline"
mkdir -p out
build/release/examples/city_hotline/city_hotline --out out/ "$@"
if [ -f out/report.html ]; then
  echo "The report: $PWD/out/report.html"
fi
