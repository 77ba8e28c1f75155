#include "net/content_coding.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/hex.h"

namespace trustee::net {
namespace {

constexpr std::string_view kPlain = "attestation evidence attestation evidence";

// Made by other programs: Python's gzip and zlib modules, Node's brotli, the zstd tool.
struct Coded {
  const char* coding;
  const char* hex;
};
constexpr Coded kCoded[] = {
    {"gzip",
     "1f8b08000000000002034b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c42208005643dd4429000000"},
    {"deflate", "789c4b2c29492d2e492cc9cccf53482dcb4c49cd4b4e5548c422080058c11047"},
    {"br", "1b2800f825c3cae8d290529649126669275f32e000"},
    {"zstd", "28b52ffd0458dd0000a86174746573746174696f6e2065766964656e6365200100919e4ce1babfb0"},
};

ByteVec bytes_of(const Coded& c) { return *codec::hex_decode(c.hex); }

TEST(ContentCoding, undoes_streams_made_by_other_programs) {
  for (const auto& c : kCoded) {
    const auto plain = decode_content(c.coding, bytes_of(c), 1000);
    ASSERT_TRUE(plain.ok()) << c.coding;
    EXPECT_EQ(as_text(*plain), kPlain) << c.coding;
  }
}

TEST(ContentCoding, accepts_exactly_the_limit_and_refuses_one_byte_more) {
  for (const auto& c : kCoded) {
    EXPECT_TRUE(decode_content(c.coding, bytes_of(c), kPlain.size()).ok()) << c.coding;
    const auto over = decode_content(c.coding, bytes_of(c), kPlain.size() - 1);
    ASSERT_FALSE(over.ok()) << c.coding;
    EXPECT_TRUE(over.error().is(Errc::body_too_large)) << c.coding;
  }
}

TEST(ContentCoding, refuses_truncated_streams) {
  for (const auto& c : kCoded) {
    const ByteVec whole = bytes_of(c);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const auto cut = decode_content(c.coding, Bytes(whole).first(n), 1000);
      ASSERT_FALSE(cut.ok()) << c.coding << " cut at " << n;
      EXPECT_TRUE(cut.error().is(Errc::content_coding_malformed)) << c.coding << n;
    }
  }
}

TEST(ContentCoding, refuses_bytes_after_the_stream) {
  for (const auto& c : kCoded) {
    ByteVec longer = bytes_of(c);
    longer.push_back(0);
    const auto r = decode_content(c.coding, longer, 1000);
    ASSERT_FALSE(r.ok()) << c.coding;
    EXPECT_TRUE(r.error().is(Errc::content_coding_malformed)) << c.coding;
  }
}

TEST(ContentCoding, knows_its_names_and_no_others) {
  EXPECT_TRUE(is_known_content_coding("GZip"));
  EXPECT_TRUE(is_known_content_coding("x-gzip"));
  EXPECT_FALSE(is_known_content_coding("identity"));
  EXPECT_FALSE(is_known_content_coding("gzip, gzip"));
  EXPECT_FALSE(is_known_content_coding(""));
}

TEST(ContentCoding, of_a_message_is_one_or_none) {
  Headers headers;
  EXPECT_EQ(content_coding(headers).value(), "");
  headers.add("Content-Encoding", "unheard-of");
  EXPECT_EQ(content_coding(headers).value(), "unheard-of");
  Headers twice = headers;
  twice.add("content-encoding", "gzip");
  Headers list;
  list.add("Content-Encoding", "gzip, br");
  for (const Headers& nested : {twice, list}) {
    const auto r = content_coding(nested);
    ASSERT_FALSE(r.ok());
    EXPECT_TRUE(r.error().is(Errc::content_coding_nested));
  }
}

TEST(Gzip, comes_back_and_has_no_name_and_no_time) {
  for (const std::string_view text : {"", "a", "initdata initdata initdata"}) {
    const auto packed = gzip(as_bytes(text));
    ASSERT_TRUE(packed.ok());
    EXPECT_EQ(as_text(*decode_content("gzip", *packed, 100)), text);
    // RFC 1952: magic, deflate, no flags, no time.
    EXPECT_EQ(ByteVec(packed->begin(), packed->begin() + 8),
              (ByteVec{0x1F, 0x8B, 8, 0, 0, 0, 0, 0}));
  }
}

}  // namespace
}  // namespace trustee::net
