# Flags of our own code; an embedder's targets never see them.
function(hotline_own_code target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow
    -Wno-missing-field-initializers # designated initialisers leave the rest
    # False alarms of gcc 12: std::optional (its bug 80635), std::string (its
    # bugs 105651 and 105329). Clang and the sanitizers watch for true ones.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-restrict>
    $<$<CXX_COMPILER_ID:GNU>:-Wno-array-bounds>
    $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
    $<$<BOOL:${HOTLINE_WERROR}>:-Werror>)
  if(HOTLINE_PCH)
    # One precompiled header serves all who compile with the same flags.
    target_compile_options(${target} PRIVATE -fPIC -pthread -Winvalid-pch
      $<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>) # ccache asks for it
    if(target STREQUAL "hotline")
      target_precompile_headers(hotline PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch.h)
    else()
      target_precompile_headers(${target} REUSE_FROM hotline)
    endif()
  endif()
endfunction()

# Calls within a shared library go straight, not by a table in which another
# library might stand in: less for the processor to have at hand.
include(CheckLinkerFlag)
check_linker_flag(CXX LINKER:-Bsymbolic-functions HOTLINE_BINDS_OWN_CALLS)
function(hotline_bind_own_calls target)
  get_target_property(type ${target} TYPE)
  if(HOTLINE_BINDS_OWN_CALLS AND type STREQUAL "SHARED_LIBRARY")
    target_link_options(${target} PRIVATE LINKER:-Bsymbolic-functions)
  endif()
endfunction()

# A library of the project: hotline_NAME, also known as hotline::NAME.
function(hotline_library target alias)
  add_library(${target} ${ARGN})
  add_library(hotline::${alias} ALIAS ${target})
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${alias}
    POSITION_INDEPENDENT_CODE ON
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  hotline_own_code(${target})
  hotline_bind_own_calls(${target})
  target_include_directories(${target}
    PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
    PRIVATE ${PROJECT_SOURCE_DIR})
endfunction()
