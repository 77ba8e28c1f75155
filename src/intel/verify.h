#pragma once

#include <cstdint>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "claims/verified.h"
#include "intel/cache.h"
#include "intel/chain.h"
#include "intel/collateral.h"
#include "intel/needs.h"
#include "intel/quote.h"
#include "intel/root.h"
#include "intel/tcb_match.h"

namespace trustee::intel {

/// The trust anchor, kept proofs, and what was fetched so far.
/// Lifetime: references, for the call.
struct Means {
  const RootKey& root;
  PckCache& cache;
  VerifiedCollateral collateral;  ///< null: not at hand
};

/// A quote whose every rule was checked, and with what.
struct Attested {
  Quote quote;
  VerifiedPckChain pck;
  VerifiedCollateral collateral;
  TcbOutcome launch;
  TcbOutcome current;  ///< of the TDX module that runs now (1.5 bodies); else as launch
  QuoteStatus status = QuoteStatus::out_of_date;
  Lifespan lifespan;  ///< of collateral and PCK chain together
  Time judged_at;

  /// Whether a document, list or certificate that was used is past its date.
  bool expired() const { return lifespan.earliest_expiration <= judged_at; }
};

using Outcome = std::variant<claims::Verified<Attested>, Needs>;

/// Verifies a quote of any kind at time `now`: the first rule that fails is returned, in the order
/// of the specification. PCK chain, QE report and quote signature are verified before collateral is
/// asked for. Bindings (report data, init data) are the caller's, before this.
/// A status other than up to date and collateral past its date are claims, not failures; a
/// revocation is a failure.
/// Errors  pck_*, qe_*, attestation_key_malformed, quote_signature_invalid, collateral_mismatch,
///         certificate_revoked, tcb_*, tdx_module_mismatch.
/// Source  verifiers specification 5.5 and 5.6.
/// Cost    two P-256 verifications when the chain is cached, three more else.
Result<Outcome> verify_quote(const Quote& quote, const Means& means, Time now);

// The rules, each on its own, in the order of the specification.

/// The PCK signed the QE report. Errors: qe_report_signature_invalid.
Result<void> check_qe_report_signature(const Quote& quote, const crypto::PublicKey& pck);
/// The QE report vouches for attestation key and QE authentication data.
/// Errors  qe_report_data_mismatch.
Result<void> check_qe_report_data(const Quote& quote);
/// Errors  attestation_key_malformed, quote_signature_invalid.
Result<void> check_quote_signature(const Quote& quote);
/// The revocation lists are those of the chain's issuers and name none of its certificates.
/// Errors  collateral_mismatch, certificate_revoked.
Result<void> check_not_revoked(const PckChain& pck, const Collateral& collateral);
/// The TCB info is for the quote's TEE and the PCK's platform. Errors: tcb_info_mismatch.
Result<void> check_tcb_info(const Quote& quote, const PckChain& pck, const TcbInfo& info);
/// The TDX module is the one that Intel names; nothing is asked of SGX quotes.
/// Errors  tdx_module_mismatch.
Result<void> check_tdx_module(const Quote& quote, const TcbInfo& info);
/// The quoting enclave is the one that Intel names. Errors: qe_identity_mismatch.
Result<void> check_qe_identity(const Quote& quote, const QeIdentity& identity);

/// Which collateral the quote of this chain needs.
CollateralRequest request_of(const Quote& quote, const PckChain& pck);

}  // namespace trustee::intel
