# trustee_collect_static(<out> <target>…): the files of the static libraries that the targets are
# made of, directly or through others, ours and the Rust library.
function(trustee_collect_static out)
  set(todo ${ARGN})
  set(seen "")
  set(files "")
  while(todo)
    list(POP_FRONT todo target)
    if(NOT TARGET ${target} OR target IN_LIST seen)
      continue()
    endif()
    list(APPEND seen ${target})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND files $<TARGET_FILE:${target}>)
    endif()
    get_target_property(libraries ${target} INTERFACE_LINK_LIBRARIES)
    if(libraries)
      list(TRANSFORM libraries REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1")
      list(APPEND todo ${libraries})
    endif()
  endwhile()
  set(${out} "${files}" PARENT_SCOPE)
endfunction()

# trustee_one_library(NAME attester SOURCES attester.cc MODULES attester …): lib<name>.a that needs
# no other library of ours. It holds one object: the sources and all they use of the modules. What
# the guest's own build must still link stands in the .pc file.
function(trustee_one_library)
  cmake_parse_arguments(L "" "NAME" "SOURCES;MODULES" ${ARGN})
  set(face ${L_NAME}_face)
  add_library(${face} OBJECT ${L_SOURCES})
  target_include_directories(${face} PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${face} PRIVATE ${L_MODULES})
  trustee_collect_static(files ${L_MODULES})
  set(object ${CMAKE_CURRENT_BINARY_DIR}/lib${L_NAME}.o)
  set(archive ${CMAKE_CURRENT_BINARY_DIR}/lib${L_NAME}.a)
  add_custom_command(
    OUTPUT ${archive}
    COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib -fuse-ld=bfd -o ${object} $<TARGET_OBJECTS:${face}>
            -Wl,--start-group ${files} -Wl,--end-group
    COMMAND ${CMAKE_OBJCOPY} --strip-debug ${object}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${archive}
    COMMAND ${CMAKE_AR} rcs ${archive} ${object}
    DEPENDS ${face} $<TARGET_OBJECTS:${face}> ${files}
    COMMAND_EXPAND_LISTS VERBATIM COMMENT "lib${L_NAME}.a")
  add_custom_target(${L_NAME}_library ALL DEPENDS ${archive})
  set_property(TARGET ${L_NAME}_library PROPERTY TRUSTEE_ARCHIVE ${archive})
endfunction()
