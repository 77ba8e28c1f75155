#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/result.h"
#include "tests/support/file_bytes.h"

namespace trustee::azure {

inline std::string data_file(const std::string& name) { return "src/azure/testdata/" + name; }

template <class T, class E>
::testing::AssertionResult fails_with(const Result<T>& result, E code) {
  if (result.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().is(code)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}

}  // namespace trustee::azure
