#include "tests/support/snp_builder.h"

#include <algorithm>

#include "codec/base64.h"
#include "tests/support/file_bytes.h"

namespace trustee {

namespace {

ByteVec counting(std::uint8_t first, std::size_t n) {
  ByteVec out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

}  // namespace

SnpBuilder& SnpBuilder::common(std::uint32_t version, Bytes tcb, Bytes cpuid, Bytes chip_id) {
  le32(0x000, version).le32(0x004, 7).le64(0x008, 0x30102);
  put(0x010, ByteVec(16, 'F')).put(0x020, ByteVec(16, 'I'));
  le32(0x030, 0).le32(0x034, 1).put(0x038, tcb).le64(0x040, 0x25);
  put(0x050, counting(0, 64)).put(0x090, ByteVec(48, 'M')).put(0x0C0, ByteVec(32, 'H'));
  put(0x180, tcb).put(0x188, cpuid).put(0x1A0, chip_id).put(0x1E0, tcb);
  put(0x1E8, from_hex("283701")).put(0x1EC, from_hex("273701"));
  return put(0x1F0, tcb);
}

SnpBuilder SnpBuilder::genoa_v3() {
  return SnpBuilder().common(3, from_hex("0a00000000001719"), from_hex("191101"),
                             counting(0x40, 64));
}

SnpBuilder SnpBuilder::milan_v4() {
  return SnpBuilder().common(4, from_hex("04000000000018db"), from_hex("190101"),
                             counting(0x40, 64));
}

SnpBuilder SnpBuilder::milan_v5() {
  return milan_v4().with_version(5).with_mitigation_vectors(0x0B, 0x1B);
}

SnpBuilder SnpBuilder::turin_v5() {
  return SnpBuilder()
      .common(5, from_hex("01020304000000c8"), from_hex("1a0201"), from_hex("1122334455667788"))
      .with_mitigation_vectors(0x0B, 0x1B);
}

SnpBuilder& SnpBuilder::with_cpuid(std::uint8_t family, std::uint8_t model) {
  return with_byte(0x188, family).with_byte(0x189, model);
}

SnpBuilder& SnpBuilder::with_mitigation_vectors(std::uint64_t launch, std::uint64_t current) {
  return le64(0x1F8, launch).le64(0x200, current);
}

SnpBuilder& SnpBuilder::with_byte(std::size_t offset, std::uint8_t value) {
  bytes_.at(offset) = value;
  return *this;
}

ByteVec SnpBuilder::sign(const crypto::PrivateKey& key) const {
  ByteVec out(bytes_.begin(), bytes_.end());
  const ByteVec r_s = key.sign(crypto::SignatureScheme::es384, Bytes(out).first(0x2A0)).value();
  std::reverse_copy(r_s.begin(), r_s.begin() + 48, out.begin() + 0x2A0);
  std::reverse_copy(r_s.begin() + 48, r_s.end(), out.begin() + 0x2E8);
  return out;
}

SnpBuilder& SnpBuilder::put(std::size_t offset, Bytes data) {
  for (std::size_t i = 0; i < data.size(); ++i) {
    bytes_.at(offset + i) = data[i];
  }
  return *this;
}

SnpBuilder& SnpBuilder::le32(std::size_t offset, std::uint32_t n) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes_.at(offset + i) = static_cast<std::uint8_t>(n >> (8U * i));
  }
  return *this;
}

SnpBuilder& SnpBuilder::le64(std::size_t offset, std::uint64_t n) {
  for (std::size_t i = 0; i < 8; ++i) {
    bytes_.at(offset + i) = static_cast<std::uint8_t>(n >> (8U * i));
  }
  return *this;
}

crypto::PrivateKey snp_test_key() {
  return crypto::PrivateKey::from_pem(
             SecretText(file_text("tests/vectors/snp-test-pki/vek-key.pem")))
      .value();
}

std::string snp_raw_evidence(Bytes report, const std::string& type, Bytes vek) {
  std::string json = R"({"attestation_report":")" + codec::base64_encode(report) + "\"";
  if (!vek.empty()) {
    json += R"(,"cert_chain":[{"cert_type":")" + type + R"(","data":[)";
    for (std::size_t i = 0; i < vek.size(); ++i) {
      json += (i == 0 ? "" : ",") + std::to_string(vek[i]);
    }
    json += "]}]";
  }
  return json + "}";
}

}  // namespace trustee
