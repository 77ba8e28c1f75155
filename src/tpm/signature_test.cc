#include "tpm/signature.h"

#include <gtest/gtest.h>

#include "tests/support/tpm_builder.h"
#include "tpm/errors.h"
#include "tpm/tpm_test_data.h"

namespace trustee::tpm {
namespace {

crypto::PublicKey made_key(const std::string& name) {
  return crypto::PublicKey::from_spki(made(name + "-ak.spki")).value();
}

TEST(TpmSignature, OfATpmVerifies) {
  for (const char* name : {"rsa", "ecc"}) {
    const ByteVec message = made(std::string(name) + "-quote.msg");
    const ByteVec bytes = made(std::string(name) + "-quote.sig");
    const Signature signature = parse_signature(bytes).value();
    EXPECT_TRUE(check_signature(made_key(name), signature, message).ok()) << name;
  }
}

TEST(TpmSignature, EveryFlippedBitOfTheMessageIsRefused) {
  const crypto::PublicKey key = made_key("ecc");
  const ByteVec bytes = made("ecc-quote.sig");
  const Signature signature = parse_signature(bytes).value();
  const ByteVec message = made("ecc-quote.msg");
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    ByteVec changed = message;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_TRUE(fails_with(check_signature(key, signature, changed), Errc::signature_mismatch));
  }
}

TEST(TpmSignature, EveryFlippedBitOfTheSignatureIsRefused) {
  for (const char* name : {"rsa", "ecc"}) {
    const crypto::PublicKey key = made_key(name);
    const ByteVec message = made(std::string(name) + "-quote.msg");
    const ByteVec whole = made(std::string(name) + "-quote.sig");
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      ByteVec changed = whole;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      const auto signature = parse_signature(changed);
      if (!signature.ok()) continue;  // scheme, hash or a size
      EXPECT_TRUE(fails_with(check_signature(key, *signature, message), Errc::signature_mismatch))
          << name << " bit " << bit;
    }
  }
}

TEST(TpmSignature, AKeyOfTheOtherTypeOrAnotherKeyIsAMismatch) {
  const ByteVec message = made("rsa-quote.msg");
  const ByteVec bytes = made("rsa-quote.sig");
  const Signature signature = parse_signature(bytes).value();
  EXPECT_TRUE(
      fails_with(check_signature(made_key("ecc"), signature, message), Errc::signature_mismatch));
  EXPECT_TRUE(fails_with(check_signature(test_rsa_ak().public_key(), signature, message),
                         Errc::signature_mismatch));
  const ByteVec ecc = made("ecc-quote.sig");
  EXPECT_TRUE(fails_with(check_signature(made_key("rsa"), parse_signature(ecc).value(), message),
                         Errc::signature_mismatch));
}

TEST(TpmSignature, CutAnywhereOrWithAByteTooManyItIsRefused) {
  for (const char* name : {"rsa-quote.sig", "ecc-quote.sig"}) {
    ByteVec whole = made(name);
    for (std::size_t n = 0; n < whole.size(); ++n) {
      EXPECT_TRUE(fails_with(parse_signature(Bytes(whole).first(n)), Errc::signature_malformed));
    }
    whole.push_back(0);
    EXPECT_TRUE(fails_with(parse_signature(whole), Errc::signature_malformed));
  }
}

TEST(TpmSignature, OtherSchemesAndHashesAreNotSupported) {
  // RSAPSS, ECDAA, SM2, HMAC; SHA-1, SM3, none.
  for (const char* head : {"0016000b", "001a000b", "001b000b", "0005000b", "00140004", "00180004",
                           "00140012", "00140010"}) {
    ByteVec bytes = from_hex(head);
    bytes.insert(bytes.end(), {0x00, 0x01, 0x55});
    EXPECT_TRUE(fails_with(parse_signature(bytes), Errc::signature_scheme_unsupported)) << head;
  }
}

TEST(TpmSignature, LimitsHoldAndOnePastThemIsRefused) {
  const auto rsa = [](std::size_t size) {
    ByteVec bytes = {0x00,
                     0x14,
                     0x00,
                     0x0B,
                     static_cast<std::uint8_t>(size >> 8U),
                     static_cast<std::uint8_t>(size)};
    bytes.resize(bytes.size() + size, 1);
    return parse_signature(bytes).ok();
  };
  EXPECT_TRUE(rsa(kMaxRsaSize));
  EXPECT_FALSE(rsa(kMaxRsaSize + 1));
}

TEST(TpmSignature, ScalarsMayLackLeadingZerosButNotExceedTheField) {
  const ByteVec message = TpmQuoteBuilder().message();
  const ByteVec whole = TpmQuoteBuilder().signature(test_ecc_ak());
  Signature signature = parse_signature(whole).value();
  const crypto::PublicKey key = test_ecc_ak().public_key();
  ByteVec longer = {0};
  longer.insert(longer.end(), signature.r.begin(), signature.r.end());
  signature.r = longer;
  EXPECT_TRUE(fails_with(check_signature(key, signature, message), Errc::signature_mismatch));
  signature.r = {};
  EXPECT_TRUE(fails_with(check_signature(key, signature, message), Errc::signature_mismatch));
}

TEST(TpmSignature, ShortRsaKeysAreTooWeak) {
  EXPECT_TRUE(check_key_strength(test_rsa_ak().public_key()).ok());
  EXPECT_TRUE(check_key_strength(test_ecc_ak().public_key()).ok());
  ByteVec modulus(128, 0xC5);  // 1024 bits
  const auto weak = crypto::PublicKey::from_rsa(modulus, ByteVec{1, 0, 1}).value();
  EXPECT_TRUE(fails_with(check_key_strength(weak), Errc::key_too_weak));
}

}  // namespace
}  // namespace trustee::tpm
