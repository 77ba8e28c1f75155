#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "rcar/tee.h"
#include "rcar/tee_key.h"

namespace trustee::rcar {

// The JSON messages of the protocol, kbs-types 0.18. All parse functions: required members must be
// there and have their type, unknown members are ignored, a repeated member anywhere is refused.
// Errors  codec::json_syntax, json_too_large, json_too_deep, json_duplicate_member,
//         json_missing_member, json_wrong_type, and those named.
// All write functions: compact, members in the order in which released programs write them.
// Source  kbs.md 4; client-and-guest.md 3.2.

inline constexpr std::size_t kMaxSmallMessage = 64 * 1024;    ///< Request, Challenge, errors
inline constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;  ///< bytes of any other

/// `POST /auth`, guest to server.
struct Request {
  std::string version;
  Tee tee = Tee::sample;
  json::Value extra_params;  ///< required, any type
};
/// Errors  also unknown_tee.
Result<Request> parse_request(std::string_view text);
std::string write(const Request& request);
/// The Request of a client of ours: protocol version, all four hash algorithms in order.
Request make_request(Tee tee);

/// The answer to it.
struct Challenge {
  std::string nonce;
  json::Value extra_params;  ///< `""` when there is nothing to say
};
Result<Challenge> parse_challenge(std::string_view text);
std::string write(const Challenge& challenge);

struct RuntimeData {
  std::string nonce;
  TeePubKey tee_pubkey;
};
/// A document the guest was started with.
struct InitData {
  std::string format;
  std::string body;
  friend bool operator==(const InitData&, const InitData&) = default;
};
struct CompositeEvidence {
  json::Value primary_evidence;     ///< any type
  std::string additional_evidence;  ///< JSON in a text, or empty
};

/// `POST /attest`, guest to server.
struct Attestation {
  std::optional<InitData> init_data;  ///< absent or null: none
  RuntimeData runtime_data;
  CompositeEvidence tee_evidence;
};
/// Errors  also tee_key_type_unsupported.
Result<Attestation> parse_attestation(std::string_view text);
/// `init-data` is written as null when there is none.
std::string write(const Attestation& attestation);

/// The answer to it.
struct TokenResponse {
  std::string token;
};
Result<TokenResponse> parse_token_response(std::string_view text);
std::string write(const TokenResponse& response);

/// The body of a refusal.
struct ErrorInformation {
  std::string type;
  std::string detail;
  friend bool operator==(const ErrorInformation&, const ErrorInformation&) = default;
};
Result<ErrorInformation> parse_error_information(std::string_view text);
std::string write(const ErrorInformation& error);

}  // namespace trustee::rcar
