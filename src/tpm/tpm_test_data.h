#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/result.h"
#include "tests/support/file_bytes.h"

namespace trustee::tpm {

/// A file made with a software TPM (testdata/make.sh).
inline ByteVec made(const std::string& name) { return file_bytes("src/tpm/testdata/" + name); }

/// The TPMT_PUBLIC of a file that tpm2-tools wrote with its size in front.
inline ByteVec made_public(const std::string& name) {
  const ByteVec file = made(name + ".tpm2b_public");
  return {file.begin() + 2, file.end()};
}

template <class T, class E>
::testing::AssertionResult fails_with(const Result<T>& result, E code) {
  if (result.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().is(code)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}

}  // namespace trustee::tpm
