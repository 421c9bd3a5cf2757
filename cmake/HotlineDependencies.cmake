# System packages first, nothing vendored. The lines that embedders need again
# stand in hotlineConfig.cmake.in too.
find_package(Threads REQUIRED)
if(NOT TARGET absl::base)
  find_package(absl REQUIRED CONFIG) # its version file is exact: none asked
endif()

# Debian 12 ships no CMake config of protobuf; newer releases need it.
if(NOT TARGET protobuf::libprotobuf)
  find_package(Protobuf CONFIG QUIET)
  if(NOT Protobuf_FOUND)
    find_package(Protobuf 3.21 REQUIRED MODULE)
  endif()
endif()

find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)

if(HOTLINE_SQLITE)
  find_package(SQLiteCpp REQUIRED CONFIG) # finds SQLite3 by itself
endif()
if(HOTLINE_POSTGRES)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(HOTLINE_LIBPQ REQUIRED IMPORTED_TARGET libpq)
endif()
if(HOTLINE_TESTING OR HOTLINE_TESTS)
  find_package(GTest REQUIRED)
endif()
if(HOTLINE_TESTS)
  find_package(rapidcheck REQUIRED CONFIG)
endif()
