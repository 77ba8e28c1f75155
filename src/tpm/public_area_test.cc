#include "tpm/public_area.h"

#include <gtest/gtest.h>

#include "tests/support/tpm_builder.h"
#include "tpm/errors.h"
#include "tpm/tpm_test_data.h"

namespace trustee::tpm {
namespace {

TEST(PublicArea, OfATpmHasTheKeyAndNameThatTpm2ToolsSay) {
  for (const char* name : {"rsa", "ecc"}) {
    const PublicArea area = parse_public_area(made_public(std::string(name) + "-ak")).value();
    EXPECT_EQ(area.key.spki(), made(std::string(name) + "-ak.spki")) << name;
    EXPECT_EQ(area.name, made(std::string(name) + "-ak.name")) << name;
    EXPECT_EQ(area.attributes, kAkAttributes) << name;
    EXPECT_TRUE(check_attestation_key(area).ok()) << name;
  }
}

TEST(PublicArea, OfTheBuilderIsReadAsWell) {
  for (const auto* key : {&test_rsa_ak(), &test_ecc_ak()}) {
    const PublicArea area = parse_public_area(tpm_public_area(key->public_key())).value();
    EXPECT_TRUE(area.key == key->public_key());
  }
}

TEST(PublicArea, AnEndorsementKeyIsNoAttestationKey) {
  for (const char* name : {"rsa-ek", "ecc-ek"}) {
    const PublicArea area = parse_public_area(made_public(name)).value();
    EXPECT_TRUE(check_restricted(area).ok());
    EXPECT_TRUE(fails_with(check_signs_only(area), Errc::key_not_for_signing)) << name;
    EXPECT_TRUE(fails_with(check_attestation_key(area), Errc::key_not_for_signing)) << name;
  }
}

TEST(PublicArea, AKeyThatSignsAnythingIsNoAttestationKey) {
  const PublicArea area = parse_public_area(made_public("rsa-unrestricted")).value();
  EXPECT_TRUE(fails_with(check_restricted(area), Errc::key_not_restricted));
  EXPECT_TRUE(fails_with(check_attestation_key(area), Errc::key_not_restricted));
}

TEST(PublicArea, EachAttributeIsNeeded) {
  const auto check = [](std::uint32_t attributes) {
    return check_attestation_key(
        parse_public_area(tpm_public_area(test_ecc_ak().public_key(), attributes)).value());
  };
  EXPECT_TRUE(check(kAkAttributes).ok());
  EXPECT_TRUE(fails_with(check(kAkAttributes & ~kRestricted), Errc::key_not_restricted));
  EXPECT_TRUE(fails_with(check(kAkAttributes & ~kSign), Errc::key_not_for_signing));
  EXPECT_TRUE(fails_with(check(kAkAttributes | kDecrypt), Errc::key_not_for_signing));
  for (const std::uint32_t bit : {kFixedTpm, kFixedParent, kSensitiveDataOrigin}) {
    EXPECT_TRUE(fails_with(check(kAkAttributes & ~bit), Errc::key_not_of_one_tpm));
  }
}

TEST(PublicArea, CutAnywhereOrWithAByteTooManyItIsRefused) {
  for (const char* name : {"rsa-ak", "ecc-ak", "rsa-ek", "ecc-ek"}) {
    ByteVec whole = made_public(name);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_TRUE(fails_with(parse_public_area(Bytes(whole).first(n)), Errc::public_malformed))
          << name << " " << n;
    }
    whole.push_back(0);
    EXPECT_TRUE(fails_with(parse_public_area(whole), Errc::public_malformed)) << name;
  }
}

TEST(PublicArea, OtherTypesCurvesAndHashesAreNotSupported) {
  ByteVec area = tpm_public_area(test_ecc_ak().public_key());
  area[1] = 0x08;  // a keyed hash
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_unsupported));
  area = tpm_public_area(test_ecc_ak().public_key());
  area[3] = 0x04;  // named by SHA-1
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_unsupported));
  area = tpm_public_area(test_ecc_ak().public_key());
  area[17] = 0x10;  // BN-256
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_unsupported));
}

TEST(PublicArea, APointOffTheCurveAndAWrongKeySizeAreRefused) {
  ByteVec area = tpm_public_area(test_ecc_ak().public_key());
  area.back() ^= 1U;
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_malformed));
  area = tpm_public_area(test_rsa_ak().public_key());
  area[16] = 0x0C;  // 3072 bits
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_malformed));
  area.assign(kMaxPublicArea + 1, 0);
  EXPECT_TRUE(fails_with(parse_public_area(area), Errc::public_malformed));
}

}  // namespace
}  // namespace trustee::tpm
