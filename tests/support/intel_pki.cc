#include "tests/support/intel_pki.h"

#include <initializer_list>

#include "codec/pem.h"
#include "crypto/digest.h"
#include "tests/support/der.h"

namespace trustee {

namespace {

using namespace der;

/// 1.2.840.113741.1.13.1 and what stands below it.
ByteVec sgx_oid(std::initializer_list<std::uint8_t> below) {
  ByteVec content{0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};
  content.insert(content.end(), below.begin(), below.end());
  return oid(content);
}

ByteVec algorithm() { return sequence({oid({0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02})}); }

ByteVec rdn(std::uint8_t attribute, std::uint8_t tag, std::string_view value) {
  return element(0x31, sequence({oid({0x55, 0x04, attribute}), text(tag, value)}));
}

ByteVec name(std::string_view common_name) {
  return sequence({rdn(3, 0x0C, common_name), rdn(10, 0x0C, "Intel Corporation"),
                   rdn(7, 0x0C, "Santa Clara"), rdn(8, 0x0C, "CA"), rdn(6, 0x13, "US")});
}

ByteVec extension(std::uint8_t id, bool critical, const ByteVec& value) {
  const ByteVec marker = critical ? boolean(true) : ByteVec{};
  return sequence({oid({0x55, 0x1D, id}), marker, octets(value)});
}

ByteVec key_id(const crypto::PublicKey& key) {
  ByteVec digest = to_vec(crypto::sha256(key.spki()));
  digest.resize(20);
  return digest;
}

ByteVec authority_key_identifier(const crypto::PublicKey& issuer) {
  return extension(35, false, sequence({element(0x80, key_id(issuer))}));
}

/// The signed thing, its algorithm, its signature.
ByteVec signed_by(const crypto::PrivateKey& key, const ByteVec& to_be_signed) {
  const ByteVec r_s = sign_es256(key, to_be_signed);
  const ByteVec signature = sequence({integer(ByteVec(r_s.begin(), r_s.begin() + 32)),
                                      integer(ByteVec(r_s.begin() + 32, r_s.end()))});
  return sequence({to_be_signed, algorithm(), bit_string(signature)});
}

ByteVec extensions_of(const CertificateBuilder& c, const crypto::PublicKey& subject,
                      const crypto::PublicKey& issuer) {
  const ByteVec uri = text(0x86, c.crl_url);
  ByteVec all =
      joined({authority_key_identifier(issuer),
              extension(31, false, sequence({sequence({element(0xA0, element(0xA0, uri))})})),
              extension(14, false, octets(key_id(subject)))});
  if (!c.without_key_usage) {
    const ByteVec usage = c.is_ca ? bit_string({0x06}, 1) : bit_string({0xC0}, 6);
    all = joined({all, extension(15, true, usage)});
  }
  const ByteVec constraints = c.is_ca ? sequence({boolean(true)}) : sequence({});
  all = joined({all, extension(19, true, constraints)});
  if (c.sgx_extension.has_value()) {
    all = joined({all, sequence({sgx_oid({}), octets(*c.sgx_extension)})});
  }
  return element(0xA3, element(0x30, all));
}

std::string pem(const ByteVec& der) { return codec::pem_write("CERTIFICATE", der); }

crypto::PrivateKey new_key() {
  return crypto::PrivateKey::generate_ec(crypto::Curve::p256).value();
}

CertificateBuilder certificate(std::string subject, std::string issuer, std::uint8_t serial,
                               bool is_ca) {
  CertificateBuilder c;
  c.subject = std::move(subject);
  c.issuer = std::move(issuer);
  c.serial = {serial};
  c.not_before = kIntelIssued;
  c.not_after = from_unix_seconds(1990000000);  // 2033
  c.is_ca = is_ca;
  return c;
}

constexpr const char* kRoot = "Intel SGX Root CA";
constexpr const char* kPlatformCa = "Intel SGX PCK Platform CA";
constexpr const char* kProcessorCa = "Intel SGX PCK Processor CA";

}  // namespace

ByteVec sign_es256(const crypto::PrivateKey& key, Bytes message) {
  return key.sign(crypto::SignatureScheme::es256, message).value();
}

PckExtensionBuilder PckExtensionBuilder::processor() {
  PckExtensionBuilder b;
  b.sgx_type = 0;
  b.platform_instance_id.reset();
  b.configuration = false;
  return b;
}

ByteVec PckExtensionBuilder::der() const {
  ByteVec tcb;
  for (std::uint8_t i = 0; i < 16; ++i) {
    const auto n = static_cast<std::uint8_t>(i + 1);
    tcb = joined({tcb, sequence({sgx_oid({2, n}), integer(components.at(i))})});
  }
  tcb = joined({tcb, sequence({sgx_oid({2, 17}), integer(pcesvn)}),
                sequence({sgx_oid({2, 18}), octets(cpu_svn)})});
  ByteVec all =
      joined({sequence({sgx_oid({1}), octets(ppid)}), sequence({sgx_oid({2}), element(0x30, tcb)}),
              sequence({sgx_oid({3}), octets(pce_id)}), sequence({sgx_oid({4}), octets(fmspc)}),
              sequence({sgx_oid({5}), integer(sgx_type, 0x0A)})});
  if (platform_instance_id.has_value()) {
    all = joined({all, sequence({sgx_oid({6}), octets(*platform_instance_id)})});
  }
  if (configuration) {
    const ByteVec flags = sequence({sequence({sgx_oid({7, 1}), boolean(true)}),
                                    sequence({sgx_oid({7, 2}), boolean(false)}),
                                    sequence({sgx_oid({7, 3}), boolean(true)})});
    all = joined({all, sequence({sgx_oid({7}), flags})});
  }
  return element(0x30, all);
}

ByteVec CertificateBuilder::sign(const crypto::PublicKey& subject_key,
                                 const crypto::PrivateKey& issuer_key) const {
  const ByteVec version = element(0xA0, integer(2));
  return signed_by(
      issuer_key,
      sequence({version, integer(serial), algorithm(), name(issuer),
                sequence({utc_time(not_before), utc_time(not_after)}), name(subject),
                subject_key.spki(), extensions_of(*this, subject_key, issuer_key.public_key())}));
}

ByteVec CrlBuilder::sign(const crypto::PrivateKey& issuer_key) const {
  ByteVec entries;
  for (const ByteVec& serial : revoked) {
    entries = joined({entries, sequence({integer(serial), utc_time(this_update)})});
  }
  if (!entries.empty()) entries = element(0x30, entries);
  ByteVec extensions = authority_key_identifier(issuer_key.public_key());
  if (!without_number) extensions = joined({extension(20, false, integer(number)), extensions});
  return signed_by(issuer_key, sequence({integer(1), algorithm(), name(issuer),
                                         utc_time(this_update), utc_time(next_update), entries,
                                         element(0xA0, element(0x30, extensions))}));
}

IntelPki::IntelPki()
    : root_key(new_key()),
      ca_key(new_key()),
      pck_key(new_key()),
      tcb_key(new_key()),
      attestation_key(new_key()),
      root(certificate(kRoot, kRoot, 0x11, true)),
      ca(certificate(kPlatformCa, kRoot, 0x12, true)),
      pck(certificate("Intel SGX PCK Certificate", kPlatformCa, 0x13, false)),
      tcb(certificate("Intel SGX TCB Signing", kRoot, 0x14, false)) {}

IntelPki IntelPki::processor() {
  IntelPki pki;
  pki.extension = PckExtensionBuilder::processor();
  pki.ca.subject = kProcessorCa;
  pki.pck.issuer = kProcessorCa;
  return pki;
}

ByteVec IntelPki::root_der() const { return root.sign(root_key.public_key(), root_key); }

std::string IntelPki::pck_chain() const {
  CertificateBuilder leaf = pck;
  if (!leaf.sgx_extension.has_value()) leaf.sgx_extension = extension.der();
  return pem(leaf.sign(pck_key.public_key(), ca_key)) + ca_chain() + '\0';
}

std::string IntelPki::ca_chain() const {
  return pem(ca.sign(ca_key.public_key(), root_key)) + pem(root_der());
}

std::string IntelPki::tcb_chain() const {
  return pem(tcb.sign(tcb_key.public_key(), root_key)) + pem(root_der());
}

CrlBuilder IntelPki::root_crl() const {
  CrlBuilder b;
  b.issuer = root.subject;
  b.this_update = kIntelIssued;
  b.next_update = kIntelExpires;
  return b;
}

CrlBuilder IntelPki::pck_crl() const {
  CrlBuilder b = root_crl();
  b.issuer = ca.subject;
  return b;
}

}  // namespace trustee
