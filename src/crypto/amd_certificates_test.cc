// The certificates of AMD's key service are unusual in every respect: RSASSA-PSS, serial number 0,
// extension values that are no DER.
#include "crypto/testdata.h"
#include "crypto/x509.h"

namespace trustee::crypto {
namespace {

constexpr const char* kHwId = "1.3.6.1.4.1.3704.1.4";

struct Product {
  const char* file;
  const char* name;
  const char* ask;
  const char* ark;
  const char* asvk;
};
// Fingerprints computed by another implementation.
constexpr Product kProducts[] = {
    {"milan", "Milan", "67d303bd3905fd38db8b20e0793699870e7fa612eaad5dec358293fd8c0bac1b",
     "69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd",
     "c5e081f59b7efab1fe2f8b505e159704e72f29cab7ef7cf628a05a42439082f5"},
    {"genoa", "Genoa", "5464738c1546aed5f2cecf1dc98c5c960a92e8913238a61711bc90ec6e828521",
     "4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1",
     "197e610743a917d6b9bb982a5a9226ccc0a15b611be0619e626aca9151457372"},
    {"turin", "Turin", "5b77ef5fe7a7a004fd9032668fba9d0fda22f88c4442069a479636a6ae3b3185",
     "1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a",
     "104e10a8bd060a3c20a434261a57d0588fd65a88915b4f65b08bdecaf8df1a3c"},
};

std::vector<Certificate> roots(const std::string& product) {
  return Certificate::bundle_from_pem(
             file_text("tests/vectors/amd-certs/" + product + "_ask_ark_asvk.pem"))
      .value();
}

Certificate vek(const std::string& file) {
  return Certificate::from_der(file_bytes("tests/vectors/snp/" + file)).value();
}

TEST(AmdRoots, have_their_fingerprints_names_and_order) {
  for (const Product& p : kProducts) {
    const auto bundle = roots(p.file);
    ASSERT_EQ(bundle.size(), 3u);
    const std::string name = p.name;
    const std::string common_names[] = {"SEV-" + name, "ARK-" + name, "SEV-VLEK-" + name};
    const char* const fingerprints[] = {p.ask, p.ark, p.asvk};
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(bundle[i].subject_common_name(), common_names[i]);
      EXPECT_EQ(bundle[i].issuer_common_name(), "ARK-" + name);
      EXPECT_EQ(to_vec(Bytes(sha256(bundle[i].der()))), from_hex(fingerprints[i]));
      EXPECT_EQ(bundle[i].public_key().type(), KeyType::rsa);
      EXPECT_EQ(bundle[i].public_key().bits(), 4096u);
      EXPECT_TRUE(bundle[i].check_signed_by(bundle[1].public_key()).ok());
      EXPECT_TRUE(
          fails_with(bundle[i].check_signed_by(bundle[0].public_key()), Errc::chain_broken));
      EXPECT_EQ(bundle[i].is_self_issued(), i == 1);
    }
  }
}

TEST(AmdRoots, of_the_key_service_are_the_same) {
  const struct {
    const char* file;
    const char* product;
    std::size_t intermediate;
  } cases[] = {{"milan", "milan", 0},      {"genoa", "genoa", 0},      {"turin_vcek", "turin", 0},
               {"milan_vlek", "milan", 2}, {"genoa_vlek", "genoa", 2}, {"turin_vlek", "turin", 2}};
  for (const auto& c : cases) {
    const auto bundle =
        Certificate::bundle_from_pem(file_text(std::string("tests/vectors/amd-certs/kds-cert_chain-"
                                                           "ask_ark_") +
                                               c.file + ".pem"))
            .value();
    const auto built_in = roots(c.product);
    ASSERT_EQ(bundle.size(), 2u);
    EXPECT_EQ(bundle[0], built_in[c.intermediate]);
    EXPECT_EQ(bundle[1], built_in[1]);
  }
}

TEST(AmdVek, is_signed_by_its_intermediate_only) {
  const struct {
    const char* file;
    const char* product;
    std::size_t issuer;
    const char* common_name;
  } cases[] = {{"evidence-genoa-e2e.vcek.der", "genoa", 0, "SEV-VCEK"},
               {"test-vcek.der", "milan", 0, "SEV-VCEK"},
               {"test-vlek.der", "milan", 2, "SEV-VLEK"},
               {"go-sev-guest-vcek.der", "milan", 0, "SEV-VCEK"},
               {"virtee-vcek_turin.der", "turin", 0, "SEV-VCEK"}};
  for (const auto& c : cases) {
    const Certificate leaf = vek(c.file);
    EXPECT_EQ(leaf.subject_common_name(), c.common_name);
    EXPECT_EQ(leaf.public_key().curve().value(), Curve::p384);
    EXPECT_EQ(leaf.serial_hex(), "0");
    for (const Product& p : kProducts) {
      const auto bundle = roots(p.file);
      for (std::size_t i = 0; i < 3; ++i) {
        const bool signs = std::string_view(p.file) == c.product && i == c.issuer;
        EXPECT_EQ(leaf.check_signed_by(bundle[i].public_key()).ok(), signs)
            << c.file << p.file << i;
      }
    }
  }
}

TEST(AmdVek, with_one_changed_byte_is_refused) {
  ByteVec der = vek("test-vcek.der").der();
  der[42] = static_cast<std::uint8_t>(der[42] + 1);
  const auto changed = Certificate::from_der(der);
  EXPECT_FALSE(changed.ok() && changed->check_signed_by(roots("milan")[0].public_key()).ok());
}

TEST(AmdVek, gives_its_hardware_id_raw_or_wrapped_as_it_stands) {
  EXPECT_EQ(vek("test-vcek-invalid-legacy.der").extension(kHwId).value(), bytes_from(0, 64));
  const ByteVec wrapped = vek("test-vcek-invalid-new.der").extension(kHwId).value();
  ASSERT_EQ(wrapped.size(), 66u);
  EXPECT_EQ(wrapped[0], 0x04);
  EXPECT_EQ(wrapped[1], 0x40);
  EXPECT_EQ(vek("virtee-vcek_turin.der").extension(kHwId).value(), from_hex("1e550a8ee5cf9f4d"));
  EXPECT_EQ(vek("test-vcek.der").extension(kHwId).value().size(), 64u);
  EXPECT_TRUE(fails_with(vek("test-vlek.der").extension(kHwId), Errc::extension_missing));
  EXPECT_EQ(vek("test-vcek-invalid-legacy.der").extension("1.3.6.1.4.1.3704.1.3.8").value(),
            from_hex("020200a9"));
  for (const char* file : {"test-vcek-invalid-legacy.der", "test-vcek-invalid-new.der"}) {
    for (const Product& p : kProducts) {
      for (const Certificate& c : roots(p.file)) {
        EXPECT_FALSE(vek(file).check_signed_by(c.public_key()).ok());
      }
    }
  }
}

TEST(AmdVek, verifies_its_report) {
  // The signature: r and s, 72 bytes each, little-endian, at 0x2A0.
  const struct {
    const char* report;
    const char* vek;
  } cases[] = {{"evidence-genoa-e2e.report.bin", "evidence-genoa-e2e.vcek.der"},
               {"test-report.bin", "test-vcek.der"},
               {"test-vlek-report.bin", "test-vlek.der"},
               {"go-sev-guest-attestation.bin", "go-sev-guest-vcek.der"}};
  for (const auto& c : cases) {
    const ByteVec report = file_bytes(std::string("tests/vectors/snp/") + c.report);
    ASSERT_EQ(report.size(), 0x4a0u);
    ByteVec signature;
    for (const std::size_t begin : {0x2a0u, 0x2e8u}) {
      const Bytes half = Bytes(report).subspan(begin, 48);
      signature.insert(signature.end(), half.rbegin(), half.rend());
    }
    const Bytes body = Bytes(report).first(0x2a0);
    const PublicKey key = vek(c.vek).public_key();
    EXPECT_TRUE(key.verify(SignatureScheme::es384, body, signature).ok()) << c.report;
    EXPECT_TRUE(fails_with(key.verify(SignatureScheme::es384, body.first(0x29f), signature),
                           Errc::signature_invalid));
  }
}

}  // namespace
}  // namespace trustee::crypto
