#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "tpm/rules.h"

namespace trustee::tpm_evidence {

inline constexpr std::size_t kMaxEvidence = 64U << 10U;  ///< bytes of JSON

/// TPM evidence as received; nothing in it is verified.
struct Evidence {
  std::string ak_public;  ///< base64 of the key's SubjectPublicKeyInfo, as it came
  crypto::PublicKey ak;
  ByteVec signature;  ///< TPMT_SIGNATURE
  ByteVec message;    ///< TPMS_ATTEST
  tpm::Pcrs pcrs{};
};

/// Reads evidence JSON. Unknown members are ignored.
/// Errors  evidence_malformed, ak_malformed, tpm::pcr_malformed.
/// Source  verifiers specification 10.
Result<Evidence> parse_evidence(std::string_view json);

}  // namespace trustee::tpm_evidence
