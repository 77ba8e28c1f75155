#include "codec/time.h"

#include <gtest/gtest.h>

#include "codec/errors.h"

namespace trustee::codec {
namespace {

constexpr std::int64_t kMoment = 1795514700;  // 2026-11-24T10:05:00Z, from GNU date

TEST(Time, WritesTheThreeForms) {
  const Time t = from_unix_seconds(kMoment) + std::chrono::microseconds(123999);
  EXPECT_EQ(rfc3339_seconds(t), "2026-11-24T10:05:00Z");
  EXPECT_EQ(rfc3339_millis(t), "2026-11-24T10:05:00.123Z");
  EXPECT_EQ(http_date(t), "Tue, 24 Nov 2026 10:05:00 GMT");
}

TEST(Time, WritesMomentsBefore1970AndOnLeapDays) {
  EXPECT_EQ(rfc3339_millis(from_unix_seconds(0) - std::chrono::milliseconds(1)),
            "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(http_date(from_unix_seconds(951782400)), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(Time, ReadsWhatItWrites) {
  EXPECT_EQ(*parse_rfc3339_seconds("2026-11-24T10:05:00Z"), from_unix_seconds(kMoment));
  EXPECT_EQ(*parse_rfc3339("2026-11-24T10:05:00Z"), from_unix_seconds(kMoment));
  EXPECT_EQ(*parse_date_or_time("2026-11-24"), from_unix_seconds(1795478400));
  EXPECT_EQ(*parse_date_or_time("2026-11-24T10:05:00Z"), from_unix_seconds(kMoment));
}

TEST(Time, ReadsFractionsAndOffsets) {
  const Time t = from_unix_seconds(kMoment);
  using std::chrono::microseconds;
  EXPECT_EQ(*parse_rfc3339("2026-11-24T12:05:00.5+02:00"), t + microseconds(500000));
  EXPECT_EQ(*parse_rfc3339("2026-11-24t04:35:00.000001999-05:30"), t + microseconds(1));
  EXPECT_EQ(*parse_rfc3339("2026-11-24T10:05:00-00:00"), t);
  EXPECT_EQ(*parse_rfc3339("2026-11-24T10:05:00z"), t);
}

TEST(Time, ReadsTheDatesOfHttp) {
  EXPECT_EQ(*parse_http_date("Tue, 24 Nov 2026 10:05:00 GMT"), from_unix_seconds(kMoment));
  EXPECT_EQ(*parse_http_date("Tue, 29 Feb 2000 00:00:00 GMT"), from_unix_seconds(951782400));
  for (const char* text : {"", "Wed, 24 Nov 2026 10:05:00 GMT", "Tue, 24 Nov 2026 10:05:00 UTC",
                           "Tue, 24 nov 2026 10:05:00 GMT", "Tue, 24 Nov 2026 24:00:00 GMT",
                           "Tue,  4 Nov 2026 10:05:00 GMT", "Tue, 30 Feb 2026 10:05:00 GMT",
                           "Tuesday, 24-Nov-26 10:05:00 GMT", "Tue Nov 24 10:05:00 2026",
                           "Tue, 24 Nov 2026 10:05:00 GMT ", " Tue, 24 Nov 2026 10:05:00 GMT"}) {
    EXPECT_TRUE(parse_http_date(text).error().is(Errc::time_malformed)) << text;
  }
}

TEST(Time, RefusesEverythingElse) {
  for (const char* text : {"",
                           "2026-11-24",
                           "2026-11-24T10:05:00",
                           "2026-11-24 10:05:00Z",
                           "2026-11-24T10:05Z",
                           "2026-13-24T10:05:00Z",
                           "2026-00-24T10:05:00Z",
                           "2026-02-29T10:05:00Z",
                           "2026-11-31T10:05:00Z",
                           "2026-11-24T24:00:00Z",
                           "2026-11-24T10:60:00Z",
                           "2026-11-24T10:05:60Z",
                           "2026-11-24T10:05:00.Z",
                           "2026-11-24T10:05:00+2:00",
                           "2026-11-24T10:05:00+0200",
                           "2026-11-24T10:05:00+24:00",
                           "2026-11-24T10:05:00Z ",
                           " 2026-11-24T10:05:00Z",
                           "26-11-24T10:05:00Z",
                           "2026-1-24T10:05:00Z",
                           "-026-11-24T10:05:00Z",
                           "2026-11-24T10:05:00,5Z",
                           "2026-11-24T1x:05:00Z"}) {
    ASSERT_FALSE(parse_rfc3339(text).ok()) << text;
    EXPECT_TRUE(parse_rfc3339(text).error().is(Errc::time_malformed)) << text;
  }
  for (const char* text : {"2026-11-24T10:05:00.0Z", "2026-11-24t10:05:00Z", "2026-11-24T10:05:00z",
                           "2026-11-24T10:05:00+00:00"}) {
    EXPECT_FALSE(parse_rfc3339_seconds(text).ok()) << text;
  }
  for (const char* text : {"2026-02-30", "2026-11-2x", "24-11-2026", "2026/11/24"}) {
    EXPECT_FALSE(parse_date_or_time(text).ok()) << text;
  }
}

}  // namespace
}  // namespace trustee::codec
