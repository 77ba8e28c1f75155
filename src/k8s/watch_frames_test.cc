#include "k8s/watch_frames.h"

#include <gtest/gtest.h>

#include <vector>

#include "k8s/resource.h"

namespace trustee::k8s {
namespace {

// Source: operator.md section 11.3.
constexpr std::string_view kThree =
    R"({"type":"ADDED","object":{"kind":"Secret","metadata":{"name":"a","resourceVersion":"41"}}})"
    "\n"
    R"({"type":"BOOKMARK","object":{"kind":"Secret","metadata":{"resourceVersion":"57"}}})"
    "\n"
    R"({"type":"ERROR","object":{"kind":"Status","status":"Failure","reason":"Expired","code":410}})"
    "\n";

/// Type and resourceVersion of each event.
std::vector<std::string> events_of(FrameReader& frames) {
  std::vector<std::string> out;
  while (true) {
    auto event = frames.next();
    if (!event.ok()) {
      out.emplace_back(event.error().code().name());
      return out;
    }
    if (!event->has_value()) return out;
    out.push_back(std::to_string(static_cast<int>((*event)->type)) + ' ' +
                  std::string(metadata_text((*event)->object, "resourceVersion")));
  }
}

const std::vector<std::string> kAll{"0 41", "3 57", "4 "};

TEST(FrameReader, gives_the_events_of_one_piece_one_by_one) {
  FrameReader frames;
  ASSERT_TRUE(frames.push(kThree).ok());
  EXPECT_EQ(events_of(frames), kAll);
}

TEST(FrameReader, does_not_care_where_the_transport_cuts) {
  for (std::size_t size = 1; size < kThree.size(); ++size) {
    FrameReader frames;
    std::vector<std::string> out;
    for (std::size_t at = 0; at < kThree.size(); at += size) {
      ASSERT_TRUE(frames.push(kThree.substr(at, size)).ok());
      for (auto& event : events_of(frames)) {
        out.push_back(std::move(event));
      }
    }
    EXPECT_EQ(out, kAll) << size;
  }
}

TEST(FrameReader, gives_no_event_that_is_cut_in_half) {
  FrameReader frames;
  ASSERT_TRUE(frames.push(kThree.substr(0, 40)).ok());
  EXPECT_TRUE(events_of(frames).empty());
}

TEST(FrameReader, passes_over_empty_lines) {
  FrameReader frames;
  ASSERT_TRUE(frames.push("\n\r\n" + std::string(kThree)).ok());
  EXPECT_EQ(events_of(frames), kAll);
}

std::string line_of_size(std::size_t size) {
  std::string out = R"({"type":"ADDED","object":{"data":")";
  out += std::string(size - out.size() - 3, 'x') + "\"}}";
  return out;
}

TEST(FrameReader, takes_an_object_of_two_mebibytes) {
  FrameReader frames;
  ASSERT_TRUE(frames.push(line_of_size(2U << 20U) + '\n').ok());
  EXPECT_EQ(events_of(frames), (std::vector<std::string>{"0 "}));
}

TEST(FrameReader, takes_a_line_of_exactly_the_limit_and_refuses_one_byte_more) {
  FrameReader at_limit(100);
  ASSERT_TRUE(at_limit.push(line_of_size(100) + '\n').ok());
  EXPECT_EQ(events_of(at_limit), (std::vector<std::string>{"0 "}));
  FrameReader beyond(100);
  const auto refused = beyond.push(line_of_size(101) + '\n');
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Errc::frame_too_large));
}

TEST(FrameReader, refuses_an_unfinished_line_beyond_the_limit) {
  FrameReader frames(100);
  ASSERT_TRUE(frames.push(std::string(100, ' ')).ok());
  EXPECT_TRUE(events_of(frames).empty());
  const auto refused = frames.push(" ");
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Errc::frame_too_large));
}

TEST(FrameReader, refuses_a_second_line_beyond_the_limit) {
  FrameReader frames(100);
  ASSERT_TRUE(frames.push("\n" + line_of_size(101) + '\n').ok());
  EXPECT_EQ(events_of(frames), (std::vector<std::string>{"frame_too_large"}));
}

/// An event of so many open brackets.
std::string line_of_depth(std::size_t depth) {
  constexpr std::size_t kAround = 2;  // the event and the object
  return R"({"type":"ADDED","object":{"a":)" + std::string(depth - kAround, '[') +
         std::string(depth - kAround, ']') + "}}";
}

TEST(FrameReader, takes_an_event_as_deep_as_the_reader_goes_and_refuses_one_level_more) {
  FrameReader at_limit;
  ASSERT_TRUE(at_limit.push(line_of_depth(json::kDepthCeiling) + '\n').ok());
  EXPECT_EQ(events_of(at_limit), (std::vector<std::string>{"0 "}));
  FrameReader beyond;
  ASSERT_TRUE(beyond.push(line_of_depth(json::kDepthCeiling + 1) + '\n').ok());
  EXPECT_EQ(events_of(beyond), (std::vector<std::string>{"frame_malformed"}));
}

TEST(FrameReader, refuses_what_is_no_watch_event) {
  for (const char* line :
       {"x", "[]", "{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":[]})",
        R"({"type":"Added","object":{}})", R"({"type":1,"object":{}})", R"({"object":{}})",
        R"({"type":"ADDED","object":{}}{})", R"({"type":"ADDED","object":{"a":1,"a":2}})"}) {
    FrameReader frames;
    ASSERT_TRUE(frames.push(std::string(line) + '\n').ok());
    EXPECT_EQ(events_of(frames), (std::vector<std::string>{"frame_malformed"})) << line;
  }
}

}  // namespace
}  // namespace trustee::k8s
