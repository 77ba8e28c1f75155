#pragma once

#include <string>

#include <gtest/gtest.h>

#include "base/secret.h"
#include "crypto/errors.h"
#include "crypto/x509.h"
#include "tests/support/file_bytes.h"
#include "tests/support/secret_access.h"

namespace trustee::crypto {

inline std::string testdata(const std::string& name) {
  return file_text("src/crypto/testdata/" + name);
}

/// The bytes that the other implementation noted for `field` of `name` in expected.txt.
inline ByteVec expected(const std::string& name, const std::string& field) {
  const std::string text = testdata("expected.txt");
  const std::string start = name + " " + field + " ";
  const std::size_t at = ("\n" + text).find("\n" + start);
  EXPECT_NE(at, std::string::npos) << start;
  if (at == std::string::npos) return {};
  const std::size_t begin = at + start.size();
  return from_hex(std::string_view(text).substr(begin, text.find('\n', begin) - begin));
}

inline const ByteVec& opened(const SecretBytes& s) { return s.reveal(SecretAccessForTest::key()); }
inline const std::string& opened(const SecretText& s) {
  return s.reveal(SecretAccessForTest::key());
}

inline Result<PrivateKey> private_key(const std::string& name) {
  return PrivateKey::from_pem(SecretText(testdata(name)));
}
inline Result<PublicKey> public_key(const std::string& name) {
  return PublicKey::from_pem(testdata(name));
}
inline Certificate certificate(const std::string& name) {
  return Certificate::from_pem(testdata(name + ".pem")).value();
}

template <class T, class E>
::testing::AssertionResult fails_with(const Result<T>& result, E code) {
  if (result.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().is(code)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}

inline ByteVec bytes_from(unsigned first, std::size_t count) {
  ByteVec out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

}  // namespace trustee::crypto
