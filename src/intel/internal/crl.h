#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"
#include "intel/collateral.h"

namespace trustee::intel::internal {

/// A revocation list with what is asked of it; its signature is not checked yet.
struct ParsedCrl {
  crypto::Crl crl;
  std::uint32_t number = 0;
  Lifespan lifespan;
};

/// Reads a list from DER, PEM, or hex text of DER, told apart by its first bytes. It must carry a
/// number, an authority key identifier and a next update.
/// Errors  crl_malformed, those of crypto.
Result<ParsedCrl> parse_crl(Bytes text);

/// Whether `issuer` made the list: its name and its signature. Errors: crl_not_trusted.
Result<void> check_crl_issuer(const crypto::Crl& crl, const crypto::Certificate& issuer);

}  // namespace trustee::intel::internal
