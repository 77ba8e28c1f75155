#include "crypto/key.h"

#include "base/try.h"
#include "crypto/internal/pem.h"
#include "crypto/testdata.h"

namespace trustee::crypto {
namespace {

struct CurveCase {
  const char* name;
  Curve curve;
};
constexpr CurveCase kCurves[] = {
    {"p256", Curve::p256}, {"p384", Curve::p384}, {"p521", Curve::p521}};

PublicKey point_key(const std::string& name, Curve curve) {
  return PublicKey::from_ec_point(curve, expected(name, "x"), expected(name, "y")).value();
}

TEST(PublicKey, of_each_curve_is_the_same_from_every_form) {
  for (const CurveCase& c : kCurves) {
    const std::string name = c.name;
    const PublicKey key = public_key(name + ".spki.pem").value();
    EXPECT_EQ(key.type(), KeyType::ec);
    EXPECT_EQ(key.curve().value(), c.curve);
    EXPECT_EQ(key.ec_x().value(), expected(name, "x"));
    EXPECT_EQ(key.ec_y().value(), expected(name, "y"));
    EXPECT_EQ(key.spki(), expected(name, "spki"));
    EXPECT_EQ(key, point_key(name, c.curve));
    EXPECT_EQ(key, PublicKey::from_spki(expected(name, "spki")).value());
    EXPECT_NE(key, point_key(name + "-peer", c.curve));
    const PublicKey compressed =
        PublicKey::from_spki(as_bytes(testdata(name + ".compressed.der"))).value();
    EXPECT_EQ(compressed, key);
    EXPECT_EQ(compressed.spki(), key.spki());
    EXPECT_TRUE(fails_with(key.rsa_n(), Errc::unsupported));
    EXPECT_TRUE(fails_with(key.rsa_e(), Errc::unsupported));
    EXPECT_TRUE(fails_with(key.ed25519(), Errc::unsupported));
  }
  EXPECT_EQ(public_key("p256.spki.pem").value().bits(), 256u);
  EXPECT_EQ(public_key("p521.spki.pem").value().bits(), 521u);
}

TEST(PublicKey, of_rsa_is_the_same_from_every_form) {
  const PublicKey key = public_key("rsa2048.spki.pem").value();
  EXPECT_EQ(key.type(), KeyType::rsa);
  EXPECT_EQ(key.bits(), 2048u);
  EXPECT_EQ(key.rsa_n().value(), expected("rsa2048", "n"));
  EXPECT_EQ(key.rsa_e().value(), expected("rsa2048", "e"));
  EXPECT_EQ(key.spki(), expected("rsa2048", "spki"));
  EXPECT_EQ(key, public_key("rsa2048.public-pkcs1.pem").value());
  const PublicKey raw =
      PublicKey::from_rsa(expected("rsa2048", "n"), expected("rsa2048", "e")).value();
  EXPECT_EQ(key, raw);
  EXPECT_EQ(key.spki(), raw.spki());
  EXPECT_NE(key, public_key("p256.spki.pem").value());
  EXPECT_TRUE(fails_with(key.curve(), Errc::unsupported));
  EXPECT_TRUE(fails_with(key.ec_x(), Errc::unsupported));
}

TEST(PublicKey, of_ed25519_is_the_same_from_every_form) {
  const PublicKey key = public_key("ed25519.spki.pem").value();
  EXPECT_EQ(key.type(), KeyType::ed25519);
  EXPECT_EQ(key.ed25519().value(), expected("ed25519", "key"));
  EXPECT_EQ(key, PublicKey::from_ed25519(expected("ed25519", "key")).value());
  for (const std::size_t n : {0u, 31u, 33u}) {
    EXPECT_TRUE(fails_with(PublicKey::from_ed25519(ByteVec(n, 1)), Errc::key_malformed));
  }
}

TEST(PublicKey, refuses_points_off_the_curve_and_coordinates_of_other_lengths) {
  for (const CurveCase& c : kCurves) {
    const ByteVec x = expected(c.name, "x");
    const ByteVec y = expected(c.name, "y");
    ByteVec off = y;
    off.back() ^= 1;
    EXPECT_TRUE(fails_with(PublicKey::from_ec_point(c.curve, x, off), Errc::point_not_on_curve));
    const ByteVec ones(field_size(c.curve), 0xff);
    EXPECT_TRUE(fails_with(PublicKey::from_ec_point(c.curve, ones, y), Errc::point_not_on_curve));
    const ByteVec zeros(field_size(c.curve), 0);
    EXPECT_TRUE(
        fails_with(PublicKey::from_ec_point(c.curve, zeros, zeros), Errc::point_not_on_curve));
    ByteVec longer = x;
    longer.insert(longer.begin(), 0);
    EXPECT_TRUE(fails_with(PublicKey::from_ec_point(c.curve, longer, y), Errc::key_malformed));
    EXPECT_TRUE(
        fails_with(PublicKey::from_ec_point(c.curve, x, Bytes(y).subspan(1)), Errc::key_malformed));
    EXPECT_TRUE(fails_with(PublicKey::from_ec_point(c.curve, {}, {}), Errc::key_malformed));
  }
  // A point of P-256 is none of P-384.
  ByteVec x = expected("p256", "x");
  ByteVec y = expected("p256", "y");
  x.insert(x.begin(), 16, 0);
  y.insert(y.begin(), 16, 0);
  EXPECT_TRUE(fails_with(PublicKey::from_ec_point(Curve::p384, x, y), Errc::point_not_on_curve));
}

TEST(PublicKey, takes_rsa_up_to_4096_bits_and_exponents_from_2_to_2_33) {
  ByteVec n(512, 0xff);
  const ByteVec e = {1, 0, 1};
  EXPECT_EQ(PublicKey::from_rsa(n, e).value().bits(), 4096u);
  ByteVec padded = n;
  padded.insert(padded.begin(), 3, 0);
  EXPECT_EQ(PublicKey::from_rsa(padded, e).value().rsa_n().value(), n);
  ByteVec longer = n;
  longer.insert(longer.begin(), 1);
  EXPECT_TRUE(fails_with(PublicKey::from_rsa(longer, e), Errc::key_malformed));
  EXPECT_TRUE(PublicKey::from_rsa(n, ByteVec{2}).ok());
  EXPECT_TRUE(PublicKey::from_rsa(n, ByteVec{1, 0xff, 0xff, 0xff, 0xff}).ok());
  for (const ByteVec& bad : {ByteVec{}, ByteVec{0}, ByteVec{1}, ByteVec{2, 0, 0, 0, 0}}) {
    EXPECT_TRUE(fails_with(PublicKey::from_rsa(n, bad), Errc::key_malformed));
  }
  n.back() = 0xfe;
  EXPECT_TRUE(fails_with(PublicKey::from_rsa(n, e), Errc::key_malformed));
  EXPECT_TRUE(fails_with(PublicKey::from_rsa({}, e), Errc::key_malformed));
  EXPECT_TRUE(fails_with(PublicKey::from_rsa(ByteVec{1, 0, 1}, e), Errc::key_malformed));
}

TEST(PublicKey, keeps_foreign_named_curves_but_not_explicit_ones_or_other_types) {
  const PublicKey foreign = public_key("k256.spki.pem").value();
  EXPECT_EQ(foreign.type(), KeyType::ec);
  EXPECT_TRUE(fails_with(foreign.curve(), Errc::unsupported));
  EXPECT_EQ(foreign, PublicKey::from_spki(foreign.spki()).value());
  EXPECT_TRUE(fails_with(public_key("p256.explicit-public.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(public_key("x25519.spki.pem"), Errc::unsupported));
}

TEST(PublicKey, refuses_bytes_after_the_structure_and_broken_structures) {
  ByteVec der = expected("p256", "spki");
  der.push_back(0);
  EXPECT_TRUE(fails_with(PublicKey::from_spki(der), Errc::key_malformed));
  der.resize(der.size() - 2);
  EXPECT_TRUE(fails_with(PublicKey::from_spki(der), Errc::key_malformed));
  EXPECT_TRUE(fails_with(PublicKey::from_spki({}), Errc::key_malformed));
  der = expected("p256", "spki");
  der.back() ^= 1;
  EXPECT_TRUE(fails_with(PublicKey::from_spki(der), Errc::key_malformed));
}

TEST(PublicKey, pem_starts_at_its_marker_and_ends_with_its_end) {
  const std::string pem = testdata("p256.spki.pem");
  EXPECT_TRUE(PublicKey::from_pem("\n  " + pem + "\n\n").ok());
  for (const std::string& bad :
       {std::string(), "x" + pem, pem + "x", pem + pem, pem.substr(0, pem.size() - 3),
        pem.substr(1), std::string("-----BEGIN "), std::string("-----BEGIN PUBLIC KEY-----\n")}) {
    EXPECT_TRUE(fails_with(PublicKey::from_pem(bad), Errc::key_malformed)) << bad;
  }
  // Another block inside the block.
  std::string nested = pem;
  nested.insert(nested.find('\n') + 1, pem);
  EXPECT_TRUE(fails_with(PublicKey::from_pem(nested), Errc::key_malformed));
  std::string spoiled = pem;
  spoiled[40] = '*';
  EXPECT_TRUE(fails_with(PublicKey::from_pem(spoiled), Errc::key_malformed));
  std::string other_end = pem;
  other_end.replace(other_end.find("END PUBLIC"), 10, "END PUBLIK");
  EXPECT_TRUE(fails_with(PublicKey::from_pem(other_end), Errc::key_malformed));
  EXPECT_TRUE(fails_with(public_key("p256.pkcs8.pem"), Errc::key_malformed));
  EXPECT_TRUE(fails_with(public_key("root.pem"), Errc::key_malformed));
}

TEST(PrivateKey, of_every_form_and_type_has_its_public_half) {
  for (const CurveCase& c : kCurves) {
    const std::string name = c.name;
    const PublicKey expected_key = public_key(name + ".spki.pem").value();
    EXPECT_EQ(private_key(name + ".pkcs8.pem").value().public_key(), expected_key);
    EXPECT_EQ(private_key(name + ".sec1.pem").value().public_key(), expected_key);
    EXPECT_EQ(private_key(name + ".sec1.pem").value().type(), KeyType::ec);
  }
  const PublicKey rsa = public_key("rsa2048.spki.pem").value();
  EXPECT_EQ(private_key("rsa2048.pkcs8.pem").value().public_key(), rsa);
  EXPECT_EQ(private_key("rsa2048.pkcs1.pem").value().public_key(), rsa);
  EXPECT_EQ(private_key("ed25519.pkcs8.pem").value().public_key(),
            public_key("ed25519.spki.pem").value());
  EXPECT_EQ(private_key("p256.with-parameters.pem").value().public_key().curve().value(),
            Curve::p256);
}

TEST(PrivateKey, refuses_what_it_cannot_use) {
  EXPECT_TRUE(fails_with(private_key("rsa2048.encrypted.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("rsa2048.encrypted1.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("k256.pkcs8.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("x25519.pkcs8.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("p256.explicit.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("p256.spki.pem"), Errc::key_malformed));
  EXPECT_TRUE(fails_with(private_key("root.pem"), Errc::key_malformed));
  EXPECT_TRUE(fails_with(PrivateKey::from_pem(SecretText(std::string())), Errc::key_malformed));
  EXPECT_TRUE(fails_with(PrivateKey::from_pem(SecretText("x" + testdata("p256.pkcs8.pem"))),
                         Errc::key_malformed));
}

TEST(PrivateKey, refuses_halves_that_do_not_match) {
  for (const CurveCase& c : kCurves) {
    EXPECT_TRUE(
        fails_with(private_key(std::string(c.name) + ".mismatched.pem"), Errc::key_malformed));
  }
}

TEST(PrivateKey, survives_writing_and_reading) {
  std::vector<PrivateKey> keys;
  for (const CurveCase& c : kCurves) keys.push_back(PrivateKey::generate_ec(c.curve).value());
  keys.push_back(PrivateKey::generate_rsa(2048).value());
  keys.push_back(PrivateKey::generate_ed25519().value());
  for (const PrivateKey& key : keys) {
    const SecretText pem = key.to_pem();
    EXPECT_TRUE(opened(pem).starts_with("-----BEGIN PRIVATE KEY-----\n"));
    EXPECT_TRUE(opened(pem).ends_with("\n-----END PRIVATE KEY-----\n"));
    EXPECT_EQ(PrivateKey::from_pem(pem).value().public_key(), key.public_key());
  }
  EXPECT_EQ(opened(private_key("rsa2048.pkcs8.pem").value().to_pem()),
            testdata("rsa2048.pkcs8.pem"));
  EXPECT_EQ(opened(private_key("p521.sec1.pem").value().to_pem()), testdata("p521.pkcs8.pem"));
  EXPECT_EQ(opened(private_key("ed25519.pkcs8.pem").value().to_pem()),
            testdata("ed25519.pkcs8.pem"));
}

TEST(PrivateKey, generation_refuses_odd_sizes) {
  EXPECT_TRUE(fails_with(PrivateKey::generate_rsa(512), Errc::unsupported));
  EXPECT_TRUE(fails_with(PrivateKey::generate_rsa(100000), Errc::unsupported));
  EXPECT_NE(PrivateKey::generate_ec(Curve::p256).value().public_key(),
            PrivateKey::generate_ec(Curve::p256).value().public_key());
}

TEST(Ecdh, agrees_with_another_implementation) {
  for (const CurveCase& c : kCurves) {
    const std::string name = c.name;
    const PrivateKey key = private_key(name + ".pkcs8.pem").value();
    const PublicKey peer = point_key(name + "-peer", c.curve);
    const SecretBytes shared = key.ecdh(peer).value();
    EXPECT_EQ(opened(shared), expected(name, "shared"));
    EXPECT_EQ(shared.size(), field_size(c.curve));
  }
}

TEST(Ecdh, of_two_generated_keys_agrees_from_both_sides) {
  for (const CurveCase& c : kCurves) {
    for (int i = 0; i < 20; ++i) {
      const PrivateKey a = PrivateKey::generate_ec(c.curve).value();
      const PrivateKey b = PrivateKey::generate_ec(c.curve).value();
      EXPECT_EQ(opened(a.ecdh(b.public_key()).value()), opened(b.ecdh(a.public_key()).value()));
    }
  }
}

TEST(Ecdh, refuses_keys_of_different_kinds) {
  const PrivateKey p256 = private_key("p256.pkcs8.pem").value();
  EXPECT_TRUE(fails_with(p256.ecdh(public_key("p384.spki.pem").value()), Errc::unsupported));
  EXPECT_TRUE(fails_with(p256.ecdh(public_key("rsa2048.spki.pem").value()), Errc::unsupported));
  EXPECT_TRUE(fails_with(p256.ecdh(public_key("k256.spki.pem").value()), Errc::unsupported));
  EXPECT_TRUE(fails_with(private_key("rsa2048.pkcs8.pem").value().ecdh(p256.public_key()),
                         Errc::unsupported));
}

TEST(RsaEncryption, opens_what_another_implementation_sealed) {
  const PrivateKey key = private_key("rsa2048.pkcs8.pem").value();
  const ByteVec secret(32, 11);
  EXPECT_EQ(opened(key.rsa_oaep256_decrypt(expected("rsa2048", "oaep256")).value()), secret);
  EXPECT_EQ(opened(key.rsa_pkcs1_decrypt(expected("rsa2048", "pkcs1")).value()), secret);
  // OAEP with SHA-1 is another algorithm.
  EXPECT_TRUE(
      fails_with(key.rsa_oaep256_decrypt(expected("rsa2048", "oaep1")), Errc::decryption_failed));
}

TEST(RsaEncryption, round_trips_and_refuses_changes) {
  const PrivateKey key = private_key("rsa2048.pkcs8.pem").value();
  const SecretBytes secret(ByteVec(32, 5));
  const ByteVec oaep = key.public_key().rsa_oaep256_encrypt(secret).value();
  EXPECT_EQ(oaep.size(), 256u);
  EXPECT_EQ(opened(key.rsa_oaep256_decrypt(oaep).value()), opened(secret));
  const ByteVec pkcs1 = key.public_key().rsa_pkcs1_encrypt(secret).value();
  EXPECT_EQ(opened(key.rsa_pkcs1_decrypt(pkcs1).value()), opened(secret));
  for (const std::size_t byte : {0u, 1u, 100u, 255u}) {
    ByteVec changed = oaep;
    changed[byte] ^= 1;
    EXPECT_TRUE(fails_with(key.rsa_oaep256_decrypt(changed), Errc::decryption_failed));
  }
  EXPECT_TRUE(fails_with(key.rsa_oaep256_decrypt(ByteVec(10, 1)), Errc::decryption_failed));
  EXPECT_TRUE(fails_with(key.rsa_oaep256_decrypt({}), Errc::decryption_failed));
}

TEST(RsaEncryption, needs_a_key_that_holds_the_padding) {
  const ByteVec e = {1, 0, 1};
  const SecretBytes cek(ByteVec(32, 11));
  // 98 bytes hold 32 and OAEP's 66; 43 hold 32 and the 11 of PKCS#1.
  const PublicKey fits_oaep = PublicKey::from_rsa(ByteVec(98, 0xff), e).value();
  const PublicKey short_oaep = PublicKey::from_rsa(ByteVec(97, 0xff), e).value();
  EXPECT_TRUE(fits_oaep.rsa_oaep256_encrypt(cek).ok());
  EXPECT_TRUE(fails_with(short_oaep.rsa_oaep256_encrypt(cek), Errc::key_malformed));
  const PublicKey fits_pkcs1 = PublicKey::from_rsa(ByteVec(43, 0xff), e).value();
  const PublicKey short_pkcs1 = PublicKey::from_rsa(ByteVec(42, 0xff), e).value();
  EXPECT_TRUE(fits_pkcs1.rsa_pkcs1_encrypt(cek).ok());
  EXPECT_TRUE(fails_with(short_pkcs1.rsa_pkcs1_encrypt(cek), Errc::key_malformed));
  EXPECT_TRUE(
      fails_with(public_key("p256.spki.pem").value().rsa_oaep256_encrypt(cek), Errc::unsupported));
}

}  // namespace
}  // namespace trustee::crypto
