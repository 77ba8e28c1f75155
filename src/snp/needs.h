#pragma once

#include <optional>

#include "amd/chain.h"
#include "amd/kds.h"
#include "amd/product.h"

namespace trustee::snp {

/// Which revocation list is wanted.
struct CrlRequest {
  amd::Product product = amd::Product::milan;
  amd::VekKind kind = amd::VekKind::vcek;
  friend bool operator==(const CrlRequest&, const CrlRequest&) = default;
};

/// What verification still lacks. At least one is set. The caller gets it and verifies again; a
/// second answer that needs the same thing means it was not handed in.
struct Needs {
  std::optional<amd::VcekRequest> vcek;
  std::optional<CrlRequest> crl;
};

}  // namespace trustee::snp
