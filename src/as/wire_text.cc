#include "as/wire_text.h"

#include <algorithm>
#include <array>

#include "appraise/errors.h"
#include "as/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "tee/tee.h"

namespace trustee::as {

namespace {

/// One code and the words before and after its detail.
struct Row {
  Code code;
  std::string_view before;
  bool with_detail = false;
  std::string_view after = {};
};

using P = appraise::Errc;

const std::array<Row, 26>& rows() {
  static const std::array<Row, 26> kRows{{
      {Errc::no_requests, "No verification requests provided."},
      {Errc::no_policy, "No policy is given for EAR token generation."},
      {Errc::hash_unknown, "parse runtime data HashAlgorithm failed: Matching variant not found"},
      {Errc::evidence_not_base64, "base64 decode evidence"},
      {Errc::evidence_not_json, "failed to parse tee evidence: ", true},
      {Errc::init_data_malformed, "parse TOML structured data"},
      {Errc::init_data_too_large, "parse TOML structured data"},
      {Errc::policy_not_base64, "base64 decode policy"},
      {Errc::policy_not_utf8, "policy is not a utf-8 string"},
      {Errc::policy_key_malformed, "Malformed policy: ", true},
      {P::policy_not_found, "Policy `", true, ".rego` not found"},
      {P::policy_not_utf8, "Policy `", true, ".rego` is not a utf-8 string"},
      {P::policy_does_not_load, "Failed to load policy: ", true},
      {P::policy_wrong_package, "Failed to load policy: ", true},
      {P::policy_lacks_rule, "Failed to load policy: ", true},
      {P::policy_unknown_function, "Failed to load policy: ", true},
      {P::policy_failed, "Failed to eval policy: ", true},
      {P::policy_too_slow, "Failed to eval policy: ", true},
      {P::trust_claims_not_object, "Trust claims is not an object"},
      {P::trust_claim_not_number, "Trust claim value not number"},
      {P::trust_claims_empty, "At least one policy claim must be set."},
      {P::extension_name_repeated, "extension error: name ", true, " already registered"},
      {P::extension_key_repeated, "extension error: key ", true, " already registered"},
      {P::token_without_submodules, "sign error: validation error: empty submods"},
      {P::token_setting_empty, "sign error: validation error: empty ", true},
      {P::token_expiration_overflow, "Token expiration overflow."},
  }};
  return kRows;
}

std::string innermost(const Error& error) {
  for (const Row& row : rows()) {
    if (row.code != error.code()) continue;
    std::string out(row.before);
    if (row.with_detail) out += error.detail();
    return out.append(row.after);
  }
  // Ours, without a counterpart: the code's sentence and what it is about.
  std::string out(error.code().text());
  return error.detail().empty() ? out : out + ": " + error.detail();
}

/// Not a verifier's: of the service itself, its policies or its store.
bool is_ours(const Code& code) {
  constexpr std::array<std::string_view, 5> kOurs{"as", "appraise", "rego", "codec", "kv"};
  return std::ranges::find(kOurs, code.module()) != kOurs.end();
}

}  // namespace

Result<std::string> decode_evidence(std::string_view base64url) {
  const auto bytes = codec::base64url_decode(base64url);
  if (!bytes.ok()) return Error(Errc::evidence_not_base64, bytes.error().to_string());
  const auto document =
      json::parse(as_text(*bytes), json::Duplicates::last_wins, {.bytes = bytes->size()});
  if (!document.ok()) return Error(Errc::evidence_not_json, document.error().detail());
  return std::string(as_text(*bytes));
}

std::vector<std::string> wire_causes(const Error& error) {
  if (!is_ours(error.code())) return {"Verifier evaluate failed: " + tee::upstream_text(error)};
  std::vector<std::string> out(error.context().rbegin(), error.context().rend());
  out.push_back(innermost(error));
  return out;
}

std::string numbered(const std::vector<std::string>& causes) {
  std::string out;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    out += "\n" + std::to_string(i) + ": " + causes[i];
  }
  return out;
}

}  // namespace trustee::as
