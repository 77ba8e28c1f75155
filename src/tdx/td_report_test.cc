#include "tdx/td_report.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "intel/intel_test_data.h"
#include "tdx/errors.h"

namespace trustee::tdx {
namespace {

using intel::refusal;

ByteVec real_report() { return file_bytes("src/tdx/testdata/tdreport_1.bin"); }

TEST(TdReport, OfARealModuleIsRead) {
  const intel::TdReport10 report = parse_td_report(real_report()).value();
  EXPECT_EQ(codec::hex_encode(Bytes(report.rtmr_0).first(4)), "f4ec1a04");
  EXPECT_EQ(codec::hex_encode(Bytes(report.rtmr_1).first(4)), "4e5f8826");
  EXPECT_EQ(report.rtmr_2, ByteArray<48>{});
  EXPECT_EQ(report.rtmr_3, ByteArray<48>{});
}

TEST(TdReport, OfTheBuilderIsThatOfItsQuote) {
  QuoteBuilder builder = QuoteBuilder::tdx_v4();
  builder.with_report_data(from_hex("0102")).with_init_data(from_hex("0304")).with_debug();
  const auto quote = intel::parse_quote(builder.sign(IntelPki())).value();
  const intel::TdReport10 report = parse_td_report(builder.td_report()).value();
  EXPECT_EQ(report.report_data, regularised<64>(from_hex("0102")));
  EXPECT_EQ(report.mr_config_id, regularised<48>(from_hex("0304")));
  EXPECT_TRUE(check_td_report(report, *quote.td_report()).ok());
  const auto other = intel::parse_quote(QuoteBuilder::tdx_v4().sign(IntelPki())).value();
  EXPECT_EQ(refusal(check_td_report(report, *other.td_report())), "tdx.td_report_mismatch");
}

TEST(TdReport, EachFieldIsComparedAndNamed) {
  const QuoteBuilder builder = QuoteBuilder::tdx_v4();
  const auto quote = intel::parse_quote(builder.sign(IntelPki())).value();
  const ByteVec good = builder.td_report();
  // By the offsets of the specification.
  const struct {
    const char* name;
    std::size_t offset, size;
  } fields[] = {{"REPORTDATA", 128, 64},   {"TEE_TCB_SVN", 264, 16},    {"MRSEAM", 280, 48},
                {"MRSIGNERSEAM", 328, 48}, {"SEAM ATTRIBUTES", 376, 8}, {"ATTRIBUTES", 512, 8},
                {"XFAM", 520, 8},          {"MRTD", 528, 48},           {"MRCONFIGID", 576, 48},
                {"MROWNER", 624, 48},      {"MROWNERCONFIG", 672, 48},  {"RTMR0", 720, 48},
                {"RTMR1", 768, 48},        {"RTMR2", 816, 48},          {"RTMR3", 864, 48}};
  for (const auto& field : fields) {
    for (std::size_t at = field.offset; at < field.offset + field.size; ++at) {
      ByteVec changed = good;
      changed[at] ^= 0x40U;
      const auto checked = check_td_report(parse_td_report(changed).value(), *quote.td_report());
      ASSERT_EQ(refusal(checked), "tdx.td_report_mismatch") << at;
      EXPECT_EQ(checked.error().detail(), field.name) << at;
    }
  }
}

TEST(TdReport, OfAnotherSizeTypeOrVersionIsRefused) {
  ByteVec report = real_report();
  for (std::size_t size = 0; size < report.size(); ++size) {
    EXPECT_EQ(refusal(parse_td_report(Bytes(report).first(size))), "tdx.td_report_malformed");
  }
  report.push_back(0);
  EXPECT_EQ(refusal(parse_td_report(report)), "tdx.td_report_malformed");
  report.pop_back();
  const auto with_byte = [&report](std::size_t at, std::uint8_t value) {
    ByteVec changed = report;
    changed[at] = value;
    return parse_td_report(changed);
  };
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{0, 1, 2, 0x80, 0x82, 0xFF}) {
    EXPECT_EQ(refusal(with_byte(0, type)), "tdx.td_report_type_unsupported");
  }
  EXPECT_EQ(refusal(with_byte(1, 1)), "tdx.td_report_type_unsupported");
  EXPECT_TRUE(with_byte(2, 0).ok());
  EXPECT_EQ(refusal(with_byte(2, 2)), "tdx.td_report_type_unsupported");
  EXPECT_EQ(refusal(with_byte(3, 1)), "tdx.td_report_type_unsupported");
}

}  // namespace
}  // namespace trustee::tdx
