#include "collateral/document.h"

#include <gtest/gtest.h>

#include "collateral/errors.h"
#include "tests/support/file_bytes.h"

namespace trustee::collateral {
namespace {

const Record kRecord{{{0xDE, 0xAD}, "PEM"}, {from_unix_seconds(1), from_unix_seconds(2)}};

TEST(DocumentId, IsAKindAndASubjectAndReadsBackFromItsKey) {
  const DocumentId id{"intel-tcb-info", "tdx/90c06f000000/early"};
  EXPECT_EQ(id.key(), "intel-tcb-info/tdx/90c06f000000/early");
  EXPECT_EQ(parse_document_id(id.key()).value(), id);
  EXPECT_EQ(parse_document_id("amd-vcek/Genoa/00/bl10_tee00").value().subject,
            "Genoa/00/bl10_tee00");
}

TEST(DocumentId, EverythingElseIsNoName) {
  for (const char* key : {"", "kind", "kind/", "/subject", "Kind/subject", "kind/a//b", "kind/a/",
                          "kind//a", "kind/a.b", "kind/a b", "kind/..", "kind/a\n", "kin_d/a"}) {
    EXPECT_TRUE(parse_document_id(key).error().is(Errc::document_id_malformed)) << key;
  }
  const std::string longest = "k/" + std::string(kMaxName - 2, 's');
  EXPECT_TRUE(parse_document_id(longest).ok());
  EXPECT_FALSE(parse_document_id(longest + "s").ok());
}

TEST(Record, HasItsLayoutAndReadsBack) {
  const ByteVec bytes = encode_record(kRecord).value();
  EXPECT_EQ(bytes, from_hex("5443523100000000000f424000000000001e84800000000350454d00000002dead"));
  EXPECT_EQ(decode_record(bytes).value(), kRecord);
}

TEST(Record, EveryTruncationAndEveryByteMoreIsRefused) {
  const ByteVec bytes = encode_record(kRecord).value();
  for (std::size_t n = 0; n < bytes.size(); ++n) {
    EXPECT_TRUE(decode_record(Bytes(bytes).first(n)).error().is(Errc::record_malformed)) << n;
  }
  ByteVec more = bytes;
  more.push_back(0);
  EXPECT_TRUE(decode_record(more).error().is(Errc::record_malformed));
}

TEST(Record, AnotherMagicOrADateOutOfRangeIsRefused) {
  ByteVec bytes = encode_record(kRecord).value();
  bytes[3] = '2';
  EXPECT_TRUE(decode_record(bytes).error().is(Errc::record_malformed));
  bytes[3] = '1';
  bytes[4] = 0xFF;
  EXPECT_TRUE(decode_record(bytes).error().is(Errc::record_malformed));
}

TEST(Record, BodiesAndChainsHaveLimits) {
  Record record = kRecord;
  record.document.body.assign(kMaxBody, 1);
  record.document.issuer_chain.assign(kMaxIssuerChain, 'x');
  EXPECT_EQ(decode_record(encode_record(record).value()).value(), record);
  record.document.body.push_back(1);
  EXPECT_TRUE(encode_record(record).error().is(Errc::record_too_large));
  record.document.body.pop_back();
  record.document.issuer_chain.push_back('x');
  EXPECT_TRUE(encode_record(record).error().is(Errc::record_too_large));
}

}  // namespace
}  // namespace trustee::collateral
