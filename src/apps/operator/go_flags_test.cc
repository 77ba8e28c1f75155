#include "apps/operator/go_flags.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace trustee::apps {
namespace {

using Words = std::vector<std::string>;

class Flags : public ::testing::Test {
 protected:
  Flags() {
    flags_.text("address", address_, "Where");
    flags_.truth("elect", elect_, "Whether");
    flags_.choice("encoder", encoder_, {"console", "json"}, "How");
    flags_.level("level", level_, {"debug", "info"}, "What");
  }
  /// `done`, `help`, or why it is wrong.
  std::string read(const Words& words) {
    std::string problem;
    switch (flags_.read(words, problem)) {
      case GoFlags::Reading::done:
        return "done";
      case GoFlags::Reading::help:
        return "help";
      case GoFlags::Reading::wrong:
        break;
    }
    return problem;
  }
  std::string address_ = ":1";
  bool elect_ = false;
  std::string encoder_;
  std::string level_;
  GoFlags flags_{"program", "What it is"};
};

// Source: the documentation of the Go package `flag`, "Command line flag syntax", and the texts of
// its errors.
TEST_F(Flags, come_with_one_dash_or_two_and_their_value_beside_or_after) {
  for (const Words& words : {Words{"-address=:2"}, Words{"--address=:2"}, Words{"-address", ":2"},
                             Words{"--address", ":2"}}) {
    address_ = ":1";
    EXPECT_EQ(read(words), "done");
    EXPECT_EQ(address_, ":2");
  }
  EXPECT_EQ(read({"--address=a=b"}), "done");
  EXPECT_EQ(address_, "a=b");
  EXPECT_EQ(read({"--address="}), "done");
  EXPECT_EQ(address_, "");
}

TEST_F(Flags, that_are_truths_take_no_next_word) {
  EXPECT_EQ(read({"--elect", "false", "--address=:2"}), "done");
  EXPECT_TRUE(elect_);
  EXPECT_EQ(address_, ":1");
  for (const char* word : {"0", "f", "F", "false", "FALSE", "False"}) {
    elect_ = true;
    EXPECT_EQ(read({"--elect=" + std::string(word)}), "done");
    EXPECT_FALSE(elect_);
  }
  EXPECT_EQ(read({"--elect=yes"}), "invalid boolean value \"yes\" for -elect: parse error");
}

TEST_F(Flags, that_are_choices_take_only_their_words) {
  EXPECT_EQ(read({"--encoder", "json"}), "done");
  EXPECT_EQ(encoder_, "json");
  EXPECT_EQ(read({"--encoder=xml"}), "invalid value \"xml\" for flag -encoder");
  EXPECT_EQ(read({"--encoder="}), "invalid value \"\" for flag -encoder");
  EXPECT_EQ(encoder_, "json");
  EXPECT_EQ(read({"--encoder=Console"}), "done");
  EXPECT_EQ(encoder_, "console");
}

// Source: controller-runtime v0.24.1, pkg/log/zap: words in any letter case, or strconv.Atoi > 0.
TEST_F(Flags, that_are_levels_take_their_words_and_numbers_above_0) {
  for (const auto& [given, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"debug", "debug"},
           {"INFO", "info"},
           {"1", "1"},
           {"+7", "+7"},
           {"9223372036854775807", "9223372036854775807"}}) {
    EXPECT_EQ(read({"--level", given}), "done");
    EXPECT_EQ(level_, value);
  }
  for (const char* wrong :
       {"", "typo", "debug ", "0", "-1", "1x", "+", "+-1", "1.0", "0x1", "9223372036854775808"}) {
    EXPECT_EQ(read({std::string("--level=") + wrong}),
              std::string("invalid value \"") + wrong + "\" for flag -level");
  }
}

TEST_F(Flags, end_at_the_first_word_that_is_none) {
  for (const char* word : {"word", "-", "--", ""}) {
    EXPECT_EQ(read({word, "--address=:2"}), "done");
    EXPECT_EQ(address_, ":1");
  }
}

TEST_F(Flags, that_are_wrong_are_named) {
  EXPECT_EQ(read({"--other"}), "flag provided but not defined: -other");
  EXPECT_EQ(read({"--address"}), "flag needs an argument: -address");
  EXPECT_EQ(read({"---address=x"}), "bad flag syntax: ---address=x");
  EXPECT_EQ(read({"-=x"}), "bad flag syntax: -=x");
}

TEST_F(Flags, help_is_asked_for_in_four_ways) {
  for (const char* word : {"-h", "--h", "-help", "--help"}) {
    EXPECT_EQ(read({word}), "help");
  }
  EXPECT_NE(flags_.usage().find("--address TEXT [:1]"), std::string::npos);
}

}  // namespace
}  // namespace trustee::apps
