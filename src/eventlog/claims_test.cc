#include "eventlog/claims.h"

#include <gtest/gtest.h>

#include "eventlog/details.h"
#include "eventlog/errors.h"
#include "eventlog/eventlog_test_data.h"
#include "tests/support/case.h"

namespace trustee::eventlog {
namespace {

json::Value details(EventType type, std::string_view hex) {
  const ByteVec data = from_hex(hex);
  auto details = details_of(type, data);
  EXPECT_TRUE(details.ok()) << (details.ok() ? "" : details.error().to_string());
  return details.ok() ? json::Value(*details) : json::Value();
}

Result<json::Object> refused(EventType type, std::string_view hex) {
  const ByteVec data = from_hex(hex);
  return details_of(type, data);
}

TEST(EventLogClaims, RealLogsGiveTheClaimsUpstreamGives) {
  CASE("CPU-80");
  for (const char* name : {"td_shim", "ovmf", "grub", "aael", "csv"}) {
    const ByteVec bytes = real_log(name);
    const auto claims = claims_of(parse(bytes).value());
    ASSERT_TRUE(claims.ok()) << name << claims.error().to_string();
    const auto expected =
        json::parse(file_text("src/eventlog/testdata/" + std::string(name) + ".json")).value();
    const json::Value made(json::Object{{"uefi_event_logs", *claims}});
    EXPECT_EQ(made, expected) << name;
    EXPECT_EQ(json::write(made), json::write_sorted(expected)) << name;  // members in order
  }
}

TEST(EventLogClaims, TheLogsWithoutExpectedFileHaveClaimsToo) {
  for (const char* name : {"gcp", "cos_113"}) {
    const ByteVec bytes = real_log(name);
    EXPECT_TRUE(claims_of(parse(bytes).value()).ok()) << name;
  }
}

TEST(EventLogClaims, AaelContentIsJsonWhereItParses) {
  CASE("AS-80");
  const ByteVec bytes = real_log("aael");
  const auto claims = claims_of(parse(bytes).value()).value();
  const json::Value& entry = claims.at(claims.size() - 1);
  EXPECT_EQ(*entry.at_pointer("/details/data"),
            json::parse(R"({"domain":"coco.com","operation":"some-operation",
                            "content":{"key":"value","nested-key":{"sub-key":"value"}}})")
                .value());
  EXPECT_EQ(*entry.at_pointer("/details/unicode_name"), json::Value("AAEL"));
  EXPECT_EQ(*entry.at_pointer("/digest_matches_event"), json::Value(true));
}

TEST(EventLogClaims, OtherAaelContentIsAString) {
  CASE("AS-81");
  const ByteVec bytes = real_log("aael");
  const auto claims = claims_of(parse(bytes).value()).value();
  const json::Value& entry = claims.at(claims.size() - 2);
  EXPECT_EQ(*entry.at_pointer("/details/data/content"), json::Value("some-content"));
  EXPECT_EQ(*entry.at_pointer("/details/data/domain"), json::Value("coco.com"));
  EXPECT_EQ(*entry.at_pointer("/details/data/operation"), json::Value("some-operation"));
}

json::Value aael(const std::string& text) {
  ByteVec data = from_hex("4c454141");
  for (std::size_t i = 0; i < 4; ++i) {
    data.push_back(static_cast<std::uint8_t>(text.size() >> (8 * i)));
  }
  const ByteVec tail = to_vec(as_bytes(text));
  data.insert(data.end(), tail.begin(), tail.end());
  auto details = details_of(EventType::event_tag, data);
  if (!details.ok()) return details.error().code().id();
  return *details->find("data");
}

TEST(EventLogClaims, AaelEntriesAreSplitAtTheFirstTwoSpaces) {
  EXPECT_EQ(*aael("d o c d e").at_pointer("/content"), json::Value("c d e"));
  EXPECT_EQ(*aael("d o ").at_pointer("/content"), json::Value(""));
  EXPECT_EQ(*aael("d  c").at_pointer("/operation"), json::Value(""));
  EXPECT_EQ(*aael("d o 1.50").at_pointer("/content"),
            json::Value(json::Number::from_text("1.50").value()));
  EXPECT_EQ(aael("d o"), json::Value("eventlog.event_data_malformed"));
  EXPECT_EQ(aael(""), json::Value("eventlog.event_data_malformed"));
  EXPECT_EQ(aael("d o \xFF"), json::Value("eventlog.event_data_malformed"));
}

TEST(EventLogClaims, DeeplyNestedAaelContentStaysAString) {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  const std::string deepest = nested(kMaxContentDepth);
  EXPECT_NE(aael("d o " + deepest).at_pointer("/content")->as_array(), nullptr);
  const std::string deeper = nested(kMaxContentDepth + 1);
  EXPECT_EQ(*aael("d o " + deeper).at_pointer("/content"), json::Value(deeper));
}

TEST(EventLogClaims, TaggedEventsAreTextWithoutNul) {
  CASE("AS-82");
  EXPECT_EQ(details(EventType::event_tag,
                    "ed223b8f1a0000004c4f414445445f494d4147453a3a4c6f61644f7074696f6e7300"),
            json::Value(json::Object{{"string", "LOADED_IMAGE::LoadOptions"}}));
  EXPECT_EQ(details(EventType::event_tag, "ed223b8f 02000000 41ff 55"),
            json::Value(
                json::Object{{"string", "A\xEF\xBF\xBD"}}));  // lossy, and what follows is not read
  EXPECT_TRUE(fails_with(refused(EventType::event_tag, ""), Errc::event_data_malformed));
  EXPECT_TRUE(fails_with(refused(EventType::event_tag, "ed223b8f 03000000 4141"),
                         Errc::event_data_malformed));
}

TEST(EventLogClaims, BootServicesEventsNameTheirDevicePath) {
  CASE("AS-83");
  const auto made =
      details(EventType::efi_boot_services_application,
              "1800b37c0000000000a2a5000000000000000000000000002a0000000000000004031400"
              "72f728144ab61e44b8c39ebdd7f893c7040412006b00650072006e0065006c0000007fff0400");
  EXPECT_EQ(
      json::write(made),
      R"x({"device_paths":["VenMedia(1428F772-B64A-441E-B8C3-9EBDD7F893C7,)","File(kernel)"]})x");
}

TEST(EventLogClaims, ADevicePathLengthThatDoesNotFitIsRefused) {
  const auto path = [](std::string_view length, std::string_view bytes) {
    return refused(EventType::efi_boot_services_application,
                   "000000000000000000000000000000000000000000000000" + std::string(length) +
                       std::string(bytes));
  };
  EXPECT_TRUE(path("0000000000000000", "").value().empty());
  for (const char* length : {"0100000000000000", "0300000000000000", "0400000000000000",
                             "0700000000000000", "0b00000000000000", "ffffffffffffffff"}) {
    EXPECT_TRUE(fails_with(path(length, "010106"), Errc::event_data_malformed)) << length;
  }
  EXPECT_TRUE(path("0a00000000000000", "010106000001").ok());
  for (const char* node : {"010100000001", "010103000001", "010107000001", "0101ffff0001"}) {
    EXPECT_TRUE(fails_with(path("0a00000000000000", node), Errc::event_data_malformed)) << node;
  }
  EXPECT_TRUE(fails_with(path("0b00000000000000", "01010600000101"), Errc::event_data_malformed));
  EXPECT_TRUE(fails_with(refused(EventType::efi_boot_services_application, "00"),
                         Errc::event_data_malformed));
}

TEST(EventLogClaims, InitialProgramLoadsAreUtf16OrBytesUpToNul) {
  CASE("AS-84");
  const auto string = [](std::string_view hex) {
    return *details(EventType::ipl, hex).at_pointer("/string");
  };
  EXPECT_EQ(string("2e006c0069006e00750078000000"), json::Value("linux"));
  EXPECT_EQ(string("4d6f6b4c6973745800"), json::Value("MokListX"));
  EXPECT_EQ(string("4d6f"), json::Value("Mo"));
  EXPECT_EQ(string("ff41 00 42"), json::Value("ff410042"));  // not UTF-8: all of it as hex
  const auto two = refused(EventType::ipl, "2e00");
  ASSERT_TRUE(fails_with(two, Errc::event_data_malformed));
  EXPECT_EQ(two.error().detail(), "Data is too short or not UTF-16 string");
  EXPECT_TRUE(fails_with(refused(EventType::ipl, "2e0000"), Errc::event_data_malformed));
  EXPECT_TRUE(fails_with(refused(EventType::ipl, "41"), Errc::event_data_malformed));
}

TEST(EventLogClaims, CountedTextsLoseTheirLastByte) {
  CASE("AS-85");
  const auto short_one = refused(EventType::efi_platform_firmware_blob2, "0f");
  ASSERT_TRUE(fails_with(short_one, Errc::event_data_malformed));
  EXPECT_EQ(short_one.error().detail(), "Data is too short: expected at least 15 bytes");
  EXPECT_EQ(details(EventType::efi_handoff_tables2, "03 4142 99"),
            json::Value(json::Object{{"string", "AB"}}));
  EXPECT_EQ(details(EventType::efi_handoff_tables2, "01"),
            json::Value(json::Object{{"string", ""}}));
  for (const char* data : {"", "00", "0041", "024142", "02ff"}) {
    const auto refusal = refused(EventType::efi_platform_firmware_blob2, data);
    if (std::string_view(data) == "024142") {
      EXPECT_TRUE(refusal.ok());
      continue;
    }
    EXPECT_TRUE(fails_with(refusal, Errc::event_data_malformed)) << data;
  }
}

TEST(EventLogClaims, EfiVariablesShowTheirGuidInTheOrderOfItsBytes) {
  CASE("AS-86");
  EXPECT_EQ(json::write(details(
                EventType::efi_variable_driver_config,
                "61dfe48bca93d211aa0d00e098032b8c0200000000000000000000000000000050004b00")),
            R"({"unicode_name":"PK","unicode_name_length":2,"variable_data":"",)"
            R"("variable_data_length":0,"variable_name":"61dfe48b-ca93-d211-aa0d-00e098032b8c"})");
}

TEST(EventLogClaims, LengthsOfEfiVariablesAreBounded) {
  const std::string guid = "61dfe48bca93d211aa0d00e098032b8c";
  const auto variable = [&guid](const std::string& rest) {
    return refused(EventType::efi_variable_boot, guid + rest);
  };
  EXPECT_TRUE(variable("0100000000000000 0100000000000000 4100 07").ok());
  EXPECT_TRUE(variable("0100000000000000 0100000000000000 4100 07 99").ok());
  for (const char* rest :
       {"", "0100000000000000", "0200000000000000 0000000000000000 410042",
        "0100000000000000 0200000000000000 4100 07", "ffffffffffffffff 0000000000000000 4100",
        "0000000000000080 0000000000000000 4100", "0100000000000000 ffffffffffffffff 4100 07",
        "0100000000000000 0000000000000000 00d8"}) {
    EXPECT_TRUE(fails_with(variable(rest), Errc::event_data_malformed)) << rest;
  }
}

TEST(EventLogClaims, PlatformConfigFlagsLoseControlCharacters) {
  const auto string = [](std::string_view hex) {
    return *details(EventType::platform_config_flags, hex).at_pointer("/string");
  };
  EXPECT_EQ(string("41 10 42 00 0a 7f 43"), json::Value("A BC"));
  EXPECT_EQ(string("c280 c29f c2a0"), json::Value("\xC2\xA0"));
  EXPECT_EQ(string("41ff"), json::Value(""));
}

TEST(EventLogClaims, PlainTextsMustBeUtf8) {
  for (const EventType type : {EventType::post_code, EventType::action, EventType::compact_hash,
                               EventType::omit_boot_device_events, EventType::efi_action}) {
    EXPECT_EQ(details(type, "41 00"), json::Value(json::Object{{"string", std::string("A\0", 2)}}));
    EXPECT_TRUE(fails_with(refused(type, "41ff"), Errc::event_data_malformed));
  }
}

TEST(EventLogClaims, OtherTypesHaveNoDetails) {
  for (const EventType type : {EventType::separator, EventType::no_action, EventType::efi_gpt_event,
                               EventType::efi_platform_firmware_blob}) {
    EXPECT_EQ(details(type, "ffff"), json::Value(json::Object{}));
  }
}

TEST(EventLogClaims, ADigestThatIsNoHashOfOursIsRefused) {
  for (const std::uint16_t algorithm : std::vector<std::uint16_t>{0x4, 0x1, 0x3}) {
    const ByteVec bytes = LogBytes({{algorithm, 20}})
                              .event(1, EventType::separator, {{algorithm, ByteVec(20, 0)}})
                              .bytes();
    EXPECT_TRUE(fails_with(claims_of(parse(bytes).value()), Errc::digest_not_comparable));
  }
}

TEST(EventLogClaims, EveryListedDigestMustMatchTheData) {
  // sha256("abc"), and sha384("abc") of FIPS 180-4's examples.
  const ByteVec sha256 =
      from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ByteVec sha384 = from_hex(
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
      "8086072ba1e7cc2358baeca134c825a7");
  const auto matches = [&](const std::vector<DigestBytes>& digests) {
    const ByteVec bytes =
        LogBytes({{0xB, 32}, {0xC, 48}}).event(1, EventType::separator, digests, "abc").bytes();
    const auto claims = claims_of(parse(bytes).value()).value();
    return *claims[0].at_pointer("/digest_matches_event")->as_bool();
  };
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches({{0xB, sha256}, {0xC, sha384}}));
  sha384[47] ^= 1U;
  EXPECT_FALSE(matches({{0xB, sha256}, {0xC, sha384}}));
  EXPECT_FALSE(matches({{0xC, sha384}, {0xB, sha256}}));
}

TEST(EventLogClaims, AFailureNamesItsEvent) {
  const ByteVec bytes =
      LogBytes().event(1, EventType::separator, {}).event(1, EventType::action, {}, "\xFF").bytes();
  const auto claims = claims_of(parse(bytes).value());
  ASSERT_TRUE(fails_with(claims, Errc::event_data_malformed));
  EXPECT_EQ(claims.error().context(), std::vector<std::string>{"reading event 1"});
}

}  // namespace
}  // namespace trustee::eventlog
