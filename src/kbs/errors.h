#pragma once

#include "base/error.h"

namespace trustee::kbs {

#define TRUSTEE_KBS_ERRORS(X)                                                                 \
  X(request_malformed, guest, "the Request does not parse")                                   \
  X(version_malformed, guest, "the protocol version is not a semantic version")               \
  X(version_unsupported, guest, "the protocol version is not supported")                      \
  X(challenge_unavailable, administrator, "no challenge can be made for this TEE")            \
  X(session_missing, guest, "there is no session cookie")                                     \
  X(session_unknown, guest, "the session is unknown, expired or not ours")                    \
  X(attestation_malformed, guest, "the Attestation does not parse")                           \
  X(nonce_mismatch, guest, "the nonce is not the challenge's")                                \
  X(attempts_exhausted, guest, "too many failed attempts for one challenge; take a new one")  \
  X(init_data_format, guest, "init-data is not in the format toml")                           \
  X(additional_evidence_malformed, guest, "the additional evidence is not an object of TEEs") \
  X(token_expired, guest, "the session's token has expired; attest again")                    \
  X(plugin_unknown, guest, "there is no plugin of that name")                                 \
  X(resource_absent, guest, "there is no such resource")                                      \
  X(operation_unsupported, guest, "the plugin does not support this operation")               \
  X(policy_upload_malformed, administrator, "the policy upload does not parse")               \
  X(message_not_utf8, administrator, "the reference value message is not UTF-8")              \
  X(reference_value_absent, administrator, "there is no reference value of that name")        \
  X(decision_unknown, administrator, "no decision of that request is known any more")         \
  X(jwe_failed, guest, "the answer cannot be encrypted to the guest's key")                   \
  X(overloaded, service, "the server is at its limit; try again shortly")                     \
  X(too_many_rounds, service, "a step asked for more rounds than it may")
TRUSTEE_ERROR_CODES(Errc, "kbs", TRUSTEE_KBS_ERRORS)

}  // namespace trustee::kbs
