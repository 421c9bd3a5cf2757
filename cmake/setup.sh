# shellcheck shell=bash
# Sourced by tests/run.sh, examples/run.sh and benchmarks/run.sh: what a fresh
# Debian 12 needs, and the way we build. Callers use `set -eu`.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
jobs=$(nproc)

# Each step names itself; if one fails, the last line says which.
current_step=start
step() {
  current_step=$1
  echo "== $1"
}
trap '[ $? -eq 0 ] || echo "== failed: $current_step"' EXIT

build_packages=(g++ cmake ninja-build pkg-config ccache protobuf-compiler
  libprotobuf-dev libabsl-dev libssl-dev libsqlitecpp-dev libsqlite3-dev
  libpq-dev tzdata)

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    echo "Run as root, or install sudo: $*" >&2
    return 1
  fi
}

# install_packages PACKAGE...: installs those that are missing. Where there is
# no apt the packages are the caller's business; CMake says what it lacks.
install_packages() {
  step "packages"
  local package missing=()
  command -v apt-get > /dev/null || return 0
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null)" = \
      installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  echo "installing ${missing[*]}"
  as_root apt-get -q -o Acquire::Retries=3 update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
    install --no-install-recommends "${missing[@]}"
}

# configure PRESET [CMAKE_ARGUMENT...]
configure() {
  step "configure $1"
  # A cache knows the same file in another checkout or build folder again.
  export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD}
  export CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1}
  if command -v ccache > /dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER:-ccache}
    # What ccache asks for where headers are precompiled.
    export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros}
  fi
  cmake --preset "$@"
}

# build PRESET [TARGET...]: all targets if none is named.
build() {
  step "build $*"
  local preset=$1
  shift
  cmake --build "build/$preset" -j "$jobs" ${1:+--target "$@"}
}
