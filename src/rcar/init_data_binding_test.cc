#include "rcar/init_data_binding.h"

#include <gtest/gtest.h>

#include "rcar/errors.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"

namespace trustee::rcar {
namespace {

// The digests and PCR 8 of client-and-guest.md 8.2.
const ByteVec kDigest =
    from_hex("2765b31f35243636a195a8acc595b86d69223c25bcff9ebb6f7a4e0c340df6b4");
const ByteVec kLongDigest = from_hex(
    "36fd38980d5a3de4451cb02db3ead1694ba9323796ff8980a47665cdcb578e26b38cd7b9c67835bcaac5835f50c763"
    "6e");

TEST(InitDataBinding, snp_takes_the_first_32_bytes) {
  CASE("CL-83");
  const auto got = init_data_binding(Tee::snp, kLongDigest);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->field, "HOSTDATA");
  EXPECT_EQ(got->value, ByteVec(kLongDigest.begin(), kLongDigest.begin() + 32));
}

TEST(InitDataBinding, tdx_appends_16_zero_bytes) {
  CASE("CL-84");
  const auto got = init_data_binding(Tee::tdx, kDigest);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->field, "MRCONFIGID");
  ByteVec padded = kDigest;
  padded.resize(48);
  EXPECT_EQ(got->value, padded);
}

TEST(InitDataBinding, vtpms_extend_pcr_8_by_32_bytes_only) {
  CASE("CL-85");
  for (const Tee tee : {Tee::tpm, Tee::az_snp_vtpm, Tee::az_tdx_vtpm}) {
    EXPECT_EQ(init_data_binding(tee, kDigest)->value,
              from_hex("0f1564a86080d039539dbe4ec1cc941d5ceab54385111ec9c34b7a0f7b313aba"));
    EXPECT_TRUE(init_data_binding(tee, kLongDigest).error().is(Errc::init_data_size));
  }
}

TEST(InitDataBinding, sample_binds_nothing) {
  EXPECT_TRUE(init_data_binding(Tee::sample, kDigest).error().is(Errc::init_data_unbound));
}

}  // namespace
}  // namespace trustee::rcar
