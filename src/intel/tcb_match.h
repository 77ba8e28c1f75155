#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "intel/qe_identity.h"
#include "intel/tcb_info.h"

namespace trustee::intel {

/// The SVNs that are matched against Intel's levels.
struct PlatformTcb {
  TcbComponents sgx{};       ///< of the PCK certificate
  std::uint16_t pcesvn = 0;  ///< of the PCK certificate
  std::uint16_t qe_isvsvn = 0;
  std::optional<TcbComponents> tdx;  ///< TEE_TCB_SVN; TDX only. [0] module, [1] its major version
};

/// What Intel says of one set of SVNs.
struct TcbOutcome {
  TcbStatus status = TcbStatus::revoked;  ///< converged
  Time date;                              ///< the earliest of the matched levels
  std::vector<std::string> advisories;    ///< of all matched levels, sorted, each once
  TcbStatus platform = TcbStatus::revoked;
  TcbStatus qe = TcbStatus::revoked;
  std::optional<TcbStatus> tdx_module;
};

/// Finds the levels that match and makes one status of theirs.
/// Errors  tcb_not_supported (no level of the platform, the quoting enclave or the TDX module
///         matches).
/// Source  verifiers specification 5.6.
Result<TcbOutcome> match_tcb(const TcbInfo& info, const QeIdentity& qe, const PlatformTcb& tcb);

/// The platform's status when its components (quoting enclave, TDX module) have these: an outdated
/// component makes it outdated, a revoked one revoked; any other status of a component says
/// nothing.
TcbStatus converged(TcbStatus platform, std::span<const TcbStatus> components);

/// The identity of the TDX module with major version `major`; null when there is none.
const TdxModuleIdentity* find_module(const TcbInfo& info, std::uint8_t major);

/// What is said of a quote in the end.
enum class QuoteStatus : std::uint8_t {
  up_to_date,
  sw_hardening_needed,
  configuration_needed,
  configuration_and_sw_hardening_needed,
  out_of_date,
  out_of_date_configuration_needed,
  td_relaunch_advised,
  td_relaunch_advised_configuration_needed,
};
/// The claim `tcb_status`, e.g. `TDRelaunchAdvised`.
std::string_view to_string(QuoteStatus status);

/// The status of a TD that was launched at `launch` on a platform that is now at `current`: when
/// only the launch is outdated, starting the TD again is advised. A revoked TCB is refused, be it
/// that of the launch or the current one.
/// Errors  tcb_revoked.
Result<QuoteStatus> quote_status(TcbStatus launch, TcbStatus current);

}  // namespace trustee::intel
