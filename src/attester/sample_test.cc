#include "attester/sample.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "tests/support/case.h"

namespace trustee::attester {
namespace {

// Digests and evidence of the specification's fixed key and nonce (client-and-guest.md 3.4).
TEST(SampleSource, writes_the_evidence_of_the_specification) {
  CASE("CL-45");
  CASE("CL-70");
  SampleSource source(false);
  EXPECT_EQ(source.primary(), rcar::Tee::sample);
  const auto digest = codec::hex_decode(
      "dc25aa2525b7dbb9957811dc8eb589b655a7307bcc49630d4517d66f06e1024aa4c208e2134929e7a086324e999a"
      "46e0");
  EXPECT_EQ(
      json::write(*source.evidence(*digest)),
      R"({"report_data":"3CWqJSW327mVeBHcjrWJtlWnMHvMSWMNRRfWbwbhAkqkwgjiE0kp56CGMk6Zmkbg","svn":"1"})");
  EXPECT_EQ(*source.additional(*digest), "");
}

TEST(SampleSource, adds_a_device_when_asked) {
  SampleSource source(true);
  const auto digest = codec::hex_decode(
      "543053312eddb5534a084e314154e85de1944ddba4acf4f2ccca4a79af6910ef50397f2b03727d4e3d7fa6c54925"
      "fade");
  EXPECT_EQ(
      *source.additional(*digest),
      R"({"sampledevice":{"report_data":"VDBTMS7dtVNKCE4xQVToXeGUTdukrPTyzMpKea9pEO9QOX8rA3J9Tj1/psVJJfre","svn":"2"}})");
}

}  // namespace
}  // namespace trustee::attester
