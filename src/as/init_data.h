#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/digest.h"

namespace trustee::as {

/// Largest init-data document and deepest nesting inside it that is read.
inline constexpr std::size_t kMaxInitData = 2U << 20U;
inline constexpr std::size_t kMaxTomlDepth = 32;

/// An init-data document: texts by name, and the hash that binds the whole.
struct InitDataDocument {
  std::string version;  ///< any text; not looked at
  crypto::Hash hash = crypto::Hash::sha256;
  json::Object data;  ///< names to texts, sorted
};

/// Reads a document: `version`, `algorithm` (exactly `sha256`, `sha384`, `sha512`, `sm3`), and the
/// table `data` of texts; other keys are ignored.
/// Errors  init_data_malformed, init_data_too_large.
/// Source  attestation-service specification, section 6.3.
Result<InitDataDocument> parse_init_data(std::string_view text);

/// What the token tells of the document. `aa.toml` and `cdh.toml` become objects where they are
/// TOML; the data that a kata agent policy ends with takes the policy's place as
/// `agent_policy_claims`; the rest stays text. Shape   the policy's data counts only when it is a
/// definition of its own, `policy_data := {…}` at
///         the start of a line: a comment or another rule that contains those words does not.
json::Object claims_of_init_data(InitDataDocument document);

}  // namespace trustee::as
