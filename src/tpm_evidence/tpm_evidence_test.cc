#include <gtest/gtest.h>

#include "codec/base64.h"
#include "codec/hex.h"
#include "tests/support/case.h"
#include "tests/support/file_bytes.h"
#include "tests/support/flipped.h"
#include "tests/support/tpm_builder.h"
#include "tpm/errors.h"
#include "tpm_evidence/errors.h"
#include "tpm_evidence/verify.h"

namespace trustee::tpm_evidence {
namespace {

using T = tpm::Errc;

template <class R, class E>
::testing::AssertionResult fails_with(const Result<R>& result, E code) {
  if (result.ok()) return ::testing::AssertionFailure() << "it succeeded";
  if (result.error().is(code)) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << result.error().to_string();
}

std::string real_evidence() { return file_text("src/tpm_evidence/testdata/tpm_evidence.json"); }

Result<claims::Verified<Attested>> verified(const std::string& json,
                                            const claims::Expected& expected = {},
                                            const Policy& policy = {}) {
  auto evidence = parse_evidence(json);
  if (!evidence.ok()) return evidence.error();
  return verify(*evidence, expected, policy);
}

/// The real evidence with the value at `pointer` replaced.
std::string with(std::string_view pointer, json::Value value) {
  json::Value document = json::parse(real_evidence()).value();
  const json::Value* place = document.at_pointer(pointer);
  EXPECT_NE(place, nullptr) << pointer;
  *const_cast<json::Value*>(place) = std::move(value);
  return json::write(document);
}

json::Value at(std::string_view pointer) {
  return *json::parse(real_evidence()).value().at_pointer(pointer);
}

TEST(TpmEvidence, OfARealTpmVerifiesAndGivesUpstreamsClaims) {
  CASE("CPU-96");
  const auto attested = verified(real_evidence());
  ASSERT_TRUE(attested.ok()) << attested.error().to_string();
  const json::Value expected =
      json::parse(file_text("src/tpm_evidence/testdata/tpm_evidence.claims.json")).value();
  EXPECT_EQ(json::Value(claims_of(*attested).claims), expected);
  EXPECT_EQ(claims_of(*attested).tee_class, claims::TeeClass::cpu);
  EXPECT_EQ(json::write(verification_claims(*attested)), R"({"ak_trust":"any"})");
}

TEST(TpmEvidence, ItsOwnLongNonceIsNotWhatGuestsSend) {
  CASE("CPU-97");
  const json::Value claims =
      json::parse(file_text("src/tpm_evidence/testdata/tpm_evidence.claims.json")).value();
  const ByteVec nonce = codec::hex_decode(*claims.at_pointer("/report_data")->as_string()).value();
  ASSERT_EQ(nonce.size(), 64U);
  const auto refused = verified(real_evidence(), {Bytes(nonce), std::nullopt});
  ASSERT_TRUE(fails_with(refused, T::nonce_mismatch));
  EXPECT_EQ(upstream_text(refused.error().code()),
            "TPM quote nonce doesn't match expected report_data");
}

TEST(TpmEvidence, APcrOfAnotherLengthIsRefused) {
  CASE("CPU-98");
  std::string pcr = *at("/tpm_quote/pcrs/3").as_string();
  pcr.resize(62);
  const auto refused = verified(with("/tpm_quote/pcrs/3", pcr));
  ASSERT_TRUE(fails_with(refused, T::pcr_malformed));
  EXPECT_EQ(refused.error().detail(), "PCR should be 64 hex characters (32 bytes), got 62");
}

TEST(TpmEvidence, AnRsaPssSignatureIsNotSupported) {
  CASE("CPU-98");
  ByteVec signature = codec::base64_decode(*at("/tpm_quote/signature").as_string()).value();
  signature[1] = 0x16;
  const auto refused = verified(with("/tpm_quote/signature", codec::base64_encode(signature)));
  ASSERT_TRUE(fails_with(refused, T::signature_scheme_unsupported));
  EXPECT_EQ(upstream_text(refused.error().code()), "Unsupported signature type, expected RSA-SSA");
}

TEST(TpmEvidence, EveryFlippedBitOfTheRealQuoteIsRefused) {
  const ByteVec message = codec::base64_decode(*at("/tpm_quote/message").as_string()).value();
  const Evidence whole = parse_evidence(real_evidence()).value();
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    Evidence changed = whole;
    changed.message = flipped(whole.message, bit);
    EXPECT_FALSE(verify(changed, {}, {}).ok()) << bit;
  }
}

TEST(TpmEvidence, EveryFlippedBitOfSignatureKeyAndPcrsIsRefused) {
  for (const auto* key : {&test_rsa_ak(), &test_ecc_ak()}) {
    const json::Value good = json::parse(TpmQuoteBuilder().evidence(*key)).value();
    ASSERT_TRUE(verified(json::write(good)).ok());
    for (const char* member : {"/ak_public", "/tpm_quote/signature"}) {
      const ByteVec bytes = codec::base64_decode(*good.at_pointer(member)->as_string()).value();
      for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
        json::Value changed = good;
        *const_cast<json::Value*>(changed.at_pointer(member)) =
            codec::base64_encode(flipped(bytes, bit));
        EXPECT_FALSE(verified(json::write(changed)).ok()) << member << " bit " << bit;
      }
    }
    const Evidence whole = parse_evidence(json::write(good)).value();
    for (std::size_t bit = 0; bit < 24 * 256; ++bit) {
      Evidence changed = whole;
      changed.pcrs[bit / 256][bit % 256 / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_TRUE(fails_with(verify(changed, {}, {}), T::pcr_digest_mismatch));
    }
  }
}

TEST(TpmEvidence, CutAnywhereItIsNotRead) {
  const std::string text = TpmQuoteBuilder().evidence(test_ecc_ak());
  ASSERT_TRUE(parse_evidence(text).ok());
  EXPECT_EQ(accepted_beginnings(text, parse_evidence), 0U);
}

TEST(TpmEvidence, OfRsaAndEccKeysIsBoundToReportDataOf32Bytes) {
  const ByteVec nonce(48, 0xA7);  // a SHA-384 digest; guests cut it
  for (const auto* key : {&test_rsa_ak(), &test_ecc_ak()}) {
    const std::string json = TpmQuoteBuilder().with_nonce(Bytes(nonce).first(32)).evidence(*key);
    EXPECT_TRUE(verified(json, {Bytes(nonce), std::nullopt}).ok());
    ByteVec other = nonce;
    other[0] ^= 1U;
    EXPECT_TRUE(fails_with(verified(json, {Bytes(other), std::nullopt}), T::nonce_mismatch));
  }
  ByteVec padded = to_vec(as_bytes("short"));
  padded.resize(32, 0);
  EXPECT_TRUE(verified(TpmQuoteBuilder().with_nonce(padded).evidence(test_ecc_ak()),
                       {as_bytes("short"), std::nullopt})
                  .ok());
}

TEST(TpmEvidence, InitDataIsComparedWithPcr8) {
  CASE("CPU-95");
  const ByteVec hash(32, 0x3C);
  const std::string json = TpmQuoteBuilder().with_init_data(hash).evidence(test_ecc_ak());
  EXPECT_TRUE(verified(json, {std::nullopt, Bytes(hash)}).ok());
  const ByteVec other(32, 0x3D);
  EXPECT_TRUE(fails_with(verified(json, {std::nullopt, Bytes(other)}), T::init_data_mismatch));
  const ByteVec longer(48, 0x3C);  // of SHA-384: upstream panics
  EXPECT_TRUE(fails_with(verified(json, {std::nullopt, Bytes(longer)}), T::init_data_length));
}

TEST(TpmEvidence, AChangedPcrASelectionTrickAndAForeignKeyHaveReasonsOfTheirOwn) {
  TpmQuoteBuilder honest;
  ByteVec digest = to_vec(crypto::digest(crypto::Hash::sha256, {}).bytes());
  EXPECT_TRUE(
      fails_with(verified(TpmQuoteBuilder().with_pcr_digest(digest).evidence(test_ecc_ak())),
                 T::pcr_digest_mismatch));
  EXPECT_TRUE(fails_with(verified(TpmQuoteBuilder()
                                      .with_selections({{0x000B, {0xFF, 0xFF, 0xFE}}})
                                      .evidence(test_ecc_ak())),
                         T::pcr_selection_mismatch));
  json::Value foreign = json::parse(honest.evidence(test_ecc_ak())).value();
  foreign.as_object()->set("ak_public", codec::base64_encode(test_rsa_ak().public_key().spki()));
  EXPECT_TRUE(fails_with(verified(json::write(foreign)), T::signature_mismatch));
}

TEST(TpmEvidence, WithAStoreOnlyListedKeysAreTrusted) {
  Policy policy;
  policy.ak_trust = AkTrust::listed;
  const std::string json = TpmQuoteBuilder().evidence(test_ecc_ak());
  EXPECT_TRUE(fails_with(verified(json, {}, policy), Errc::ak_not_trusted));
  ASSERT_TRUE(
      policy.trusted_aks.add(tpm_public_area(test_rsa_ak().public_key()), Attributes::required)
          .ok());
  EXPECT_TRUE(fails_with(verified(json, {}, policy), Errc::ak_not_trusted));
  ASSERT_TRUE(
      policy.trusted_aks.add(tpm_public_area(test_ecc_ak().public_key()), Attributes::required)
          .ok());
  const auto attested = verified(json, {}, policy);
  ASSERT_TRUE(attested.ok());
  EXPECT_EQ(json::write(verification_claims(*attested)), R"({"ak_trust":"listed"})");
}

TEST(TpmEvidence, MalformedJsonIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"ak_public":1})", R"({"ak_public":"","tpm_quote":{}})"}) {
    EXPECT_TRUE(fails_with(parse_evidence(text), Errc::evidence_malformed)) << text;
  }
  EXPECT_TRUE(fails_with(parse_evidence(with("/ak_public", "AAAA")), Errc::ak_malformed));
  EXPECT_TRUE(fails_with(parse_evidence(with("/ak_public", "!")), Errc::evidence_malformed));
  EXPECT_TRUE(fails_with(parse_evidence(with("/tpm_quote/pcrs", json::Array{})), T::pcr_malformed));
  EXPECT_TRUE(fails_with(parse_evidence(with("/tpm_quote/pcrs/0", 1)), Errc::evidence_malformed));
  EXPECT_TRUE(fails_with(parse_evidence(with("/tpm_quote/pcrs/0", std::string(64, 'x'))),
                         Errc::evidence_malformed));
  std::string large = real_evidence();
  large.resize(kMaxEvidence, ' ');
  EXPECT_TRUE(parse_evidence(large).ok());
  large.push_back(' ');
  EXPECT_TRUE(fails_with(parse_evidence(large), Errc::evidence_malformed));
}

TEST(AkStore, TakesPemAndBothFormsOfPublicAreas) {
  const std::string pem = file_text("src/tpm_evidence/testdata/ak.pem");
  AkStore store;
  EXPECT_TRUE(store.add(as_bytes(pem), Attributes::as_given).ok());
  EXPECT_TRUE(
      fails_with(store.add(as_bytes(pem), Attributes::required), Errc::trusted_ak_not_restricted));
  const ByteVec sized = file_bytes("src/tpm/testdata/rsa-ak.tpm2b_public");
  EXPECT_TRUE(store.add(sized, Attributes::required).ok());
  EXPECT_TRUE(store.add(Bytes(sized).subspan(2), Attributes::required).ok());
  EXPECT_EQ(store.size(), 2U);  // the two forms are one key
  EXPECT_TRUE(store.contains(
      crypto::PublicKey::from_spki(file_bytes("src/tpm/testdata/rsa-ak.spki")).value()));
  EXPECT_FALSE(store.contains(test_ecc_ak().public_key()));
}

TEST(AkStore, RefusesWhatIsNoAttestationKey) {
  AkStore store;
  const ByteVec unrestricted = file_bytes("src/tpm/testdata/rsa-unrestricted.tpm2b_public");
  EXPECT_TRUE(fails_with(store.add(unrestricted, Attributes::as_given), T::key_not_restricted));
  const ByteVec endorsement = file_bytes("src/tpm/testdata/ecc-ek.tpm2b_public");
  EXPECT_TRUE(fails_with(store.add(endorsement, Attributes::as_given), T::key_not_for_signing));
  EXPECT_TRUE(fails_with(store.add(as_bytes("-----BEGIN PUBLIC KEY-----"), Attributes::as_given),
                         Errc::trusted_ak_malformed));
  EXPECT_TRUE(fails_with(store.add({}, Attributes::as_given), T::public_malformed));
  EXPECT_EQ(store.size(), 0U);
}

TEST(AkStore, HoldsAsManyKeysAsAllowed) {
  AkStore store(1);
  const ByteVec first = tpm_public_area(test_rsa_ak().public_key());
  const ByteVec second = tpm_public_area(test_ecc_ak().public_key());
  EXPECT_TRUE(store.add(first, Attributes::required).ok());
  EXPECT_TRUE(store.add(first, Attributes::required).ok());
  EXPECT_TRUE(fails_with(store.add(second, Attributes::required), Errc::too_many_trusted_aks));
}

}  // namespace
}  // namespace trustee::tpm_evidence
