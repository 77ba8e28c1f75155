#pragma once

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace trustee {

/// The bytes of a file named relative to the repository root; fails the test when it is missing.
inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in.good()) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}
inline ByteVec file_bytes(const std::string& path) { return to_vec(as_bytes(file_text(path))); }

/// `text` with the first `from` replaced; fails the test when there is none.
inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

/// Bytes written as hexadecimal digits in a test; white space is skipped, anything else fails it.
inline ByteVec from_hex(std::string_view digits) {
  ByteVec out;
  int high = -1;
  for (const char c : digits) {
    if (c == ' ' || c == '\n') continue;
    const bool decimal = c >= '0' && c <= '9';
    EXPECT_TRUE(decimal || (c >= 'a' && c <= 'f')) << digits;
    const int value = decimal ? c - '0' : c - 'a' + 10;
    if (high < 0) {
      high = value;
    } else {
      out.push_back(static_cast<std::uint8_t>(high * 16 + value));
      high = -1;
    }
  }
  EXPECT_EQ(high, -1) << "odd number of digits";
  return out;
}

}  // namespace trustee
