#!/bin/bash
# usage: run.sh SOURCE_DIR BINARY_DIR NAME
# Proves that a project outside the tree can link the library the way NAME
# says, and that what it is given is whole:
#   install       the built tree installs under a fresh prefix
#   find_package  CMake, components core and sqlite; an unknown one is refused;
#                 the installed tree still works after it is moved
#   pkgconfig     g++ and pkg-config alone
#   testing       CMake, component testing: a test of the embedder's
#   postgres      CMake, component postgres; g++ and pkg-config
#   custom_store  examples/custom_store on its own: a store of a third party's
#   subdirectory  add_subdirectory, core only
set -eu
source_dir=$1
binary_dir=$2
name=$3
here=$source_dir/tests/consumer
prefix=$binary_dir/consumer/prefix
work=$binary_dir/consumer/$name
policy=$here/policy.textproto

cached() { sed -n "s/^$1:[A-Z]*=//p" "$binary_dir/CMakeCache.txt"; }
compiler=$(cached CMAKE_CXX_COMPILER)
launcher=$(cached CMAKE_CXX_COMPILER_LAUNCHER)
launcher=${launcher:-${CMAKE_CXX_COMPILER_LAUNCHER:-}}
flags=$(cached CMAKE_CXX_FLAGS)
# Only what must agree with the library; the rest costs time.
link_flags=$(grep -oE -e '-fsanitize=[a-z,]+' <<< "$flags" || true)

configure() {
  cmake -S "${project:-$here/$name}" -B "$work/build" -G Ninja --fresh \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="-O0 $link_flags" "$@"
}

# Loads of the moved tree only: nothing of the build folder may be needed.
runs() { (cd / && "$@"); }

case $name in
  install)
    rm -rf "$prefix" "$prefix.moved"
    cmake --install "$binary_dir" --prefix "$prefix" > /dev/null
    for file in bin/hotline include/hotline/engine.h \
        include/hotline/v1/case.pb.h include/hotline/v1/case.proto \
        share/doc/hotline/LICENSE; do
      [ -f "$prefix/$file" ] || { echo "$file is not installed"; exit 1; }
    done
    if grep -rlF -e "$source_dir" -e "$binary_dir" "$prefix" \
        --include='*.cmake' --include='*.pc' --include='*.h'; then
      echo "installed files name the build's own folders"
      exit 1
    fi
    # Whoever installs it elsewhere and moves it has a whole tree still.
    mv "$prefix" "$prefix.moved"
    runs "$prefix.moved/bin/hotline" --help > /dev/null
    ;;
  find_package)
    configure -DCMAKE_PREFIX_PATH="$prefix.moved"
    cmake --build "$work/build"
    runs "$work/build/consumer_core" "$policy"
    runs "$work/build/consumer_sqlite" "$work/case.db"
    if cmake -S "$here/$name" -B "$work/refused" -G Ninja --fresh \
        -DCMAKE_PREFIX_PATH="$prefix.moved" -DCOMPONENT=telephone \
        > "$work/refused.log" 2>&1; then
      echo "an unknown component is not refused"
      exit 1
    fi
    grep -q 'no component `telephone`' "$work/refused.log"
    ;;
  pkgconfig)
    mkdir -p "$work"
    pc=$(find "$prefix.moved" -name pkgconfig -type d)
    export PKG_CONFIG_PATH=$pc
    libs=$(dirname "$pc")
    for module in hotline hotline-sqlite; do
      pkg-config --exists --print-errors "$module"
    done
    # shellcheck disable=SC2046
    "$compiler" -std=c++20 -O0 $link_flags "$here/core.cc" -o "$work/core" \
      $(pkg-config --cflags --libs hotline) -Wl,-rpath,"$libs"
    # shellcheck disable=SC2046
    "$compiler" -std=c++20 -O0 $link_flags "$here/sqlite.cc" \
      -o "$work/sqlite" \
      $(pkg-config --cflags --libs hotline-sqlite) -Wl,-rpath,"$libs"
    runs "$work/core" "$policy"
    runs "$work/sqlite" "$work/case.db"
    ;;
  testing)
    configure -DCMAKE_PREFIX_PATH="$prefix.moved"
    cmake --build "$work/build"
    # Of the kit's contracts nearly all are for every store; were they
    # registered with another copy of GoogleTest, none would run.
    runs "$work/build/consumer_testing" > "$work/out" ||
      { grep FAIL "$work/out"; exit 1; }
    grep -q '\[  PASSED  \] [0-9][0-9][0-9] tests' "$work/out"
    runs "$prefix.moved/bin/hotline_conformance" --store=memory --level=basic
    ;;
  postgres)
    configure -DCMAKE_PREFIX_PATH="$prefix.moved"
    cmake --build "$work/build"
    runs "$work/build/consumer_postgres"
    export PKG_CONFIG_PATH=$(find "$prefix.moved" -name pkgconfig -type d)
    # shellcheck disable=SC2046
    "$compiler" -std=c++20 -O0 $link_flags "$here/postgres.cc" \
      -o "$work/postgres" \
      $(pkg-config --cflags --libs hotline-postgres) \
      -Wl,-rpath,"$(dirname "$PKG_CONFIG_PATH")"
    runs "$work/postgres"
    ;;
  custom_store)
    project=$source_dir/examples/custom_store
    configure -DCMAKE_PREFIX_PATH="$prefix.moved"
    cmake --build "$work/build" --target log_store_conformance
    runs "$work/build/log_store_conformance" --level=basic
    ;;
  subdirectory)
    # Kept between runs: the core is compiled once.
    : "${CCACHE_BASEDIR:=$source_dir}" "${CCACHE_NOHASHDIR:=1}"
    export CCACHE_BASEDIR CCACHE_NOHASHDIR
    cmake -S "$here/$name" -B "$work/build" -G Ninja \
      -DHOTLINE_SOURCE_DIR="$source_dir" -DCMAKE_CXX_COMPILER="$compiler" \
      -DCMAKE_CXX_COMPILER_LAUNCHER="$launcher" \
      -DCMAKE_CXX_FLAGS="-O0 $link_flags"
    cmake --build "$work/build"
    runs "$work/build/consumer_core" "$policy"
    ;;
  *)
    echo "usage: run.sh SOURCE_DIR BINARY_DIR" \
         "install|find_package|pkgconfig|testing|postgres|custom_store|" \
         "subdirectory"
    exit 2
    ;;
esac
