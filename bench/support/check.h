#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "base/result.h"

namespace trustee::bench {

/// Ends the program: a benchmark that measures failures is worthless.
[[noreturn]] inline void give_up(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(2);
}

/// The value, or the end of the program.
template <class T>
T must(Result<T> result) {
  if (!result.ok()) give_up(result.error().to_string());
  return std::move(result).value();
}
inline void must_do(const Result<void>& result) {
  if (!result.ok()) give_up(result.error().to_string());
}

}  // namespace trustee::bench
