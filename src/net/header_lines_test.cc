#include "net/internal/header_lines.h"

#include <curl/curl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "net/errors.h"

namespace trustee::net {
namespace {

std::vector<std::string> texts(const curl_slist* list) {
  std::vector<std::string> out;
  for (; list != nullptr; list = list->next) {
    out.emplace_back(list->data);
  }
  return out;
}

TEST(HeaderLines, are_what_libcurl_wants) {
  Headers headers;
  headers.add("Authorization", "Bearer token");
  headers.add("X-Empty", "");
  headers.add("Content-Length", "7");
  headers.add("Expect", "100-continue");
  const auto lines = header_lines(headers);
  ASSERT_TRUE(lines.ok());
  EXPECT_EQ(texts(lines->get()),
            (std::vector<std::string>{"Authorization: Bearer token", "X-Empty;",
                                      "Expect: 100-continue", "content-type:"}));
}

TEST(HeaderLines, of_what_must_not_be_sent_are_none) {
  Headers headers;
  headers.add("X", "a\r\nInjected: b");
  const auto lines = header_lines(headers);
  ASSERT_FALSE(lines.ok());
  EXPECT_TRUE(lines.error().is(Errc::header_invalid));
}

TEST(HeaderLines, are_overwritten_whole) {
  Headers headers;
  headers.add("Authorization", "Bearer token");
  headers.add("Cookie", "kbs-session-id=secret");
  const auto lines = header_lines(headers);
  ASSERT_TRUE(lines.ok());
  const std::vector<std::string> before = texts(lines->get());
  wipe_lines(lines->get());
  const curl_slist* line = lines->get();
  for (const auto& text : before) {
    ASSERT_NE(line, nullptr);
    const Bytes left = as_bytes({line->data, text.size()});
    EXPECT_TRUE(std::ranges::all_of(left, [](std::uint8_t b) { return b == 0; })) << text;
    line = line->next;
  }
}

}  // namespace
}  // namespace trustee::net
