#pragma once

// How every file includes toml++ (3.3, header-only): with the same macros, or the linker would keep
// one of several versions.
//
// toml++ asserts, or under NDEBUG assumes, what its parser then reports as an error of the
// document:
// `[/x]` aborts, or is undefined. Without NDEBUG and with an assertion that does nothing only the
// report is left.
#pragma push_macro("NDEBUG")
#undef NDEBUG
#define TOML_ASSERT(expr) static_cast<void>(0)
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
