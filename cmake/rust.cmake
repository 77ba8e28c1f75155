# One Rust static library with a C face (rust/): the policy engine, AWS-LC's ECDSA, regex.
# Built once for all trees of this checkout: it does not depend on the C++ flags.
find_program(TRUSTEE_CARGO cargo)
if(NOT EXISTS ${CMAKE_SOURCE_DIR}/rust/Cargo.toml)
  return()
endif()
if(NOT TRUSTEE_CARGO)
  message(FATAL_ERROR "cargo not found; run scripts/install-deps")
endif()
set(TRUSTEE_RUST_TARGET ${CMAKE_SOURCE_DIR}/build/rust-target)
set(TRUSTEE_RUST_LIB ${TRUSTEE_RUST_TARGET}/release/libtrustee_rust.a)
file(GLOB_RECURSE rust_sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/rust/src/*.rs)
add_custom_command(
  OUTPUT ${TRUSTEE_RUST_LIB}
  COMMAND ${TRUSTEE_CARGO} build --locked --release --quiet
          --manifest-path ${CMAKE_SOURCE_DIR}/rust/Cargo.toml --target-dir ${TRUSTEE_RUST_TARGET}
  COMMAND ${CMAKE_COMMAND} -E touch ${TRUSTEE_RUST_LIB}
  DEPENDS ${rust_sources} ${CMAKE_SOURCE_DIR}/rust/Cargo.toml ${CMAKE_SOURCE_DIR}/rust/Cargo.lock
  COMMENT "cargo build --release (rust/)" USES_TERMINAL VERBATIM)
add_custom_target(trustee_rust_build DEPENDS ${TRUSTEE_RUST_LIB})
add_library(trustee_rust STATIC IMPORTED GLOBAL)
set_target_properties(trustee_rust PROPERTIES
  IMPORTED_LOCATION ${TRUSTEE_RUST_LIB}
  INTERFACE_INCLUDE_DIRECTORIES ${CMAKE_SOURCE_DIR}/rust/include
  INTERFACE_LINK_LIBRARIES "pthread;dl;m")
add_dependencies(trustee_rust trustee_rust_build)
