#include "tests/support/amd_pki.h"

#include "codec/pem.h"
#include "tests/support/der.h"

namespace trustee {

namespace {

using namespace der;

constexpr const char* kArk = "ARK-Genoa";
constexpr const char* kAsk = "SEV-Genoa";
constexpr unsigned kArkSerial = 0x20000;
constexpr int kRsaBits = 3072;

/// 1.2.840.113549.1.1 and one arc below it.
ByteVec pkcs1(std::uint8_t arc) {
  return oid({0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, arc});
}

/// RSASSA-PSS with SHA-384, MGF1 with SHA-384, 48 bytes of salt.
ByteVec algorithm() {
  const ByteVec sha384 = sequence(
      {oid({0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}), element(0x05, ByteVec{})});
  return sequence(
      {pkcs1(10), sequence({element(0xA0, sha384), element(0xA1, sequence({pkcs1(8), sha384})),
                            element(0xA2, integer(48)), element(0xA3, integer(1))})});
}

ByteVec name(std::string_view common_name) {
  return sequence({element(0x31, sequence({oid({0x55, 0x04, 0x03}), text(0x0C, common_name)}))});
}

ByteVec extension(const ByteVec& id, bool critical, const ByteVec& value) {
  return sequence({id, critical ? boolean(true) : ByteVec{}, octets(value)});
}

/// 1.3.6.1.4.1.3704.1 and what stands below it.
ByteVec amd_extension(ByteVec below, const ByteVec& value) {
  ByteVec id{0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01};
  id.insert(id.end(), below.begin(), below.end());
  return extension(oid(id), false, value);
}

ByteVec signed_by(const crypto::PrivateKey& key, const ByteVec& to_be_signed) {
  const ByteVec signature = key.sign(crypto::SignatureScheme::ps384, to_be_signed).value();
  return sequence({to_be_signed, algorithm(), bit_string(signature)});
}

struct Life {
  Time not_before;
  Time not_after;
};

ByteVec certificate(std::string_view subject, const crypto::PublicKey& key, std::string_view issuer,
                    const crypto::PrivateKey& issuer_key, unsigned serial, Life life,
                    const ByteVec& extensions) {
  return signed_by(issuer_key,
                   sequence({element(0xA0, integer(2)), integer(serial), algorithm(), name(issuer),
                             sequence({utc_time(life.not_before), utc_time(life.not_after)}),
                             name(subject), key.spki(), element(0xA3, element(0x30, extensions))}));
}

crypto::PrivateKey rsa_key() { return crypto::PrivateKey::generate_rsa(kRsaBits).value(); }

}  // namespace

VcekBuilder::VcekBuilder() : chip_id(64) {
  for (std::size_t i = 0; i < chip_id.size(); ++i) {
    chip_id[i] = static_cast<std::uint8_t>(0x40 + i);
  }
}

VcekBuilder VcekBuilder::of_chip(unsigned number) {
  VcekBuilder out;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out.chip_id[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return out;
}

AmdPki::AmdPki()
    : ark_key(rsa_key()),
      ask_key(rsa_key()),
      asvk_key(rsa_key()),
      vcek_key(crypto::PrivateKey::generate_ec(crypto::Curve::p384).value()) {}

std::string AmdPki::authority_pem(const char* subject, const crypto::PrivateKey& key,
                                  unsigned serial) const {
  const ByteVec constraints = extension(oid({0x55, 0x1D, 0x13}), true, sequence({boolean(true)}));
  const ByteVec usage = extension(oid({0x55, 0x1D, 0x0F}), true, bit_string({0x06}, 1));
  return codec::pem_write("CERTIFICATE",
                          certificate(subject, key.public_key(), kArk, ark_key, serial,
                                      {kAmdIssued, kAmdExpires}, joined({constraints, usage})));
}

std::string AmdPki::chain_pem() const {
  return authority_pem(kAsk, ask_key, kArkSerial + 1) + authority_pem(kArk, ark_key, kArkSerial);
}

std::string AmdPki::roots_pem() const {
  return chain_pem() + authority_pem("SEV-VLEK-Genoa", asvk_key, kArkSerial + 0x101);
}

ByteVec AmdPki::vcek(const VcekBuilder& chip) const {
  ByteVec extensions = joined(
      {amd_extension({1}, integer(0)), amd_extension({2}, text(0x16, "Genoa")),
       amd_extension({3, 1}, integer(chip.bootloader)), amd_extension({3, 2}, integer(chip.tee)),
       amd_extension({3, 3}, integer(chip.snp)), amd_extension({3, 8}, integer(chip.microcode))});
  for (const std::uint8_t spare : ByteVec{4, 5, 6, 7}) {
    extensions = joined({extensions, amd_extension({3, spare}, integer(0))});
  }
  extensions = joined({extensions, amd_extension({4}, chip.chip_id)});
  return certificate("SEV-VCEK", vcek_key.public_key(), kAsk, ask_key, 0,
                     {chip.not_before, chip.not_after}, extensions);
}

ByteVec AmdPki::crl(const ArkCrlBuilder& list) const {
  ByteVec entries;
  for (const unsigned serial : list.revoked) {
    entries = joined({entries, sequence({integer(serial), utc_time(list.this_update)})});
  }
  if (!entries.empty()) entries = element(0x30, entries);
  return signed_by(ark_key,
                   sequence({integer(1), algorithm(), name(kArk), utc_time(list.this_update),
                             utc_time(list.next_update), entries}));
}

}  // namespace trustee
