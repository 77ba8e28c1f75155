#include "net/internal/request_parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace trustee::net {
namespace {

struct Parsed {
  Request request;
  Framing framing;
};

Result<Parsed> parse(std::string_view head, HeadLimits limits = {}) {
  HeadScan scan;
  auto complete = scan.scan(as_bytes(head));
  if (!complete.ok()) return std::move(complete).error();
  if (!*complete) return Errc::transfer_failed;  // stands for "more is needed" in these tests
  Parsed out;
  auto framing = parse_head(as_bytes(head).first(scan.size()), limits, out.request);
  if (!framing.ok()) return std::move(framing).error();
  out.framing = *framing;
  return out;
}

void expect_refused(std::string_view head, Errc why) {
  const auto r = parse(head);
  ASSERT_FALSE(r.ok()) << head;
  EXPECT_TRUE(r.error().is(why)) << head << "\n" << r.error().to_string();
}

TEST(RequestHead, keeps_method_target_and_fields_as_they_were_sent) {
  const auto r =
      parse("GET /kbs/v0/resource/a%2Fb/c?x=1 HTTP/1.1\r\nHost: h\r\nX-B:  two words \r\n\r\n");
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->request.method, "GET");
  EXPECT_EQ(r->request.target, "/kbs/v0/resource/a%2Fb/c?x=1");
  EXPECT_EQ(r->request.minor_version, 1);
  EXPECT_EQ(*r->request.headers.find("x-b"), "two words");
  EXPECT_EQ(r->framing.body, BodyKind::none);
  EXPECT_TRUE(r->framing.keep_alive);
}

TEST(RequestHead, is_found_wherever_the_bytes_are_split) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\nrest";
  for (std::size_t split = 0; split < head.size() - 4; ++split) {
    HeadScan scan;
    const auto first = scan.scan(as_bytes(head).first(split));
    ASSERT_TRUE(first.ok());
    EXPECT_FALSE(*first);
    const auto second = scan.scan(as_bytes(head));
    ASSERT_TRUE(second.ok());
    EXPECT_TRUE(*second);
    EXPECT_EQ(scan.size(), head.size() - 4);
  }
}

TEST(RequestHead, closes_by_default_for_http_1_0_and_on_request) {
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n")->framing.keep_alive);
  EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->framing.keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")->framing.keep_alive);
}

TEST(RequestHead, refuses_two_readings_of_where_the_body_ends) {
  const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
  for (const char* fields : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
           "Content-Length: 5\r\nContent-Length: 6\r\n",
           "Content-Length: 5\r\nContent-Length: 5\r\n",
           "Content-Length: 5, 5\r\n",
           "Content-Length: +5\r\n",
           "Content-Length: -5\r\n",
           "Content-Length: 0x5\r\n",
           "Content-Length: 5 5\r\n",
           "Content-Length:\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
       }) {
    expect_refused(post + fields + "\r\n", Errc::framing_ambiguous);
  }
  expect_refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Errc::framing_ambiguous);
}

TEST(RequestHead, refuses_transfer_codings_other_than_chunked) {
  for (const char* coding :
       {"gzip", "gzip, chunked", "chunked, identity", "xchunked", "identity"}) {
    expect_refused("POST / HTTP/1.1\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\n",
                   Errc::transfer_coding_unsupported);
  }
}

TEST(RequestHead, refuses_what_other_parsers_read_differently) {
  for (const std::string& head : {
           std::string("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n\tA: b\r\n\r\n"),
           std::string("GET / HTTP/1.1\nHost: h\n\n"),
           std::string("GET / HTTP/1.1\r\nHost: h\n\r\n"),
           std::string("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26),
           std::string("GET / HTTP/1.1\r\nA : b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\n: b\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nA\r\n\r\n"),
           std::string("GET  / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1 \r\n\r\n"),
           std::string("GET / HTTP/2.0\r\n\r\n"),
           std::string("GET /\r\n\r\n"),
           std::string("GET / http/1.1\r\n\r\n"),
           std::string("G\x01T / HTTP/1.1\r\n\r\n"),
           std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
       }) {
    expect_refused(head, Errc::head_malformed);
  }
}

TEST(RequestHead, holds_as_many_fields_as_the_limit_and_not_one_more) {
  std::string head = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 3; ++i) {
    head += "X: y\r\n";
  }
  EXPECT_TRUE(parse(head + "\r\n", {.header_count = 3}).ok());
  const auto over = parse(head + "X: y\r\n\r\n", {.header_count = 3});
  ASSERT_FALSE(over.ok());
  EXPECT_TRUE(over.error().is(Errc::header_count_exceeded));
}

TEST(RequestHead, refuses_an_announced_body_above_the_limit) {
  const HeadLimits limits{.header_count = 10, .body_bytes = 10};
  EXPECT_EQ(parse("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n", limits)->framing.length, 10u);
  for (const char* length : {"11", "9223372036854775807"}) {
    const auto over =
        parse("POST / HTTP/1.1\r\nContent-Length: " + std::string(length) + "\r\n\r\n", limits);
    ASSERT_FALSE(over.ok()) << length;
    EXPECT_TRUE(over.error().is(Errc::body_too_large)) << length;
  }
  expect_refused("POST / HTTP/1.1\r\nContent-Length: 18446744073709551616\r\n\r\n",
                 Errc::framing_ambiguous);
}

/// Feeds a chunked body in pieces of `step` bytes. Yields how many bytes were left over as well.
Result<WipedVec> decode_chunked(std::string_view coded, std::size_t step, std::size_t limit,
                                std::size_t* left = nullptr) {
  ChunkDecoder decoder(limit);
  WipedVec body;
  while (!decoder.done()) {
    if (coded.empty()) return Errc::transfer_failed;  // stands for "more is needed"
    auto used = decoder.feed(as_bytes(coded.substr(0, step)), body);
    if (!used.ok()) return std::move(used).error();
    coded.remove_prefix(*used);
  }
  if (left != nullptr) *left = coded.size();
  return body;
}

TEST(ChunkedBody, is_decoded_wherever_the_bytes_are_split) {
  const std::string coded = "4\r\nwiki\r\n5;ext=\"1\"\r\npedia\r\n0\r\nTrailer: x\r\n\r\nGET";
  for (std::size_t step = 1; step <= coded.size(); ++step) {
    std::size_t left = 0;
    const auto body = decode_chunked(coded, step, 100, &left);
    ASSERT_TRUE(body.ok()) << step;
    EXPECT_EQ(as_text(*body), "wikipedia") << step;
    EXPECT_EQ(left, 3u) << step;
  }
}

TEST(ChunkedBody, refuses_malformed_chunks) {
  for (const char* coded :
       {"-4\r\nwiki\r\n0\r\n\r\n", "0x4\r\nwiki\r\n0\r\n\r\n", "4 \nwiki\r\n0\r\n\r\n",
        " 4\r\nwiki\r\n0\r\n\r\n", "4\r\nwikiX\r\n0\r\n\r\n", "\r\nwiki\r\n0\r\n\r\n",
        "g\r\nwiki\r\n0\r\n\r\n", "4\r\nwiki0\r\n\r\n\r\n\r\n", "4\nwiki\r\n0\r\n\r\n",
        "4\r\nwiki\n0\r\n\r\n", "0\r\n\n", "4;a\rb\r\nwiki\r\n0\r\n\r\n"}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
      const auto r = decode_chunked(coded, step, 100);
      ASSERT_FALSE(r.ok()) << coded;
      EXPECT_TRUE(r.error().is(Errc::chunk_malformed)) << coded << r.error().to_string();
    }
  }
}

TEST(ChunkedBody, refuses_sizes_that_overflow) {
  for (const char* size : {"fffffffffffffffff", "10000000000000004", "ffffffffffffffff"}) {
    const auto r = decode_chunked(std::string(size) + "\r\nwiki\r\n0\r\n\r\n", 1000, 100);
    ASSERT_FALSE(r.ok()) << size;
    EXPECT_TRUE(r.error().is(Errc::chunk_malformed) || r.error().is(Errc::body_too_large));
  }
}

TEST(ChunkedBody, accepts_exactly_the_limit_over_all_chunks) {
  const std::string coded = "4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n";
  EXPECT_TRUE(decode_chunked(coded, 7, 9).ok());
  const auto over = decode_chunked(coded, 7, 8);
  ASSERT_FALSE(over.ok());
  EXPECT_TRUE(over.error().is(Errc::body_too_large));
}

TEST(ChunkedBody, ends_after_its_trailer_even_when_that_comes_in_small_pieces) {
  EXPECT_TRUE(decode_chunked("0\r\nT: x\r\n\r\n", 1, 100).ok());
  EXPECT_TRUE(decode_chunked("0\r\n\r\n", 4, 100).ok());
}

TEST(ChunkedBody, takes_so_many_bytes_of_extensions_over_all_chunks_and_not_one_more) {
  const std::string half = ";" + std::string(kMaxExtensions / 2 - 1, 'x');
  const std::string first = "1" + half + "\r\na\r\n";
  const auto fits = decode_chunked(first + "1" + half + "\r\nb\r\n0\r\n\r\n", 1000, 100);
  ASSERT_TRUE(fits.ok());
  EXPECT_EQ(as_text(*fits), "ab");
  for (const std::string& over :
       {"1" + half + "x\r\nb\r\n0\r\n\r\n", "1" + half + "\r\nb\r\n0;\r\n\r\n"}) {
    const auto r = decode_chunked(first + over, 1000, 100);
    ASSERT_FALSE(r.ok());
    EXPECT_TRUE(r.error().is(Errc::chunk_malformed));
  }
}

TEST(ChunkedBody, does_not_hold_endless_chunk_lines) {
  const auto r = decode_chunked("4;" + std::string(2 * kMaxChunkLine, 'x'), 1000, 100);
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::chunk_malformed));
}

}  // namespace
}  // namespace trustee::net
