#include <gtest/gtest.h>

#include "as/bound_data.h"
#include "as/errors.h"
#include "codec/hex.h"
#include "crypto/digest.h"
#include "tests/support/case.h"

namespace trustee::as {
namespace {

constexpr std::string_view kText =
    "algorithm = \"sha256\"\nversion = \"0.1.0\"\n\n[data]\n\"aa.toml\" = '''\n"
    "[token_configs.kbs]\nurl = \"http://127.0.0.1:8080\"\n'''\n";

std::string digest_of(std::string text) {
  const auto bound = bind_init_data(Toml{std::move(text)});
  return bound.ok() ? codec::hex_encode(*bound->expected)
                    : std::string(bound.error().code().name());
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string out(kText);
  for (std::size_t at = out.find(from); at != std::string::npos;
       at = out.find(from, at + to.size())) {
    out.replace(at, from.size(), to);
  }
  return out;
}

TEST(InitDataDigest, is_that_of_the_specification_and_extends_pcr_8) {
  CASE("CL-80");
  ASSERT_EQ(kText.size(), 117U);
  const std::string sha256 = digest_of(std::string(kText));
  EXPECT_EQ(sha256, "2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4");
  EXPECT_EQ(
      codec::hex_encode(crypto::sha384(as_bytes(kText))),
      "36fd38980d5a3de4451cb02db3ead1694ba9323796ff8980a47665cdcb578e26b38cd7b9c67835bcaac5835"
      "f50c7636e");
  const ByteArray<32> zeros{};
  const auto pcr8 = crypto::digest(crypto::Hash::sha256, {zeros, *codec::hex_decode(sha256)});
  EXPECT_EQ(codec::hex_encode(pcr8.bytes()),
            "0f1564a86080d039539dbe4ec1cc941d5ceab54385111ec9c34b7a0f7b313aba");
}

TEST(InitDataDigest, other_line_ends_are_another_document) {
  CASE("CL-81");
  const std::string crlf = digest_of(replaced("\n", "\r\n"));
  EXPECT_EQ(crlf.size(), 64U) << crlf;
  EXPECT_NE(crlf, digest_of(std::string(kText)));
}

TEST(InitDataDigest, a_hyphen_in_the_algorithm_is_refused) {
  CASE("CL-82");
  EXPECT_EQ(digest_of(replaced("sha256", "sha-256")), "init_data_malformed");
}

}  // namespace
}  // namespace trustee::as
