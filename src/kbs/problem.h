#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace trustee::kbs {

/// The error names of the wire (kbs.md 3.4).
enum class ProblemName : std::uint8_t {
  admin_auth_access,
  admin_auth_initialization,
  attestation_error,
  jwe_error,
  parse_policy_error,
  plugin_internal_error,
  plugin_not_found,
  policy_deny,
  policy_engine_error,
  rvps_error,
  token_not_found,
  token_verifier_error,
};

std::string_view to_string(ProblemName name);

/// A refusal as the guest or administrator sees it, and why. The text is the released system's;
/// the cause goes to the log and, as a code only, into `Trustee-Code`.
struct Problem {
  ProblemName name;
  std::string detail;
  Error cause;

  int status() const;        ///< 404 for plugin_not_found, else 401
  std::string body() const;  ///< `{"type":"…/<Name>","detail":"…"}`
};

// The details of kbs.md 3.4, one function per family. `cause` explains the refusal to the operator.
Problem auth_failed(std::string_view outermost, Error cause);
Problem attest_failed(Error cause);
Problem set_attestation_policy_failed(Error cause);
Problem admin_refused(std::string_view endpoint, std::string_view reason, Error cause);
Problem plugin_admin_refused(std::string_view reason, Error cause);
Problem plugin_internal(Error cause);
Problem plugin_not_found(std::string_view plugin);
Problem policy_denied(Error cause);
Problem policy_engine(std::string_view text, Error cause);
Problem parse_policy(std::string_view text, Error cause);
Problem rvps(std::string_view text, Error cause);
Problem token_not_found(Error cause);
Problem token_refused(Error cause);
Problem jwe_failed(Error cause);

}  // namespace trustee::kbs
