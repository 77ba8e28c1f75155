#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "intel/needs.h"

namespace trustee::intel {

// The words of Intel's Provisioning Certification Service and of caches in front of it (PCCS). No
// network here.

inline constexpr std::string_view kPcsDefaultUrl =
    "https://api.trustedservices.intel.com/sgx/certification/v4/";
/// Where Intel publishes the root's list; PCS itself does not serve it.
inline constexpr std::string_view kRootCrlUrl =
    "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";

/// Which TCB recovery is asked for.
enum class TcbUpdate : std::uint8_t { early, standard };
std::string_view to_string(TcbUpdate update);  ///< as in the queries: `early`, `standard`

/// The headers in which the issuer chains come, URL-encoded.
inline constexpr std::string_view kTcbInfoChainHeader = "TCB-Info-Issuer-Chain";
inline constexpr std::string_view kQeIdentityChainHeader = "SGX-Enclave-Identity-Issuer-Chain";
inline constexpr std::string_view kPckCrlChainHeader = "SGX-PCK-CRL-Issuer-Chain";

/// A collateral service. Immutable.
class PcsWords {
 public:
  /// `url`: http or https, with or without a path; what stands before `/sgx/certification/v…` is
  /// kept, so that a PCCS may lie below a prefix. Errors: service_url_malformed.
  static Result<PcsWords> create(std::string_view url);

  /// Whether this is Intel's own service.
  bool is_intel() const { return is_intel_; }
  std::string tcb_info(TeeType tee, const Fmspc& fmspc, TcbUpdate update) const;
  std::string qe_identity(TeeType tee, TcbUpdate update) const;
  std::string pck_crl(PckCa ca) const;
  /// Intel's own place for PCS, the cache's for a PCCS; never what a document says.
  std::string root_crl() const;

 private:
  PcsWords(std::string base, bool is_intel) : base_(std::move(base)), is_intel_(is_intel) {}

  std::string base_;  ///< scheme, host, port, prefix; no slash at the end
  bool is_intel_;
};

/// An issuer chain as it stands in a header: URL decoding undone. Errors: issuer_chain_malformed
/// (larger than 64 KiB, or no text).
Result<std::string> issuer_chain_of_header(std::string_view value);

}  // namespace trustee::intel
