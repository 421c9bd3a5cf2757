# What is installed: one CMake package `hotline` with one export set a
# component, the pkg-config files, headers, words (.proto beside .pb.h, so that
# `protoc -I include` finds them) and the program.
include(CMakePackageConfigHelpers)
set(hotline_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/hotline)
set(hotline_include_dir ${CMAKE_INSTALL_INCLUDEDIR}/hotline)
set(HOTLINE_COMPONENTS)

# hotline_install(COMPONENT TARGETS...) exports the targets as
# hotline-COMPONENT.cmake.
function(hotline_install component)
  install(TARGETS ${ARGN} EXPORT hotline-${component})
  install(EXPORT hotline-${component} NAMESPACE hotline::
          DESTINATION ${hotline_package_dir})
  set(HOTLINE_COMPONENTS ${HOTLINE_COMPONENTS} ${component} PARENT_SCOPE)
endfunction()

hotline_install(core hotline_proto hotline)
file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/include/hotline/*.h)
install(FILES ${headers} DESTINATION ${hotline_include_dir})
file(GLOB headers CONFIGURE_DEPENDS
     ${PROJECT_SOURCE_DIR}/include/hotline/adapters/memory_store.h
     ${PROJECT_SOURCE_DIR}/include/hotline/adapters/file_notifier.h
     ${PROJECT_SOURCE_DIR}/include/hotline/adapters/sql_schema.h)
install(FILES ${headers} DESTINATION ${hotline_include_dir}/adapters)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/proto/hotline
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.proto")
install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/hotline
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.pb.h")

if(TARGET hotline_sqlite)
  hotline_install(sqlite hotline_sqlite)
  file(GLOB headers CONFIGURE_DEPENDS
       ${PROJECT_SOURCE_DIR}/include/hotline/adapters/sqlite_store.h)
  install(FILES ${headers} DESTINATION ${hotline_include_dir}/adapters)
endif()
if(TARGET hotline_postgres)
  hotline_install(postgres hotline_postgres)
  install(FILES ${PROJECT_SOURCE_DIR}/include/hotline/adapters/postgres_store.h
          DESTINATION ${hotline_include_dir}/adapters)
endif()
if(TARGET hotline_testing)
  hotline_install(testing hotline_testing)
  install(TARGETS hotline_conformance)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hotline/testing
          DESTINATION ${hotline_include_dir} FILES_MATCHING PATTERN "*.h")
endif()
if(TARGET hotline_cli)
  install(TARGETS hotline_cli)
endif()
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

# A static library hands its private needs on to whoever links it.
if(BUILD_SHARED_LIBS)
  set(HOTLINE_STATIC FALSE)
  set(private .private)
else()
  set(HOTLINE_STATIC TRUE)
  set(private "")
endif()

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/hotlineConfig.cmake.in
  ${PROJECT_BINARY_DIR}/hotlineConfig.cmake
  INSTALL_DESTINATION ${hotline_package_dir}
  NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
# Before 1.0 a minor version may break.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/hotlineConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hotlineConfig.cmake
              ${PROJECT_BINARY_DIR}/hotlineConfigVersion.cmake
        DESTINATION ${hotline_package_dir})

# The .pc files say where they lie, so an installed tree may be moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
  set(pc_prefix ${CMAKE_INSTALL_PREFIX})
else()
  file(RELATIVE_PATH up /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
  string(REGEX REPLACE "/$" "" pc_prefix "\${pcfiledir}/${up}")
endif()
set(pc_libdir "\${prefix}")
cmake_path(APPEND pc_libdir ${CMAKE_INSTALL_LIBDIR})
set(pc_includedir "\${prefix}")
cmake_path(APPEND pc_includedir ${CMAKE_INSTALL_INCLUDEDIR})

# hotline_pkgconfig(NAME DESCRIPTION LIBS REQUIRES PRIVATE_REQUIRES
# PRIVATE_LIBS) writes NAME.pc.
function(hotline_pkgconfig name about libs requires private_requires
         private_libs)
  if(private)
    set(fields "Requires: ${requires}
Requires.private: ${private_requires}
Libs: -L\${libdir} ${libs}
Libs.private: ${private_libs}")
  else()
    set(fields "Requires: ${requires} ${private_requires}
Libs: -L\${libdir} ${libs} ${private_libs}")
  endif()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/${name}.pc @ONLY CONTENT
"prefix=@pc_prefix@
libdir=@pc_libdir@
includedir=@pc_includedir@

Name: @name@
Description: @about@
Version: @PROJECT_VERSION@
@fields@
Cflags: -I\${includedir}
")
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc
          DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

hotline_pkgconfig(hotline "${PROJECT_DESCRIPTION}"
  "-lhotline -lhotline_proto"
  "absl_status absl_statusor absl_strings absl_time protobuf"
  "absl_flat_hash_map absl_flat_hash_set absl_cord libcrypto" "-pthread")
if(TARGET hotline_sqlite)
  # SQLiteCpp has no .pc of its own on Debian.
  hotline_pkgconfig(hotline-sqlite "SQLite store of hotline"
    "-lhotline_sqlite" "hotline = ${PROJECT_VERSION}" "sqlite3" "-lSQLiteCpp")
endif()
if(TARGET hotline_postgres)
  hotline_pkgconfig(hotline-postgres "PostgreSQL store of hotline"
    "-lhotline_postgres" "hotline = ${PROJECT_VERSION}" "libpq" "")
endif()
