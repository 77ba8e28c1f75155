# trustee_module(NAME snp LAYER 4 DEPS codec crypto [SAME_LAYER amd] [EXTERNAL OpenSSL::Crypto]
#                [CONCURRENT] [COROUTINES])
#
# Makes from the folder of the calling CMakeLists.txt:
#   trustee_<name>        static library of *.cc and internal/*.cc
#   <name>_test           GoogleTest program of *_test.cc (ctest: unit/<name>)
#   fuzz_<name>_<x>       one libFuzzer program per fuzz/<name>/<x>.cc (ctest: corpus/<name>_<x>)
#   <name>_bench          Google Benchmark program of bench/<name>_bench.cc
# and refuses to configure when a dependency lies in a higher layer, in the same layer without
# being named under SAME_LAYER, or is not declared yet.
#
# CONCURRENT  the module's tests also run under TSan.
# COROUTINES  the module needs clang; the gcc tree leaves it out, as it does every layer above 6.

find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
find_package(Threads REQUIRED)
if(TRUSTEE_BENCH)
  find_package(benchmark REQUIRED)
endif()

set_property(GLOBAL PROPERTY TRUSTEE_MODULES "")
add_custom_target(trustee_tests)  # all unit test programs of the tree and what they need

function(trustee_check_edge name layer dep same_layer)
  get_property(known GLOBAL PROPERTY TRUSTEE_LAYER_${dep})
  if("${known}" STREQUAL "")
    message(FATAL_ERROR "module ${name} depends on ${dep}, which is not declared before it")
  elseif(known GREATER layer)
    message(FATAL_ERROR "module ${name} (layer ${layer}) depends upwards on ${dep} (layer ${known})")
  elseif(known EQUAL layer AND NOT dep IN_LIST same_layer)
    message(FATAL_ERROR "module ${name} depends on ${dep} of its own layer ${layer}; name it under SAME_LAYER if that is meant")
  endif()
endfunction()

function(trustee_module)
  cmake_parse_arguments(M "CONCURRENT;COROUTINES" "NAME;LAYER" "DEPS;SAME_LAYER;EXTERNAL" ${ARGN})
  if(M_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "trustee_module(${M_NAME}): unknown arguments ${M_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT M_NAME STREQUAL "base")
    list(APPEND M_DEPS base)
    list(REMOVE_DUPLICATES M_DEPS)
  endif()
  foreach(dep IN LISTS M_DEPS M_SAME_LAYER)
    trustee_check_edge(${M_NAME} ${M_LAYER} ${dep} "${M_SAME_LAYER}")
    set_property(GLOBAL APPEND PROPERTY TRUSTEE_EDGES_${M_NAME} ${dep})
  endforeach()
  set_property(GLOBAL PROPERTY TRUSTEE_LAYER_${M_NAME} ${M_LAYER})
  set_property(GLOBAL APPEND PROPERTY TRUSTEE_MODULES ${M_NAME})
  if(TRUSTEE_CORE_ONLY AND (M_COROUTINES OR M_LAYER GREATER 6))
    set_property(GLOBAL PROPERTY TRUSTEE_SKIPPED_${M_NAME} 1)
    return()
  endif()

  file(GLOB sources CONFIGURE_DEPENDS *.cc internal/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  set(libs ${M_DEPS} ${M_SAME_LAYER})
  list(TRANSFORM libs PREPEND trustee_)
  set(target trustee_${M_NAME})
  if(sources)
    add_library(${target} STATIC ${sources})
    target_include_directories(${target} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} PUBLIC ${libs} ${M_EXTERNAL} Threads::Threads)
  else()
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(${target} INTERFACE ${libs} ${M_EXTERNAL} Threads::Threads)
  endif()

  if(tests AND TRUSTEE_TESTS AND (M_CONCURRENT OR NOT TRUSTEE_CONCURRENT_ONLY))
    add_executable(${M_NAME}_test ${tests})
    add_dependencies(trustee_tests ${M_NAME}_test)
    target_include_directories(${M_NAME}_test PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${M_NAME}_test PRIVATE ${target} GTest::gtest GTest::gmock GTest::gtest_main
                          rapidcheck)
    if(TRUSTEE_SANITIZE)  # optimising them takes longer than it then saves; what they test is optimised
      target_compile_options(${M_NAME}_test PRIVATE -O0)
    endif()
    if(TRUSTEE_FUZZ)  # nor is their coverage of interest to a fuzzer
      target_compile_options(${M_NAME}_test PRIVATE -fno-sanitize=fuzzer-no-link)
    endif()
    add_test(NAME unit/${M_NAME} COMMAND ${M_NAME}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(unit/${M_NAME} PROPERTIES LABELS "unit" TIMEOUT 300)
  endif()

  if(TRUSTEE_FUZZ)
    file(GLOB targets CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/fuzz/${M_NAME}/*.cc)
    foreach(source IN LISTS targets)
      get_filename_component(fuzz ${source} NAME_WE)
      set(exe fuzz_${M_NAME}_${fuzz})
      add_executable(${exe} ${source})
      target_include_directories(${exe} PRIVATE ${CMAKE_SOURCE_DIR})
      target_link_libraries(${exe} PRIVATE ${target})
      target_link_options(${exe} PRIVATE -fsanitize=fuzzer)
      add_test(NAME corpus/${M_NAME}_${fuzz} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
               COMMAND ${exe} -runs=0 -rss_limit_mb=4096 ${CMAKE_SOURCE_DIR}/fuzz/${M_NAME}/${fuzz})
      set_tests_properties(corpus/${M_NAME}_${fuzz} PROPERTIES LABELS "fuzz" TIMEOUT 120)
    endforeach()
  endif()

  if(TRUSTEE_BENCH AND EXISTS ${CMAKE_SOURCE_DIR}/bench/${M_NAME}_bench.cc)
    add_executable(${M_NAME}_bench ${CMAKE_SOURCE_DIR}/bench/${M_NAME}_bench.cc)
    target_include_directories(${M_NAME}_bench PRIVATE ${CMAKE_SOURCE_DIR})
    target_link_libraries(${M_NAME}_bench PRIVATE ${target} benchmark::benchmark)
  endif()
endfunction()

# Compares a module with an independent implementation, a crate: tests/oracles/<name>/compare.py asks
# <tool>.cc beside it, linked with the module, and the oracle that it builds there with cargo.
# Only in trees without sanitizers, where the release phase runs it (ctest -L oracle).
function(trustee_oracle name tool module)
  if(TRUSTEE_CONCURRENT_ONLY OR TRUSTEE_CORE_ONLY OR TRUSTEE_SANITIZE)
    return()
  endif()
  add_executable(${tool} ${CMAKE_SOURCE_DIR}/tests/oracles/${name}/${tool}.cc)
  target_include_directories(${tool} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${tool} PRIVATE trustee_${module})
  add_test(NAME oracle/${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
           COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tests/oracles/${name}/compare.py
                   $<TARGET_FILE:${tool}> ${CMAKE_SOURCE_DIR}/build/oracle-target)
  set_tests_properties(oracle/${name} PROPERTIES LABELS "oracle" TIMEOUT 900)
endfunction()

# Writes build/<preset>/module-graph.txt: one line "layer name: dependencies". ARCHITECTURE.md is
# drawn from it by tools/module_graph.
function(trustee_write_module_graph)
  get_property(modules GLOBAL PROPERTY TRUSTEE_MODULES)
  set(text "")
  foreach(m IN LISTS modules)
    get_property(layer GLOBAL PROPERTY TRUSTEE_LAYER_${m})
    get_property(edges GLOBAL PROPERTY TRUSTEE_EDGES_${m})
    list(REMOVE_DUPLICATES edges)
    list(JOIN edges " " edges)
    string(APPEND text "${layer} ${m}: ${edges}\n")
  endforeach()
  file(WRITE ${CMAKE_BINARY_DIR}/module-graph.txt "${text}")
endfunction()
