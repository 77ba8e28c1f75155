#include "log/record.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "log/errors.h"

namespace trustee::log {
namespace {

// What must not compile as a field.
static_assert(!FieldValue<SecretText> && !FieldValue<SecretBytes>);
static_assert(!FieldValue<ByteVec> && !FieldValue<Bytes> && !FieldValue<ByteArray<4>>);
static_assert(!FieldValue<void*> && !FieldValue<const int*> && !FieldValue<char>);
static_assert(!FieldValue<std::vector<std::string>> && !FieldValue<Level> && !FieldValue<Error>);
static_assert(FieldValue<std::string> && FieldValue<std::string_view> && FieldValue<char[4]>);
static_assert(FieldValue<int> && FieldValue<bool> && FieldValue<std::size_t> && FieldValue<double>);
static_assert(FieldValue<Code> && FieldValue<Errc> && FieldValue<Time> && FieldValue<RequestId>);

Record record(std::string_view text, std::span<const Field> fields = {}) {
  // 2026-11-24T10:05:00.123Z
  return {.time = from_unix_seconds(1795514700) + std::chrono::milliseconds(123),
          .level = Level::info,
          .target = "kbs::http",
          .text = text,
          .request_id = {},
          .fields = fields};
}

TEST(LogRecord, WritesTheTextFormat) {
  Record r = record("Using config file /etc/kbs.toml");
  EXPECT_EQ(line_of(r, Format::text, false),
            "[2026-11-24T10:05:00Z INFO  kbs::http] Using config file /etc/kbs.toml\n");
  r.level = Level::error;
  EXPECT_EQ(line_of(r, Format::text, false),
            "[2026-11-24T10:05:00Z ERROR kbs::http] Using config file /etc/kbs.toml\n");
}

TEST(LogRecord, WritesFieldsOfEveryType) {
  const std::vector<Field> fields{{"tee", "snp"},
                                  {"status", 401},
                                  {"bytes", std::uint64_t{UINT64_MAX}},
                                  {"offset", std::int64_t{-1}},
                                  {"ok", true},
                                  {"share", 0.5},
                                  {"took", std::chrono::microseconds(1074)},
                                  {"code", Errc::filter_malformed},
                                  {"at", from_unix_seconds(0)},
                                  {"agent", "a \"b\""},
                                  {"none", ""}};
  Record r = record("x", fields);
  r.request_id = "r-1";
  EXPECT_EQ(
      line_of(r, Format::text, false),
      "[2026-11-24T10:05:00Z INFO  kbs::http] x request_id=r-1 tee=snp status=401 "
      "bytes=18446744073709551615 offset=-1 ok=true share=0.5 took=0.001074 "
      "code=log.filter_malformed at=1970-01-01T00:00:00.000Z agent=\"a \\\"b\\\"\" none=\"\"\n");
  EXPECT_EQ(line_of(r, Format::json, false),
            "{\"time\":\"2026-11-24T10:05:00.123Z\",\"level\":\"INFO\",\"target\":\"kbs::http\","
            "\"message\":\"x\",\"request_id\":\"r-1\",\"fields\":{\"tee\":\"snp\",\"status\":401,"
            "\"bytes\":18446744073709551615,\"offset\":-1,\"ok\":true,\"share\":0.5,"
            "\"took\":0.001074,\"code\":\"log.filter_malformed\","
            "\"at\":\"1970-01-01T00:00:00.000Z\",\"agent\":\"a \\\"b\\\"\",\"none\":\"\"}}\n");
}

TEST(LogRecord, WritesJsonThatIsJsonEvenForNumbersThatAreNone) {
  const std::vector<Field> fields{{"x", std::numeric_limits<double>::infinity()}, {"y", 1e300}};
  const auto parsed = json::parse(line_of(record("t", fields), Format::json, false));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->at_pointer("/fields/x")->is_null());
}

TEST(LogRecord, ColoursTheLevelOnlyWhenAsked) {
  EXPECT_EQ(line_of(record("x"), Format::text, true),
            "[2026-11-24T10:05:00Z \x1b[32mINFO\x1b[0m  kbs::http] x\n");
  EXPECT_EQ(line_of(record("x"), Format::json, true).find('\x1b'), std::string::npos);
}

TEST(LogRecord, CannotBeBrokenOutOf) {
  const std::string evil =
      "a\n[2026-11-24T10:05:00Z INFO  kbs] forged\r\t\x1b[2J\x7f\xC2\x9B\xE2\x80\xA8\xE2\x80\xAE"
      "\xFF" +
      std::string(1, '\0');
  const std::vector<Field> fields{{"agent", evil}};
  const std::string line = line_of(record(evil, fields), Format::text, false);
  const std::string escaped =
      "a\\n[2026-11-24T10:05:00Z INFO  kbs] forged\\r\\t\\u001b[2J\\u007f\\u009b\\u2028\\u202e"
      "\xEF\xBF\xBD\\u0000";
  EXPECT_EQ(line,
            "[2026-11-24T10:05:00Z INFO  kbs::http] " + escaped + " agent=\"" + escaped + "\"\n");
}

TEST(LogRecord, HoldsItsLimitOfText) {
  const std::string prefix = "[2026-11-24T10:05:00Z INFO  kbs::http] ";
  const std::string at(kMaxText, 'x');
  EXPECT_EQ(line_of(record(at), Format::text, false), prefix + at + "\n");
  EXPECT_EQ(line_of(record(at + "yz"), Format::text, false), prefix + at + "[cut 2 bytes]\n");
}

RC_GTEST_PROP(LogProperty, EveryLineIsOneLineOfSafeText,
              (const std::string& text, const std::string& key, const std::string& value)) {
  const std::vector<Field> fields{{key, value}};
  Record r = record(text, fields);
  r.target = value;
  r.request_id = text;
  for (const Format format : {Format::text, Format::json}) {
    const std::string line = line_of(r, format, false);
    RC_ASSERT(line.find_first_of(std::string("\n\r\x1b\x7f\0", 5)) == line.size() - 1);
    RC_ASSERT(codec::is_utf8(as_bytes(line)));
  }
  const auto parsed = json::parse(line_of(r, Format::json, false));
  RC_ASSERT(parsed.ok());
  RC_ASSERT(*parsed->at_pointer("/message")->as_string() == codec::utf8_lossy(text));
}

}  // namespace
}  // namespace trustee::log
