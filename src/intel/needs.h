#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trustee::intel {

/// The kind of quote; Intel serves TCB info and enclave identities apart for each.
enum class TeeType : std::uint8_t { sgx, tdx };
std::string_view to_string(TeeType tee);  ///< as in the paths of PCS: `sgx`, `tdx`

/// Which of Intel's authorities issued the PCK certificate; each has its own revocation list.
enum class PckCa : std::uint8_t { platform, processor };
std::string_view to_string(PckCa ca);  ///< as in the queries of PCS: `platform`, `processor`

/// Family, model, stepping, platform type and custom SKU: what TCB info is published for.
using Fmspc = ByteArray<6>;

/// Which collateral one quote needs. The key under which collateral is fetched, kept and refreshed.
struct CollateralRequest {
  Fmspc fmspc{};
  PckCa ca = PckCa::platform;
  TeeType tee = TeeType::tdx;
  friend auto operator<=>(const CollateralRequest&, const CollateralRequest&) = default;
};

/// One line that tells requests apart, e.g. `tdx/90c06f000000/platform`; the name of a kept copy.
std::string cache_name(const CollateralRequest& request);

/// What verification still lacks. Asked for only when everything that can be checked without it
/// was: certificate chain, QE and quote signatures, bindings. The caller gets it and verifies
/// again.
struct Needs {
  CollateralRequest collateral;
};

}  // namespace trustee::intel
