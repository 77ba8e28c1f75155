#pragma once

namespace trustee {

/// Prints the failed condition and its place to stderr and aborts. For programmer errors only:
/// nothing that input can reach may end here.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace trustee

/// Aborts when `condition` is false, in every build.
#define TRUSTEE_CHECK(condition)                               \
  do {                                                         \
    if (!(condition)) [[unlikely]] {                           \
      ::trustee::check_failed(#condition, __FILE__, __LINE__); \
    }                                                          \
  } while (false)
