#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/result.h"
#include "eventlog/event_type.h"
#include "tests/support/file_bytes.h"

namespace trustee::eventlog {

inline ByteVec real_log(const std::string& name) {
  return file_bytes("src/eventlog/testdata/" + name + ".bin");
}

template <class T, class E>
::testing::AssertionResult fails_with(const Result<T>& result, E code) {
  if (result.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().is(code)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}

struct DeclaredDigest {
  std::uint16_t algorithm;
  std::uint16_t size;
};
struct DigestBytes {
  std::uint16_t algorithm;
  ByteVec value;
};

/// Writes a log: the record of digest sizes (SHA-384 unless told otherwise), then what is added.
class LogBytes {
 public:
  explicit LogBytes(const std::vector<DeclaredDigest>& sizes = {{0xC, 48}}) {
    put32(0);
    put32(3);
    out_.insert(out_.end(), 20, 0);
    put32(static_cast<std::uint32_t>(29 + 4 * sizes.size()));
    out_.insert(out_.end(), 24, 0);
    put32(static_cast<std::uint32_t>(sizes.size()));
    for (const DeclaredDigest& d : sizes) {
      put16(d.algorithm);
      put16(d.size);
    }
    out_.push_back(0);
  }

  LogBytes& event(std::uint32_t index, EventType type, const std::vector<DigestBytes>& digests,
                  std::string_view data = {}) {
    put32(index);
    put32(static_cast<std::uint32_t>(type));
    put32(static_cast<std::uint32_t>(digests.size()));
    for (const DigestBytes& d : digests) {
      put16(d.algorithm);
      out_.insert(out_.end(), d.value.begin(), d.value.end());
    }
    put32(static_cast<std::uint32_t>(data.size()));
    out_.insert(out_.end(), data.begin(), data.end());
    return *this;
  }

  const ByteVec& bytes() const { return out_; }

 private:
  void put16(std::uint32_t n) {
    out_.push_back(static_cast<std::uint8_t>(n));
    out_.push_back(static_cast<std::uint8_t>(n >> 8U));
  }
  void put32(std::uint32_t n) {
    put16(n & 0xFFFFU);
    put16(n >> 16U);
  }

  ByteVec out_;
};

}  // namespace trustee::eventlog
