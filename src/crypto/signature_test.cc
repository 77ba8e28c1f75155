#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

#include "crypto/internal/ecdsa.h"
#include "crypto/key.h"
#include "crypto/testdata.h"

namespace trustee::crypto {
namespace {

constexpr std::string_view kMessage = "signed by another implementation";

struct SchemeCase {
  SignatureScheme scheme;
  const char* key;        ///< file of the private key
  const char* name;       ///< in expected.txt
  const char* signature;  ///< field there
};
constexpr SchemeCase kSchemes[] = {
    {SignatureScheme::es256, "p256.pkcs8.pem", "p256", "signature"},
    {SignatureScheme::es384, "p384.pkcs8.pem", "p384", "signature"},
    {SignatureScheme::rs256, "rsa2048.pkcs8.pem", "rsa2048", "rs256"},
    {SignatureScheme::rs384, "rsa2048.pkcs8.pem", "rsa2048", "rs384"},
    {SignatureScheme::rs512, "rsa2048.pkcs8.pem", "rsa2048", "rs512"},
    {SignatureScheme::ps256, "rsa2048.pkcs8.pem", "rsa2048", "ps256"},
    {SignatureScheme::ps384, "rsa2048.pkcs8.pem", "rsa2048", "ps384"},
    {SignatureScheme::ps512, "rsa2048.pkcs8.pem", "rsa2048", "ps512"},
    {SignatureScheme::eddsa, "ed25519.pkcs8.pem", "ed25519", "signature"},
};

TEST(Signature, of_another_implementation_verifies_under_its_own_scheme_only) {
  for (const SchemeCase& c : kSchemes) {
    const ByteVec signature = expected(c.name, c.signature);
    const PublicKey key = private_key(c.key).value().public_key();
    for (const SchemeCase& other : kSchemes) {
      const auto result = key.verify(other.scheme, as_bytes(kMessage), signature);
      EXPECT_EQ(result.ok(), c.scheme == other.scheme) << c.signature << other.signature;
    }
  }
}

TEST(Signature, of_ours_verifies_under_its_own_key_and_scheme_only) {
  for (const SchemeCase& c : kSchemes) {
    const PrivateKey key = private_key(c.key).value();
    const ByteVec signature = key.sign(c.scheme, as_bytes(kMessage)).value();
    EXPECT_EQ(signature.size(), expected(c.name, c.signature).size());
    for (const SchemeCase& other : kSchemes) {
      const PublicKey verifier = private_key(other.key).value().public_key();
      const bool good = verifier.verify(other.scheme, as_bytes(kMessage), signature).ok();
      EXPECT_EQ(good, c.scheme == other.scheme) << c.signature << other.signature;
    }
  }
}

TEST(Signature, scheme_that_does_not_fit_the_key_is_unsupported) {
  const PrivateKey p256 = private_key("p256.pkcs8.pem").value();
  const PrivateKey p521 = private_key("p521.pkcs8.pem").value();
  EXPECT_TRUE(fails_with(p256.sign(SignatureScheme::es384, {}), Errc::unsupported));
  EXPECT_TRUE(fails_with(p256.sign(SignatureScheme::rs256, {}), Errc::unsupported));
  EXPECT_TRUE(fails_with(p521.sign(SignatureScheme::es256, {}), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("rsa2048.pkcs8.pem").value().sign(SignatureScheme::eddsa, {}),
                         Errc::unsupported));
  EXPECT_TRUE(fails_with(
      public_key("k256.spki.pem").value().verify(SignatureScheme::es256, {}, ByteVec(64, 1)),
      Errc::unsupported));
}

/// Every bit of messages and signatures up to 64 bytes, every fifth of longer ones.
std::vector<ByteVec> changed_by_one_bit(const ByteVec& original) {
  std::vector<ByteVec> out;
  const std::size_t step = original.size() <= 64 ? 1 : 5;
  for (std::size_t bit = 0; bit < original.size() * 8; bit += step) {
    out.push_back(original);
    out.back()[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
  }
  return out;
}

TEST(Signature, is_refused_when_any_bit_of_message_or_signature_changes) {
  const ByteVec message = to_vec(as_bytes(kMessage));
  for (const SchemeCase& c : kSchemes) {
    const PublicKey key = private_key(c.key).value().public_key();
    const ByteVec signature = expected(c.name, c.signature);
    ASSERT_TRUE(key.verify(c.scheme, message, signature).ok());
    for (const ByteVec& changed : changed_by_one_bit(message)) {
      EXPECT_TRUE(fails_with(key.verify(c.scheme, changed, signature), Errc::signature_invalid));
    }
    for (const ByteVec& changed : changed_by_one_bit(signature)) {
      EXPECT_TRUE(fails_with(key.verify(c.scheme, message, changed), Errc::signature_invalid));
    }
  }
}

TEST(Signature, of_wrong_length_is_refused) {
  for (const SchemeCase& c : kSchemes) {
    const PublicKey key = private_key(c.key).value().public_key();
    ByteVec signature = expected(c.name, c.signature);
    signature.push_back(0);
    EXPECT_TRUE(
        fails_with(key.verify(c.scheme, as_bytes(kMessage), signature), Errc::signature_invalid));
    signature.resize(signature.size() - 2);
    EXPECT_TRUE(
        fails_with(key.verify(c.scheme, as_bytes(kMessage), signature), Errc::signature_invalid));
    EXPECT_TRUE(fails_with(key.verify(c.scheme, as_bytes(kMessage), {}), Errc::signature_invalid));
  }
}

TEST(Signature, pss_with_another_salt_length_is_refused) {
  EXPECT_TRUE(fails_with(
      public_key("rsa2048.spki.pem")
          .value()
          .verify(SignatureScheme::ps256, as_bytes(kMessage), expected("rsa2048", "ps256-salt-20")),
      Errc::signature_invalid));
}

TEST(Signature, of_rsa_is_as_long_as_the_modulus) {
  const PrivateKey key = private_key("rsa2048.pkcs8.pem").value();
  for (const SignatureScheme scheme : {SignatureScheme::ps256, SignatureScheme::ps512}) {
    ByteVec signature;
    do {  // one in 256 begins with a zero, which says nothing about the number
      signature = key.sign(scheme, as_bytes(kMessage)).value();
    } while (signature.front() != 0);
    const auto verified = [&](Bytes s) {
      return key.public_key().verify(scheme, as_bytes(kMessage), s);
    };
    EXPECT_TRUE(verified(signature).ok());
    EXPECT_TRUE(fails_with(verified(Bytes(signature).subspan(1)), Errc::signature_invalid));
    signature.insert(signature.begin(), 0);
    EXPECT_TRUE(fails_with(verified(signature), Errc::signature_invalid));
  }
}

TEST(Signature, under_a_key_restricted_to_other_parameters_is_unsupported) {
  const PublicKey key = public_key("rsa2048.pss-sha384.pem").value();
  const auto verified = [&](SignatureScheme scheme, const char* field) {
    return key.verify(scheme, as_bytes(kMessage), expected("rsa2048", field));
  };
  EXPECT_TRUE(verified(SignatureScheme::ps384, "ps384").ok());
  EXPECT_TRUE(fails_with(verified(SignatureScheme::ps384, "ps256"), Errc::signature_invalid));
  EXPECT_TRUE(fails_with(verified(SignatureScheme::ps256, "ps256"), Errc::unsupported));
  EXPECT_TRUE(fails_with(verified(SignatureScheme::ps512, "ps512"), Errc::unsupported));
  EXPECT_TRUE(fails_with(verified(SignatureScheme::rs384, "rs384"), Errc::unsupported));
}

TEST(Ecdsa, p521_verifies_over_a_digest) {
  const PublicKey key = public_key("p521.spki.pem").value();
  const Digest d = digest(Hash::sha512, as_bytes(kMessage));
  ByteVec signature = expected("p521", "signature");
  EXPECT_TRUE(key.verify_ecdsa_digest(d, signature).ok());
  EXPECT_TRUE(fails_with(key.verify_ecdsa_digest(digest(Hash::sha512, Bytes()), signature),
                         Errc::signature_invalid));
  signature[70] ^= 1;
  EXPECT_TRUE(fails_with(key.verify_ecdsa_digest(d, signature), Errc::signature_invalid));
}

struct EcdsaCase {
  std::string curve, verdict, comment, x, y, digest, signature;
};

std::vector<EcdsaCase> ecdsa_cases() {
  std::istringstream lines(testdata("ecdsa_cases.txt"));
  std::vector<EcdsaCase> out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    EcdsaCase c;
    words >> c.curve >> c.verdict >> c.comment >> c.x >> c.y >> c.digest >> c.signature;
    EXPECT_FALSE(words.fail()) << line;
    out.push_back(c);
  }
  return out;
}

TEST(Ecdsa, both_libraries_give_the_verdict_of_plain_arithmetic) {
  const auto cases = ecdsa_cases();
  EXPECT_EQ(cases.size(), 336u);
  for (const EcdsaCase& c : cases) {
    const Curve curve = c.curve == "p256" ? Curve::p256 : Curve::p384;
    const PublicKey key = PublicKey::from_ec_point(curve, from_hex(c.x), from_hex(c.y)).value();
    const ByteVec digest = from_hex(c.digest);
    const ByteVec signature = from_hex(c.signature);
    const auto awslc = ecdsa_verify(key.state(), digest, signature);
    const auto openssl = ecdsa_verify_openssl(key.state(), digest, signature);
    if (c.verdict == "valid") {
      EXPECT_TRUE(awslc.ok() && openssl.ok()) << c.curve << c.comment;
    } else {
      EXPECT_EQ(c.verdict, "invalid");
      EXPECT_TRUE(fails_with(awslc, Errc::signature_invalid)) << c.curve << c.comment;
      EXPECT_TRUE(fails_with(openssl, Errc::signature_invalid)) << c.curve << c.comment;
    }
  }
}

TEST(Ecdsa, both_libraries_refuse_signatures_of_wrong_length_and_of_the_other_curve) {
  const PublicKey p256 = public_key("p256.spki.pem").value();
  const PublicKey p384 = public_key("p384.spki.pem").value();
  const Digest d = digest(Hash::sha384, as_bytes(kMessage));
  const ByteVec good = expected("p384", "signature");
  EXPECT_TRUE(p384.verify_ecdsa_digest(d, good).ok());
  EXPECT_TRUE(p384.verify_ecdsa_digest_openssl(d, good).ok());
  EXPECT_TRUE(fails_with(p256.verify_ecdsa_digest(d, good), Errc::signature_invalid));
  EXPECT_TRUE(fails_with(p256.verify_ecdsa_digest_openssl(d, good), Errc::signature_invalid));
  for (const std::size_t n : {0u, 1u, 64u, 95u}) {
    const Bytes cut = Bytes(good).first(n);
    EXPECT_TRUE(fails_with(p384.verify_ecdsa_digest(d, cut), Errc::signature_invalid));
    EXPECT_TRUE(fails_with(p384.verify_ecdsa_digest_openssl(d, cut), Errc::signature_invalid));
  }
  ByteVec longer = good;
  longer.push_back(0);
  EXPECT_TRUE(fails_with(p384.verify_ecdsa_digest(d, longer), Errc::signature_invalid));
  EXPECT_TRUE(fails_with(p384.verify_ecdsa_digest_openssl(d, longer), Errc::signature_invalid));
}

TEST(Ecdsa, each_library_takes_what_the_other_signed) {
  for (const Curve curve : {Curve::p256, Curve::p384}) {
    for (int i = 0; i < 20; ++i) {
      const PrivateKey key = PrivateKey::generate_ec(curve).value();
      const Digest d = digest(Hash::sha384, bytes_from(static_cast<unsigned>(i), 9));
      const ByteVec awslc = ecdsa_sign(key.state(), d.bytes()).value();
      const ByteVec openssl = ecdsa_sign_openssl(key.state(), d.bytes()).value();
      for (const ByteVec& signature : {awslc, openssl}) {
        EXPECT_EQ(signature.size(), 2 * field_size(curve));
        EXPECT_TRUE(key.public_key().verify_ecdsa_digest(d, signature).ok());
        EXPECT_TRUE(key.public_key().verify_ecdsa_digest_openssl(d, signature).ok());
      }
    }
  }
}

TEST(Ecdsa, one_key_serves_many_threads) {
  const PrivateKey key = PrivateKey::generate_ec(Curve::p256).value();
  const PublicKey verifier = key.public_key();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const auto signature = key.sign(SignatureScheme::es256, as_bytes(kMessage));
        if (signature.ok() &&
            verifier.verify(SignatureScheme::es256, as_bytes(kMessage), *signature).ok()) {
          ++good;
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  EXPECT_EQ(good, 80);
}

TEST(Ecdsa, over_a_digest_needs_a_curve) {
  const Digest d = digest(Hash::sha256, Bytes());
  for (const char* name : {"rsa2048.spki.pem", "ed25519.spki.pem", "k256.spki.pem"}) {
    const PublicKey key = public_key(name).value();
    EXPECT_TRUE(fails_with(key.verify_ecdsa_digest(d, ByteVec(64, 1)), Errc::unsupported));
    EXPECT_TRUE(fails_with(key.verify_ecdsa_digest_openssl(d, ByteVec(64, 1)), Errc::unsupported));
  }
}

}  // namespace
}  // namespace trustee::crypto
