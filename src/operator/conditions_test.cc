#include "operator/conditions.h"

#include <gtest/gtest.h>

namespace trustee::operators {
namespace {

Problem note(std::string message) {
  return {Aspect::configuration, Weight::note, "Noted", std::move(message)};
}

std::string told(const Findings& findings) { return aspect_conditions(findings).back().message; }

std::string told(const std::string& message) {
  Findings findings;
  findings.add(note(message));
  return told(findings);
}

TEST(Conditions, tell_a_message_of_512_bytes_whole_and_cut_a_longer_one) {
  EXPECT_EQ(told(std::string(512, 'a')), std::string(512, 'a'));
  EXPECT_EQ(told(std::string(513, 'a')), std::string(509, 'a') + "…");
}

TEST(Conditions, cut_a_message_between_characters) {
  EXPECT_EQ(told(std::string(508, 'a') + "äöüß"), std::string(508, 'a') + "…");
  EXPECT_EQ(told(std::string(507, 'a') + "äöüß"), std::string(507, 'a') + "ä…");
  EXPECT_EQ(told(std::string(506, 'a') + "😀😀"), std::string(506, 'a') + "…");
}

TEST(Conditions, tell_ten_problems_and_count_the_others) {
  Findings findings;
  for (char c = 'a'; c <= 'j'; ++c) {
    findings.add(note(std::string(1, c)));
  }
  EXPECT_EQ(told(findings), "a; b; c; d; e; f; g; h; i; j");
  findings.add(note("k"));
  EXPECT_EQ(told(findings), "a; b; c; d; e; f; g; h; i; j; and 1 more");
  findings.add({Aspect::configuration, Weight::degraded, "Worse", "first"});
  EXPECT_EQ(told(findings), "first; a; b; c; d; e; f; g; h; i; and 2 more");
}

}  // namespace
}  // namespace trustee::operators
