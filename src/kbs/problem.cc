#include "kbs/problem.h"

#include "codec/json.h"
#include "codec/utf8.h"
#include "kbs/errors.h"

namespace trustee::kbs {
namespace {

constexpr std::string_view kTypePrefix = "https://github.com/confidential-containers/kbs/errors/";

std::string joined(std::string_view a, std::string_view b, std::string_view c = {},
                   std::string_view d = {}) {
  std::string out;
  out.reserve(a.size() + b.size() + c.size() + d.size());
  return out.append(a).append(b).append(c).append(d);
}

}  // namespace

std::string_view to_string(ProblemName name) {
  switch (name) {
    case ProblemName::admin_auth_access:
      return "AdminAuthAccess";
    case ProblemName::admin_auth_initialization:
      return "AdminAuthInitialization";
    case ProblemName::attestation_error:
      return "AttestationError";
    case ProblemName::jwe_error:
      return "JweError";
    case ProblemName::parse_policy_error:
      return "ParsePolicyError";
    case ProblemName::plugin_internal_error:
      return "PluginInternalError";
    case ProblemName::plugin_not_found:
      return "PluginNotFound";
    case ProblemName::policy_deny:
      return "PolicyDeny";
    case ProblemName::policy_engine_error:
      return "PolicyEngineError";
    case ProblemName::rvps_error:
      return "RvpsError";
    case ProblemName::token_not_found:
      return "TokenNotFound";
    case ProblemName::token_verifier_error:
      return "TokenVerifierError";
  }
  return "PluginInternalError";
}

int Problem::status() const { return name == ProblemName::plugin_not_found ? 404 : 401; }

std::string Problem::body() const {
  std::string out = "{\"type\":";
  json::append_quoted(out, joined(kTypePrefix, to_string(name)));
  out += ",\"detail\":";
  json::append_quoted(out, codec::utf8_lossy(detail));
  out += '}';
  return out;
}

Problem auth_failed(std::string_view outermost, Error cause) {
  return {ProblemName::attestation_error,
          joined("Attestation error: RCAR handshake Auth failed: ", outermost), std::move(cause)};
}

Problem attest_failed(Error cause) {
  return {ProblemName::attestation_error, "Attestation error: RCAR handshake Attest failed",
          std::move(cause)};
}

Problem set_attestation_policy_failed(Error cause) {
  return {ProblemName::attestation_error, "Attestation error: Set Attestation Policy failed",
          std::move(cause)};
}

Problem admin_refused(std::string_view endpoint, std::string_view reason, Error cause) {
  return {ProblemName::admin_auth_access,
          joined("admin access denied for endpoint ", endpoint, ": ", reason), std::move(cause)};
}

Problem plugin_admin_refused(std::string_view reason, Error cause) {
  return {ProblemName::admin_auth_initialization,
          joined("failed to initialize [admin] configuration: ", reason), std::move(cause)};
}

Problem plugin_internal(Error cause) {
  return {ProblemName::plugin_internal_error, "Plugin internal error", std::move(cause)};
}

Problem plugin_not_found(std::string_view plugin) {
  return {ProblemName::plugin_not_found, joined("Plugin ", plugin, " not found"),
          Error(Errc::plugin_unknown)};
}

Problem policy_denied(Error cause) {
  return {ProblemName::policy_deny, "Access denied by policy", std::move(cause)};
}

Problem policy_engine(std::string_view text, Error cause) {
  return {ProblemName::policy_engine_error, joined("Policy engine error: ", text),
          std::move(cause)};
}

Problem parse_policy(std::string_view text, Error cause) {
  return {ProblemName::parse_policy_error, joined("Failed to parse policy: ", text),
          std::move(cause)};
}

Problem rvps(std::string_view text, Error cause) {
  return {ProblemName::rvps_error, joined("RVPS configuration failed: ", text), std::move(cause)};
}

Problem token_not_found(Error cause) {
  return {ProblemName::token_not_found, "Attestation Token not found", std::move(cause)};
}

Problem token_refused(Error cause) {
  return {ProblemName::token_verifier_error, "Token Verifier error", std::move(cause)};
}

Problem jwe_failed(Error cause) { return {ProblemName::jwe_error, "JWE failed", std::move(cause)}; }

}  // namespace trustee::kbs
