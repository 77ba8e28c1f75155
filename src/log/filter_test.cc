#include "log/filter.h"

#include <gtest/gtest.h>

namespace trustee::log {
namespace {

Filter filter(std::string_view text) {
  auto f = Filter::parse(text);
  EXPECT_TRUE(f.ok()) << text;
  return f.ok() ? *std::move(f) : Filter(Level::error);
}

TEST(LogFilter, TakesAGlobalLevelInAnyLetterCase) {
  for (const char* text : {"info", "INFO", " Info ", "info,", ",info"}) {
    EXPECT_TRUE(filter(text).enabled(Level::info, "kbs")) << text;
    EXPECT_FALSE(filter(text).enabled(Level::debug, "kbs")) << text;
  }
}

TEST(LogFilter, LetsTheLongestFittingTargetDecide) {
  const Filter f = filter("warn,kbs=info,kbs::http=off,kbs::httpx=trace");
  EXPECT_TRUE(f.enabled(Level::info, "kbs"));
  EXPECT_TRUE(f.enabled(Level::info, "kbs::token"));
  EXPECT_FALSE(f.enabled(Level::debug, "kbs::token"));
  EXPECT_FALSE(f.enabled(Level::error, "kbs::http"));
  EXPECT_TRUE(f.enabled(Level::trace, "kbs::httpx"));
  EXPECT_TRUE(f.enabled(Level::warn, "other"));
  EXPECT_FALSE(f.enabled(Level::info, "other"));
}

TEST(LogFilter, TakesTheDefaultsOfTheServices) {
  const Filter f = filter("warn,attestation_service=info,grpc_as=info");
  EXPECT_TRUE(f.enabled(Level::info, "grpc_as"));
  EXPECT_FALSE(f.enabled(Level::info, "net"));
}

TEST(LogFilter, EnablesNothingForNoneOffAndTheEmptyText) {
  for (const char* text : {"none", "off", "", "OFF", "kbs=off"}) {
    EXPECT_FALSE(filter(text).enabled(Level::error, "kbs")) << text;
  }
  EXPECT_TRUE(filter("none,info").enabled(Level::info, "kbs"));
}

TEST(LogFilter, EnablesEverythingOfABareTarget) {
  EXPECT_TRUE(filter("kbs").enabled(Level::trace, "kbs::http"));
  EXPECT_FALSE(filter("kbs").enabled(Level::error, "as"));
}

TEST(LogFilter, LetsTheLastOfEqualDirectivesCount) {
  EXPECT_TRUE(filter("error,kbs=off,kbs=debug,info").enabled(Level::debug, "kbs"));
  EXPECT_TRUE(filter("error,info").enabled(Level::info, "as"));
}

TEST(LogFilter, RefusesWhatItDoesNotUnderstand) {
  for (const char* text : {"kbs=loud", "=info", "kbs=", "kbs==info", "3", "kbs=info=debug",
                           "info/regex", "kbs[span]=info", "a b", "kbs=in fo", "kbs = info"}) {
    const auto f = Filter::parse(text);
    ASSERT_FALSE(f.ok()) << text;
    EXPECT_TRUE(f.error().is(Errc::filter_malformed)) << text;
  }
}

TEST(LogFilter, HoldsItsLimitOfDirectives) {
  std::string text;
  for (std::size_t i = 0; i < Filter::kMaxDirectives; ++i) {
    text += "t" + std::to_string(i) + "=info,";
  }
  EXPECT_TRUE(Filter::parse(text).ok());
  EXPECT_TRUE(Filter::parse(text + "t0=warn").ok());
  EXPECT_TRUE(Filter::parse(text + "one_more=info").error().is(Errc::filter_malformed));
}

}  // namespace
}  // namespace trustee::log
