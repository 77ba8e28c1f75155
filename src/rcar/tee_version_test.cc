#include <gtest/gtest.h>

#include <set>
#include <string>

#include "rcar/tee.h"
#include "rcar/version.h"

namespace trustee::rcar {
namespace {

// Source  kbs.md 4.
TEST(Tee, HasTheNamesOfTheWire) {
  std::set<std::string_view> names;
  for (const Tee tee : kAllTees) {
    names.insert(to_string(tee));
    EXPECT_EQ(tee_from_name(to_string(tee)), tee);
  }
  EXPECT_EQ(names, (std::set<std::string_view>{"az-snp-vtpm", "az-tdx-vtpm", "nvidia", "sgx", "snp",
                                               "tdx", "cca", "csv", "se", "hygondcu", "tpm",
                                               "sample", "sampledevice", "nvidia-dpu"}));
}

TEST(Tee, OfTheDpuHasASecondNameAndNoThird) {
  EXPECT_EQ(tee_from_name("nvidiadpu"), Tee::nvidia_dpu);
  EXPECT_EQ(tee_from_name("dpu"), std::nullopt);
}

TEST(Tee, RefusesEverythingElse) {
  for (const std::string_view name :
       {"", "sev", "TDX", "Snp", "azsnpvtpm", "aztdxvtpm", "az_snp_vtpm", "sample "}) {
    EXPECT_EQ(tee_from_name(name), std::nullopt) << name;
  }
  EXPECT_EQ(tee_from_name(std::string_view("snp\0", 4)), std::nullopt);
}

// Source  attestation-service.md 6.5.
TEST(TeeClass, HasTheNamesOfSubmodulesAndPolicies) {
  std::set<std::string_view> names;
  for (const TeeClass c : kAllTeeClasses) {
    names.insert(to_string(c));
    EXPECT_EQ(tee_class_from_name(to_string(c)), c);
  }
  EXPECT_EQ(names,
            (std::set<std::string_view>{"cpu", "gpu", "switch", "ppcie", "dcu", "nvidia-dpu"}));
  EXPECT_EQ(tee_class_from_name("cpu0"), std::nullopt);
}

TEST(ProtocolVersion, IsExactlyOneButForBuildMetadata) {
  for (const std::string_view version : {"0.4.0", "0.4.0+abc", "0.4.0+001.a-b", "0.4.0+0"}) {
    EXPECT_TRUE(check_protocol_version(version).ok()) << version;
  }
}

// Source  kbs.md 5.1 and 16.1, R3 and R4.
TEST(ProtocolVersion, RefusesOtherVersions) {
  for (const std::string_view version :
       {"0.1.0", "0.4.1", "0.3.0", "1.0.0", "0.4.0-rc1", "0.4.0-0", "0.4.0-rc.1+b", "0.4.0--",
        "0.4.18446744073709551615", "0.40.0"}) {
    EXPECT_TRUE(check_protocol_version(version).error().is(Errc::version_mismatch)) << version;
  }
}

// Source  Semantic Versioning 2.0.0, items 2, 9 and 10.
TEST(ProtocolVersion, MustBeASemanticVersion) {
  for (const std::string_view version : {"",
                                         "0",
                                         "0.4",
                                         "v0.4.0",
                                         " 0.4.0",
                                         "0.4.0 ",
                                         "0.04.0",
                                         "00.4.0",
                                         "0.4.00",
                                         "0.4.0.0",
                                         "0.4.",
                                         "0..0",
                                         ".4.0",
                                         "0.4.0-",
                                         "0.4.0+",
                                         "0.4.0-a..b",
                                         "0.4.0-01",
                                         "0.4.0+a..b",
                                         "0.4.0+a+b",
                                         "0.4.0-a_b",
                                         "0.4.x",
                                         "-0.4.0",
                                         "0.4.18446744073709551616",
                                         "0.4.0-\xc3\xa4"}) {
    EXPECT_TRUE(check_protocol_version(version).error().is(Errc::version_malformed)) << version;
  }
  EXPECT_TRUE(check_protocol_version("0.4.0+" + std::string(250, 'a')).ok());
  EXPECT_TRUE(
      check_protocol_version("0.4.0+" + std::string(251, 'a')).error().is(Errc::version_malformed));
}

}  // namespace
}  // namespace trustee::rcar
