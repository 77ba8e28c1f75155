#include "as/evaluation.h"

#include <utility>

#include "as/errors.h"
#include "base/try.h"
#include "codec/hex.h"
#include "crypto/digest.h"

namespace trustee::as {

namespace {

constexpr std::string_view kManyPolicies =
    "EAR token only accepts the first policy. The rest will be ignored.";

std::optional<Bytes> view(const std::optional<ByteVec>& bytes) {
  if (!bytes.has_value()) return std::nullopt;
  return Bytes(*bytes);
}

}  // namespace

Evaluation::Evaluation(RequestId id, std::vector<VerificationRequest> requests,
                       std::vector<std::string> policy_ids, Environment environment)
    : policy_id_(policy_ids.empty() ? std::string(kDefaultPolicy) : std::move(policy_ids.front())),
      environment_(std::move(environment)) {
  if (policy_ids.size() > 1) warnings_.emplace_back(kManyPolicies);
  record_.request_id = std::move(id);
  record_.time = environment_.now;
  record_.generation = environment_.generation;
  record_.references = environment_.references;
  for (VerificationRequest& request : requests) {
    record_.evidence.push_back({std::string(rcar::to_string(request.tee)),
                                codec::hex_encode(crypto::sha384(as_bytes(request.evidence)))});
    items_.emplace_back().request = std::move(request);
  }
}

void Evaluation::answer(std::string name, std::optional<std::string> json) {
  answers_.insert_or_assign(std::move(name), std::move(json));
}

Result<Evaluation::Step> Evaluation::next() {
  if (ended_) return Error(Errc::step_after_end);
  auto step = advance();
  if (!step.ok()) {
    ended_ = true;
    record_.verdict = decision::Verdict::refused;
    record_.findings.add(finding::from_error(step.error()));
  } else if (std::holds_alternative<Issued>(*step)) {
    ended_ = true;
    record_.verdict = decision::Verdict::issued;
  }
  return step;
}

Result<Evaluation::Step> Evaluation::advance() {
  if (!bound_) {
    TRY_VOID(bind());
    bound_ = true;
  }
  TRY(auto collateral, verify());
  if (collateral.has_value()) return Step(std::move(*collateral));
  if (!prepared_) {
    TRY_VOID(prepare_devices());
    prepared_ = true;
  }
  TRY(auto references, appraise_devices());
  if (references.has_value()) return Step(std::move(*references));
  return issue();
}

Result<void> Evaluation::bind() {
  if (items_.empty()) return Error(Errc::no_requests);
  for (Item& item : items_) {
    TRY(item.runtime,
        bind_runtime_data(std::move(item.request.runtime_data), item.request.runtime_data_hash)
            .while_doing("parse runtime data"));
    TRY(item.init,
        bind_init_data(std::move(item.request.init_data)).while_doing("parse init data"));
  }
  return {};
}

Result<std::optional<CollateralNeeds>> Evaluation::verify() {
  CollateralNeeds out;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (items_[i].claims.has_value()) continue;
    TRY(auto needs, verify_item(i));
    if (needs.has_value()) out.items.push_back({i, std::move(*needs)});
  }
  if (out.items.empty()) return std::optional<CollateralNeeds>();
  return std::optional(std::move(out));
}

Result<std::optional<tee::Needs>> Evaluation::verify_item(std::size_t index) {
  Item& item = items_[index];
  const tee::Item question{.evidence = item.request.evidence,
                           .expected = {view(item.runtime.expected), view(item.init.expected)},
                           .collateral = item.collateral,
                           .trust = *environment_.trust,
                           .caches = *environment_.caches,
                           .now = environment_.now};
  TRY(auto outcome, tee::evaluate(item.request.tee, question));
  if (auto* needs = std::get_if<tee::Needs>(&outcome); needs != nullptr) {
    if (++item.rounds > kMaxRounds) {
      return Error(Errc::collateral_not_provided, std::string(rcar::to_string(item.request.tee)));
    }
    return std::optional(std::move(*needs));
  }
  item.claims = std::get<std::vector<claims::ClaimSet>>(std::move(outcome));
  record_.evidence[index].verified = true;
  return std::optional<tee::Needs>();
}

Result<void> Evaluation::prepare_devices() {
  appraise::SubmoduleNames names;
  for (const Item& item : items_) {
    for (const claims::ClaimSet& set : *item.claims) {
      decision::Device device;
      device.submodule = names.next(set.tee_class);
      device.tee = std::string(rcar::to_string(item.request.tee));
      TRY(const auto annotated, appraise::annotate(set, device.tee, item.runtime.claims,
                                                   item.init.claims, environment_.verbosity));
      device.annotated_evidence = json::write(annotated);
      const std::string id = policy_id_ + "_" + std::string(to_string(set.tee_class));
      TRY(device.policy, environment_.policies->find(id));
      record_.devices.push_back(std::move(device));
    }
  }
  appraised_.resize(record_.devices.size());
  return {};
}

Result<std::optional<appraise::ReferenceNeeds>> Evaluation::appraise_devices() {
  appraise::ReferenceNeeds out;
  for (std::size_t i = 0; i < record_.devices.size(); ++i) {
    if (appraised_[i]) continue;
    TRY(auto needs, appraise_device(record_.devices[i]));
    if (!needs.has_value()) {
      appraised_[i] = true;
      continue;
    }
    out.names.insert(out.names.end(), needs->names.begin(), needs->names.end());
  }
  if (out.names.empty()) return std::optional<appraise::ReferenceNeeds>();
  if (++reference_rounds_ > kMaxRounds) return Error(Errc::reference_rounds_exhausted);
  return std::optional(std::move(out));
}

Result<std::optional<appraise::ReferenceNeeds>> Evaluation::appraise_device(
    decision::Device& device) {
  std::vector<rego::NamedJson> overlay;
  for (const auto& [name, json] : answers_) {
    overlay.push_back({name, json.has_value() ? std::string_view(*json) : "null"});
  }
  TRY(auto outcome, appraise::evaluate(*device.policy, device.annotated_evidence,
                                       {.set = environment_.references,
                                        .overlay = overlay,
                                        .unknown = environment_.unknown_reference}));
  if (auto* needs = std::get_if<appraise::ReferenceNeeds>(&outcome); needs != nullptr) {
    return std::optional(std::move(*needs));
  }
  device.appraisal = std::get<appraise::Appraisal>(std::move(outcome));
  for (rego::ReferenceQuery& query : device.appraisal.queries) {
    const auto answer = answers_.find(query.name);
    if (answer != answers_.end()) query.found = answer->second.has_value();
  }
  return std::optional<appraise::ReferenceNeeds>();
}

Result<Evaluation::Step> Evaluation::issue() {
  std::vector<rego::NamedJson> fetched;
  for (const auto& [name, json] : answers_) {
    if (json.has_value()) fetched.push_back({name, *json});
  }
  if (!fetched.empty()) {
    TRY(record_.references, environment_.references.with(fetched));
  }
  std::vector<appraise::Submodule> submodules;
  for (const decision::Device& device : record_.devices) {
    submodules.push_back({device.submodule, device.appraisal, device.annotated_evidence});
  }
  TRY(auto token, appraise::issue_ear(environment_.settings, environment_.signers->current(),
                                      policy_id_, submodules, environment_.now));
  return Step(Issued{std::move(token), std::move(warnings_)});
}

}  // namespace trustee::as
