#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"

namespace trustee::operators {

/// What a source TLS Secret is for.
enum class TlsUse : std::uint8_t {
  https,  ///< the listener of KBS
  token,  ///< signs attestation tokens: its key must be EC P-256
};

/// A `kubernetes.io/tls` Secret that was looked into.
struct CheckedTls {
  std::string key;   ///< `tls.key`, PEM
  std::string cert;  ///< `tls.crt`, PEM
  Time not_after;
  bool names_service = false;  ///< a DNS name is `kbs-service`, alone or with its namespace
};

/// Checks a source Secret before anything is derived from it: type, keys, that both PEM texts read,
/// that they belong together, the dates at `now`, and the curve of a token key. `secret` may be
/// null: it does not exist.
/// Errors  secret_missing, secret_wrong_type, secret_key_missing, secret_data_malformed,
///         certificate_unreadable, private_key_unreadable, key_pair_mismatch,
///         certificate_not_in_force, token_key_not_p256; the detail is a sentence with the name.
/// Source  operator specification, sections 3.4 and 13 (S9); OP-30, OP-31.
Result<CheckedTls> check_tls_secret(const json::Object* secret, std::string_view name, TlsUse use,
                                    Time now);

}  // namespace trustee::operators
