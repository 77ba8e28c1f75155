#pragma once

#include <string>

#include "base/bytes.h"
#include "crypto/key.h"

namespace trustee {

/// Writes SEV-SNP reports for tests, valid by default and signed by a key of ours. It knows the
/// layout by offset and shares no code with src/snp, so that a wrong offset there is seen here.
class SnpBuilder {
 public:
  /// The reports of tests/vectors/snp-test-pki, before signing: chips, TCBs and CPUs as there.
  static SnpBuilder genoa_v3();
  static SnpBuilder milan_v4();
  static SnpBuilder milan_v5();
  static SnpBuilder turin_v5();

  SnpBuilder& with_version(std::uint32_t n) { return le32(0x000, n); }
  SnpBuilder& with_policy(std::uint64_t bits) { return le64(0x008, bits); }
  SnpBuilder& with_debug_allowed() { return with_policy(0x30000U | (1U << 19U)); }
  SnpBuilder& with_vmpl(std::uint32_t n) { return le32(0x030, n); }
  SnpBuilder& with_signature_algorithm(std::uint32_t n) { return le32(0x034, n); }
  SnpBuilder& with_platform_info(std::uint64_t bits) { return le64(0x040, bits); }
  SnpBuilder& with_signing_key(std::uint32_t n) { return le32(0x048, n << 2U); }
  SnpBuilder& with_report_data(Bytes data) { return put(0x050, data); }
  SnpBuilder& with_measurement(Bytes data) { return put(0x090, data); }
  SnpBuilder& with_host_data(Bytes data) { return put(0x0C0, data); }
  SnpBuilder& with_reported_tcb(Bytes tcb) { return put(0x180, tcb); }
  SnpBuilder& with_cpuid(std::uint8_t family, std::uint8_t model);
  SnpBuilder& with_chip_id(Bytes id) { return put(0x1A0, id); }
  SnpBuilder& with_masked_chip_id() { return put(0x1A0, ByteVec(64, 0)); }
  SnpBuilder& with_mitigation_vectors(std::uint64_t launch, std::uint64_t current);
  /// Any byte, also reserved ones.
  SnpBuilder& with_byte(std::size_t offset, std::uint8_t value);

  /// The 1184 bytes, signed with P-384 and SHA-384.
  ByteVec sign(const crypto::PrivateKey& key) const;

 private:
  SnpBuilder() = default;
  SnpBuilder& put(std::size_t offset, Bytes data);
  SnpBuilder& le32(std::size_t offset, std::uint32_t n);
  SnpBuilder& le64(std::size_t offset, std::uint64_t n);
  SnpBuilder& common(std::uint32_t version, Bytes tcb, Bytes cpuid, Bytes chip_id);

  ByteArray<0x4A0> bytes_{};
};

/// The key of the test hierarchy's VCEKs and VLEKs.
crypto::PrivateKey snp_test_key();
/// Evidence JSON with the report in base64 and, unless `vek` is empty, one certificate.
std::string snp_raw_evidence(Bytes report, const std::string& type, Bytes vek);

}  // namespace trustee
