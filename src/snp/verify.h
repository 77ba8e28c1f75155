#pragma once

#include <optional>
#include <variant>

#include "amd/cache.h"
#include "amd/chain.h"
#include "amd/crl.h"
#include "amd/roots.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "claims/expected.h"
#include "claims/verified.h"
#include "snp/evidence.h"
#include "snp/format.h"
#include "snp/needs.h"

namespace trustee::snp {

/// What the operator decides about endorsement keys.
struct Policy {
  amd::ValidityDates dates = amd::ValidityDates::enforced;
  amd::Revocation revocation = amd::Revocation::not_checked;
};

/// Trust anchors and what was fetched so far.
/// Lifetime: references and views, for the call.
struct Endorsements {
  const amd::RootSet& roots;
  amd::VekCache& cache;
  std::optional<Bytes> vcek;       ///< DER or PEM; used only when the evidence has no chain
  std::optional<amd::ArkCrl> crl;  ///< looked at only when the policy requires it
};

/// A report whose every rule was checked, and with what.
struct Attested {
  Report report;
  amd::Product product = amd::Product::milan;
  amd::VekKind vek_kind = amd::VekKind::vcek;
  Policy policy;  ///< what was enforced
};

using Outcome = std::variant<claims::Verified<Attested>, Needs>;

/// Verifies SNP evidence at time `now`: the first rule that fails is returned, in the order of the
/// specification. Evidence without endorsement key has its format, product, VMPL and bindings
/// checked before the key is asked for.
/// Errors  all of snp::Errc, and the chain's of amd::Errc.
/// Source  verifiers specification 4.4.
/// Cost    one P-384 verification when the chain is cached, else 3 or 4 RSA-4096 ones more.
Result<Outcome> verify(const Evidence& evidence, const claims::Expected& expected,
                       const Endorsements& endorsements, const Policy& policy, Time now);

// The rules, each on its own, in the order of the specification; also for reports that arrive in
// other envelopes (Azure's HCL report).

/// Version 3 or later. Errors: version_too_old.
Result<void> check_version(std::uint32_t version);
inline Result<void> check_version(const Report& report) { return check_version(report.version); }
/// SIGNATURE_ALGO is 1. Errors: signature_algorithm_unsupported.
Result<void> check_signature_algorithm(const Report& report);
/// The report was signed by `vek`. Errors: signature_mismatch.       Cost: one P-384 verification.
Result<void> check_signature(const Report& report, const crypto::PublicKey& vek);
/// KEY_INFO.SIGNING_KEY names the kind of key. Errors: signing_key_mismatch.
Result<void> check_signing_key(const Report& report, amd::VekKind kind);
/// A VCEK is of this chip, unless the platform masks the chip id. Errors: chip_id_mismatch.
Result<void> check_chip_id(const Report& report, const amd::VekExtensions& vek);
/// REPORTED_TCB is the endorsed TCB, part by part. Errors: microcode_mismatch,
/// snp_firmware_mismatch, tee_mismatch, bootloader_mismatch, fmc_mismatch.
Result<void> check_reported_tcb(const Report& report, const amd::VekExtensions& vek);
/// Errors: vmpl_not_zero.
Result<void> check_vmpl(const Report& report);
/// REPORT_DATA is `expected`, padded with zeros or cut to 64 bytes. Errors: report_data_mismatch.
Result<void> check_report_data(const Report& report, const claims::Expected& expected);
/// HOST_DATA is the expected init-data hash, padded or cut to 32 bytes. Errors: host_data_mismatch.
Result<void> check_host_data(const Report& report, const claims::Expected& expected);

}  // namespace trustee::snp
