#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"
#include "intel/needs.h"
#include "intel/tcb_info.h"

namespace trustee::intel {

/// Of platforms with more than one package; members of the extension of Platform CA certificates.
struct PckConfiguration {
  bool dynamic_platform = false;
  bool cached_keys = false;
  bool smt_enabled = false;
};

/// What a PCK certificate says of its platform, all under 1.2.840.113741.1.13.1.
struct PckExtension {
  ByteArray<16> ppid{};
  TcbComponents components{};
  std::uint16_t pcesvn = 0;
  ByteArray<16> cpu_svn{};
  ByteArray<2> pce_id{};
  Fmspc fmspc{};
  std::uint8_t sgx_type = 0;  ///< 0 Standard, 1 Scalable, 2 Scalable with Integrity
  std::optional<ByteArray<16>> platform_instance_id;  ///< Platform CA only
  std::optional<PckConfiguration> configuration;      ///< Platform CA only
};

/// Bound of one extension; one past is refused.
inline constexpr std::size_t kMaxPckExtension = 2048;  ///< bytes of DER

/// Reads the content of the SGX extension. Members are known by their OIDs; each stands at most
/// once, unknown ones are passed over.
/// Errors  pck_extension_malformed.
/// Source  Intel SGX PCK Certificate and Certificate Revocation List Profile, 1.6, section 1.3.5.
Result<PckExtension> parse_pck_extension(Bytes der);

/// The extension of `leaf`, which must have the members that its issuer's certificates have:
/// platform instance and configuration exactly when the Platform CA issued it.
/// Errors  pck_extension_malformed.
Result<PckExtension> pck_extension_of(const crypto::Certificate& leaf, PckCa ca);

/// Which authority a certificate is of, by its common name. Errors: pck_ca_unknown.
Result<PckCa> pck_ca_of(const crypto::Certificate& intermediate);

/// `Standard`, `Scalable`, `Scalable with Integrity`, else `Unknown (N)`.
std::string sgx_type_text(std::uint8_t sgx_type);

/// The claim `platform_instance_id`: the bytes in reverse, lower-case hex.
std::string platform_instance_id_text(const ByteArray<16>& id);

}  // namespace trustee::intel
