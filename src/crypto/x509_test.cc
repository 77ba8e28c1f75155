#include "crypto/x509.h"

#include "crypto/testdata.h"

namespace trustee::crypto {
namespace {

Time day(int year, unsigned month, unsigned d) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(d));
}
const Time kNow = day(2026, 6, 1);

TEST(Certificate, tells_what_it_says) {
  const Certificate leaf = certificate("leaf");
  EXPECT_EQ(leaf.subject_common_name(), "Leaf");
  EXPECT_EQ(leaf.issuer_common_name(), "Intermediate B");
  EXPECT_EQ(leaf.subject(), "CN=Leaf,O=Test\\, Inc.");
  EXPECT_EQ(leaf.serial_hex(), "abcdef0123");
  EXPECT_EQ(leaf.not_before(), day(2025, 1, 1));
  EXPECT_EQ(leaf.not_after(), day(2035, 1, 1));
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_FALSE(leaf.is_self_issued());
  EXPECT_EQ(leaf.public_key().curve().value(), Curve::p256);
  const Certificate root = certificate("root");
  EXPECT_TRUE(root.is_ca());
  EXPECT_TRUE(root.is_self_issued());
  EXPECT_EQ(to_vec(Bytes(sha256(root.der()))), expected("root", "sha256"));
  EXPECT_FALSE(certificate("no-constraints").is_ca());
}

TEST(Certificate, is_the_same_from_pem_and_der_and_back) {
  const std::string pem = testdata("leaf.pem");
  const Certificate leaf = Certificate::from_pem(pem).value();
  EXPECT_EQ(leaf.pem(), pem);
  EXPECT_EQ(Certificate::from_der(leaf.der()).value(), leaf);
  EXPECT_FALSE(leaf == certificate("root"));
}

TEST(Certificate, refuses_trailing_missing_and_changed_bytes) {
  const ByteVec der = certificate("leaf").der();
  ByteVec longer = der;
  longer.push_back(0);
  EXPECT_TRUE(fails_with(Certificate::from_der(longer), Errc::certificate_malformed));
  for (std::size_t n = 0; n < der.size(); n += 7) {
    EXPECT_TRUE(
        fails_with(Certificate::from_der(Bytes(der).first(n)), Errc::certificate_malformed));
  }
  EXPECT_TRUE(fails_with(Certificate::from_der(ByteVec(kMaxCertificateSize + 1, 0x30)),
                         Errc::certificate_malformed));
}

TEST(Certificate, refuses_ber_that_is_not_der) {
  // The outer length 30 82 xx xx written with one byte more: 30 83 00 xx xx.
  ByteVec ber = certificate("leaf").der();
  ASSERT_EQ(ber[1], 0x82);
  ber[1] = 0x83;
  ber.insert(ber.begin() + 2, 0);
  EXPECT_TRUE(fails_with(Certificate::from_der(ber), Errc::certificate_malformed));
}

TEST(Certificate, pem_starts_at_its_marker_and_holds_one) {
  const std::string pem = testdata("leaf.pem");
  EXPECT_TRUE(Certificate::from_pem(" \n" + pem + "\n").ok());
  for (const std::string& bad : {std::string(), "subject=Leaf\n" + pem, pem + pem, pem + "x",
                                 testdata("p256.spki.pem"), testdata("crl.pem")}) {
    EXPECT_TRUE(fails_with(Certificate::from_pem(bad), Errc::certificate_malformed));
  }
}

TEST(Certificate, bundle_keeps_order_and_skips_text_and_other_blocks) {
  const std::string text = "# roots\n" + testdata("root.pem") + "\nsubject=CN = x\n" +
                           testdata("p256.spki.pem") + testdata("int-a.pem");
  const auto bundle = Certificate::bundle_from_pem(text).value();
  ASSERT_EQ(bundle.size(), 2u);
  EXPECT_EQ(bundle[0], certificate("root"));
  EXPECT_EQ(bundle[1], certificate("int-a"));
}

TEST(Certificate, bundle_refuses_none_too_many_and_broken_ones) {
  const std::string pem = testdata("root.pem");
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem(""), Errc::certificate_malformed));
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem("text\n"), Errc::certificate_malformed));
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem(testdata("p256.spki.pem")),
                         Errc::certificate_malformed));
  EXPECT_EQ(Certificate::bundle_from_pem(pem + pem, 2).value().size(), 2u);
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem(pem + pem, 1), Errc::certificate_malformed));
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem(pem + "-----BEGIN CERTIFICATE-----\n"),
                         Errc::certificate_malformed));
  std::string spoiled = pem;
  spoiled.erase(60, 1);
  EXPECT_TRUE(fails_with(Certificate::bundle_from_pem(pem + spoiled), Errc::certificate_malformed));
}

TEST(Certificate, extension_must_occur_once) {
  const Certificate c = certificate("leaf-extensions");
  EXPECT_EQ(c.extension("1.2.3.4.5").value(), from_hex("020107"));
  EXPECT_EQ(c.extension("1.2.3.4.6").value(), to_vec(as_bytes("raw")));
  EXPECT_TRUE(fails_with(c.extension("1.2.3.4.7"), Errc::extension_missing));
  EXPECT_TRUE(fails_with(c.extension("not an OID"), Errc::unsupported));
  // The second extension given the first one's identifier; the signature does not matter here.
  ByteVec der = c.der();
  const ByteVec second = from_hex("06042a030406");
  const auto at = std::search(der.begin(), der.end(), second.begin(), second.end());
  ASSERT_NE(at, der.end());
  at[5] = 5;
  EXPECT_TRUE(fails_with(Certificate::from_der(der).value().extension("1.2.3.4.5"),
                         Errc::extension_repeated));
}

TEST(Certificate, signature_is_checked_with_the_issuers_key) {
  for (const char* name : {"rsa", "ed", "p384"}) {
    const Certificate root = certificate(std::string(name) + "-root");
    const Certificate leaf = certificate(std::string("leaf-of-") + name);
    EXPECT_TRUE(leaf.check_signed_by(root.public_key()).ok()) << name;
    EXPECT_TRUE(root.check_signed_by(root.public_key()).ok()) << name;
    EXPECT_TRUE(fails_with(leaf.check_signed_by(leaf.public_key()), Errc::chain_broken));
    EXPECT_TRUE(fails_with(certificate("leaf-of-root").check_signed_by(root.public_key()),
                           Errc::chain_broken));
  }
  EXPECT_TRUE(fails_with(
      certificate("leaf-of-root").check_signed_by(certificate("decoy-twin").public_key()),
      Errc::chain_broken));
  EXPECT_TRUE(
      fails_with(certificate("leaf-of-sha1").check_signed_by(certificate("sha1-root").public_key()),
                 Errc::unsupported));
}

TEST(Certificate, signature_breaks_when_any_signed_bit_changes) {
  const PublicKey issuer = certificate("root").public_key();
  const ByteVec der = certificate("leaf-of-root").der();
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    ByteVec changed = der;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto parsed = Certificate::from_der(changed);
    if (!parsed.ok()) continue;
    EXPECT_FALSE(parsed->check_signed_by(issuer).ok()) << "bit " << bit;
  }
}

TEST(Certificate, validity_includes_both_ends) {
  const Certificate c = certificate("leaf");
  using std::chrono::microseconds;
  using std::chrono::seconds;
  EXPECT_TRUE(c.check_valid_at(c.not_before()).ok());
  EXPECT_TRUE(c.check_valid_at(kNow).ok());
  EXPECT_TRUE(c.check_valid_at(c.not_after()).ok());
  EXPECT_TRUE(fails_with(c.check_valid_at(c.not_before() - microseconds(1)),
                         Errc::certificate_not_yet_valid));
  EXPECT_TRUE(fails_with(c.check_valid_at(c.not_after() + seconds(1)), Errc::certificate_expired));
}

TEST(Crl, tells_its_dates_and_issuer_from_pem_and_der) {
  const Crl crl = Crl::from_pem(testdata("crl.pem")).value();
  EXPECT_EQ(crl.this_update(), day(2025, 1, 1));
  EXPECT_EQ(crl.next_update(), day(2027, 1, 1));
  EXPECT_EQ(crl.issuer_common_name(), "Root");
  EXPECT_EQ(Crl::from_der(as_bytes(testdata("crl.der"))).value().next_update(), day(2027, 1, 1));
  EXPECT_EQ(Crl::from_pem(testdata("crl-no-next-update.pem")).value().next_update(), std::nullopt);
}

TEST(Crl, lists_revoked_serials) {
  const Crl crl = Crl::from_pem(testdata("crl.pem")).value();
  EXPECT_TRUE(crl.revokes(certificate("leaf-of-root")));
  EXPECT_FALSE(crl.revokes(certificate("int-a")));
  EXPECT_FALSE(
      Crl::from_pem(testdata("crl-empty.pem")).value().revokes(certificate("leaf-of-root")));
}

TEST(Crl, is_checked_against_the_issuers_key_and_the_time) {
  const PublicKey root = certificate("root").public_key();
  const Crl crl = Crl::from_pem(testdata("crl.pem")).value();
  EXPECT_TRUE(crl.check(root, kNow).ok());
  EXPECT_TRUE(crl.check(root, day(2027, 1, 1)).ok());
  EXPECT_TRUE(fails_with(crl.check(root, day(2027, 1, 2)), Errc::crl_expired));
  EXPECT_TRUE(fails_with(crl.check(root, day(2024, 1, 1)), Errc::crl_not_yet_valid));
  EXPECT_TRUE(fails_with(crl.check(certificate("int-a").public_key(), kNow), Errc::chain_broken));
  EXPECT_TRUE(
      fails_with(crl.check(public_key("rsa2048.spki.pem").value(), kNow), Errc::chain_broken));
  for (const char* other : {"crl-decoy.pem", "crl-twin.pem"}) {
    EXPECT_TRUE(
        fails_with(Crl::from_pem(testdata(other)).value().check(root, kNow), Errc::chain_broken));
  }
  EXPECT_TRUE(
      fails_with(Crl::from_pem(testdata("crl-no-next-update.pem")).value().check(root, kNow),
                 Errc::crl_expired));
}

TEST(Crl, signed_over_a_weak_digest_is_refused_as_certificates_are) {
  const PublicKey issuer = public_key("rsa2048.spki.pem").value();
  const auto checked = [&](const char* file) {
    return Crl::from_pem(testdata(file)).value().check(issuer, kNow);
  };
  EXPECT_TRUE(checked("crl-rsa-sha384.pem").ok());
  EXPECT_TRUE(checked("crl-pss-sha384.pem").ok());
  EXPECT_TRUE(fails_with(checked("crl-rsa-sha1.pem"), Errc::unsupported));
  EXPECT_TRUE(fails_with(checked("crl-pss-sha1.pem"), Errc::unsupported));
}

TEST(Crl, signature_breaks_when_any_signed_bit_changes) {
  const PublicKey issuer = certificate("root").public_key();
  const ByteVec der = to_vec(as_bytes(testdata("crl.der")));
  for (std::size_t bit = 0; bit < der.size() * 8; ++bit) {
    ByteVec changed = der;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    const auto parsed = Crl::from_der(changed);
    if (!parsed.ok()) continue;
    EXPECT_FALSE(parsed->check(issuer, kNow).ok()) << "bit " << bit;
  }
}

TEST(Crl, refuses_delta_lists_and_what_is_no_list) {
  EXPECT_TRUE(fails_with(Crl::from_pem(testdata("crl-delta.pem")), Errc::unsupported));
  EXPECT_TRUE(fails_with(Crl::from_pem(testdata("root.pem")), Errc::crl_malformed));
  EXPECT_TRUE(fails_with(Crl::from_pem("x" + testdata("crl.pem")), Errc::crl_malformed));
  EXPECT_TRUE(fails_with(Crl::from_pem(testdata("crl.pem") + "x"), Errc::crl_malformed));
  ByteVec der = to_vec(as_bytes(testdata("crl.der")));
  der.push_back(0);
  EXPECT_TRUE(fails_with(Crl::from_der(der), Errc::crl_malformed));
  EXPECT_TRUE(fails_with(Crl::from_der({}), Errc::crl_malformed));
  EXPECT_TRUE(fails_with(Crl::from_der(ByteVec(kMaxCrlSize + 1, 0)), Errc::crl_malformed));
}

TEST(Crl, names_its_issuer_and_has_extensions) {
  const Crl crl = Crl::from_pem(testdata("crl.pem")).value();
  EXPECT_TRUE(crl.names_as_issuer(certificate("root")));
  EXPECT_FALSE(crl.names_as_issuer(certificate("int-a")));
  EXPECT_TRUE(crl.check_signed_by(certificate("root").public_key()).ok());
  EXPECT_TRUE(
      fails_with(crl.check_signed_by(certificate("int-a").public_key()), Errc::chain_broken));
  EXPECT_TRUE(fails_with(crl.extension("1.2.3.4.7"), Errc::extension_missing));
}

TEST(Certificate, names_its_issuer) {
  EXPECT_TRUE(certificate("int-a").names_as_issuer(certificate("root")));
  EXPECT_TRUE(certificate("root").names_as_issuer(certificate("root")));
  EXPECT_FALSE(certificate("root").names_as_issuer(certificate("int-a")));
}

}  // namespace
}  // namespace trustee::crypto
