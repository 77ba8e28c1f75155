# Optional speed-ups: ccache in front of the compiler, mold (else lld) as the linker.
find_program(TRUSTEE_CCACHE ccache)
if(TRUSTEE_CCACHE)
  # Paths below the checkout count as relative, so that a second clone finds the first one's objects.
  set(launcher ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
      ${TRUSTEE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
  set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
endif()
find_program(TRUSTEE_MOLD mold)
find_program(TRUSTEE_LLD NAMES ld.lld-19)
if(TRUSTEE_MOLD)
  add_link_options(-fuse-ld=mold)
elseif(TRUSTEE_LLD AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()
