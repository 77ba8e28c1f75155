#include "appraise/ear.h"

#include <algorithm>
#include <array>

#include "appraise/errors.h"
#include "base/try.h"
#include "codec/json.h"

namespace trustee::appraise {

namespace {

/// The seconds for which a token is valid; the year 9999 bounds every sum with a real time.
Result<std::int64_t> lifetime_seconds(const EarSettings& settings) {
  constexpr std::int64_t kLongest = 8'000LL * 366 * 24 * 60;
  if (settings.duration_min > kLongest || settings.duration_min < -kLongest) {
    return Error(Errc::token_expiration_overflow, std::to_string(settings.duration_min));
  }
  return settings.duration_min * 60;
}

void append_member(std::string& out, std::string_view name, std::string_view json_text) {
  if (out.back() != '{') out += ',';
  json::append_quoted(out, name);
  out += ':';
  out += json_text;
}

std::string quoted(std::string_view text) {
  std::string out;
  json::append_quoted(out, text);
  return out;
}

std::string exact_reference(const Appraisal& appraisal) {
  return json::write(
      json::Object{{"id", appraisal.policy_id}, {"sha384", appraisal.policy_digest}});
}

void append_submodule(std::string& out, const Submodule& submodule, std::string_view base_policy_id,
                      PolicyReference reference) {
  const Appraisal& appraisal = submodule.appraisal;
  out += '{';
  append_member(out, "ear.status", quoted(to_string(appraisal.status)));
  append_member(out, "ear.trustworthiness-vector", json::write(appraisal.vector.to_json()));
  append_member(out, "ear.appraisal-policy-id", quoted(base_policy_id));
  append_member(out, "ear.veraison.annotated-evidence", submodule.annotated_evidence);
  for (const Extension& extension : appraisal.extensions) {
    if (extension.value.is_null()) continue;
    append_member(out, extension.name, json::write(extension.value));
  }
  switch (reference) {
    case PolicyReference::base_id:
      break;
    case PolicyReference::exact:
      append_member(out, "ear.trustee.policy", exact_reference(appraisal));
      break;
  }
  out += '}';
}

std::string submodules_text(const EarSettings& settings, std::string_view base_policy_id,
                            std::span<const Submodule> submodules) {
  std::vector<const Submodule*> sorted;
  for (const Submodule& s : submodules) {
    sorted.push_back(&s);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Submodule* a, const Submodule* b) { return a->name < b->name; });
  std::string out = "{";
  for (const Submodule* s : sorted) {
    append_member(out, s->name, "");
    append_submodule(out, *s, base_policy_id, settings.policy_reference);
  }
  out += '}';
  return out;
}

}  // namespace

Result<void> check_settings(const EarSettings& settings) {
  const std::array<std::pair<std::string_view, const std::string*>, 3> required{
      {{"profile", &settings.profile},
       {"developer", &settings.developer},
       {"build", &settings.build}}};
  for (const auto& [name, value] : required) {
    if (value->empty()) return Error(Errc::token_setting_empty, std::string(name));
  }
  TRY_VOID(lifetime_seconds(settings));
  return {};
}

std::string SubmoduleNames::next(claims::TeeClass tee_class) {
  const auto index = static_cast<std::size_t>(tee_class);
  if (counts_.size() <= index) counts_.resize(index + 1);
  return std::string(to_string(tee_class)) + std::to_string(counts_[index]++);
}

Result<std::string> ear_payload(const EarSettings& settings, std::string_view base_policy_id,
                                std::span<const Submodule> submodules, Time now) {
  TRY_VOID(check_settings(settings));
  TRY(const std::int64_t lifetime, lifetime_seconds(settings));
  if (submodules.empty()) return Error(Errc::token_without_submodules);
  const std::int64_t issued = unix_seconds(now);
  std::string out = "{";
  append_member(out, "eat_profile", quoted(settings.profile));
  append_member(out, "iat", std::to_string(issued));
  append_member(
      out, "ear.verifier-id",
      json::write(json::Object{{"developer", settings.developer}, {"build", settings.build}}));
  append_member(out, "submods", submodules_text(settings, base_policy_id, submodules));
  append_member(out, "exp", std::to_string(issued + lifetime));
  append_member(out, "iss", quoted(settings.issuer));
  out += '}';
  return out;
}

Result<std::string> issue_ear(const EarSettings& settings, const TokenSigner& signer,
                              std::string_view base_policy_id,
                              std::span<const Submodule> submodules, Time now) {
  TRY(const std::string payload, ear_payload(settings, base_policy_id, submodules, now));
  return signer.sign(payload);
}

}  // namespace trustee::appraise
