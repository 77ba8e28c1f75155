#include "serve/builtin_evaluator.h"

#include "appraise/evaluate.h"
#include "as/bound_data.h"
#include "as/errors.h"
#include "base/try.h"
#include "kbs/errors.h"
#include "reload/material.h"

namespace trustee::serve {
namespace {

constexpr std::chrono::seconds kFetchLimit{20};
constexpr int kMaxRounds = 4;
constexpr std::string_view kPolicyBase = "default";

crypto::Hash binding_hash(rcar::Tee tee) {
  return tee == rcar::Tee::se ? crypto::Hash::sha512 : crypto::Hash::sha384;
}

fetch::VcekFetcher::Settings fetch_settings(const config::Verifiers& config) {
  fetch::VcekFetcher::Settings out;
  out.sources.clear();
  for (const auto& source : config.vcek_sources) {
    if (source.kind == config::VcekSource::Kind::offline_store) {
      out.sources.emplace_back(fetch::OfflineStore(source.path));
      continue;
    }
    fetch::Kds::Settings kds;
    kds.base_url = source.base_url;
    out.sources.emplace_back(std::move(kds));
  }
  return out;
}

}  // namespace

// An item with what it must be bound to.
struct BuiltinEvaluator::Prepared {
  rcar::Tee tee = rcar::Tee::sample;
  std::string evidence;
  as::BoundData runtime;
  as::BoundData init;
};

struct BuiltinEvaluator::Verified {
  rcar::Tee tee = rcar::Tee::sample;
  ClaimSets claim_sets;
  json::Value runtime_claims;
  json::Value init_claims;
};

Result<std::unique_ptr<BuiltinEvaluator>> BuiltinEvaluator::create(
    const config::AttestationService& config, appraise::EarSettings ear, tee::Trust trust,
    const Clock& clock, net::ComputePool& compute, net::ComputePool& fetching) {
  const auto verbosity =
      config.broker.verbose_token ? appraise::Verbosity::full : appraise::Verbosity::brief;
  std::unique_ptr<BuiltinEvaluator> out(
      new BuiltinEvaluator(std::move(ear), verbosity, std::move(trust), clock, compute, fetching));
  net::ClientConfig client;
  client.allow_http = true;
  TRY(std::unique_ptr<net::HttpClient> http, net::HttpClient::create(std::move(client)));
  out->http_ = std::make_unique<fetch::NetGet>(std::move(http));
  out->vceks_ = std::make_unique<fetch::VcekFetcher>(
      fetch_settings(config.verifiers),
      fetch::VcekFetcher::Ports{*out->http_, out->waiting_, clock, nullptr});
  return out;
}

net::Task<Result<std::string>> BuiltinEvaluator::evaluate(Context& context,
                                                          std::vector<kbs::EvidenceItem> items) {
  std::vector<Verified> verified;
  for (auto& item : items) {
    Prepared prepared;
    prepared.tee = item.tee;
    prepared.evidence = json::write(item.evidence);
    auto runtime =
        as::bind_runtime_data(as::Structured{std::move(item.runtime_data)}, binding_hash(item.tee));
    if (!runtime.ok()) co_return std::move(runtime).error();
    prepared.runtime = std::move(*runtime);
    if (item.init_data) {
      auto init = as::bind_init_data(as::Toml{std::move(*item.init_data)});
      if (!init.ok()) co_return std::move(init).error();
      prepared.init = std::move(*init);
    }
    auto verifying = verify(context, prepared);
    auto sets = co_await verifying;
    if (!sets.ok()) co_return std::move(sets).error();
    verified.push_back({item.tee, std::move(*sets), std::move(prepared.runtime.claims),
                        std::move(prepared.init.claims)});
  }
  auto work = [&] { return issue(*context.world, verified, context.now); };
  auto token = co_await compute_.run_light(context.request.peer.key, std::move(work));
  co_return token;
}

net::Task<Result<BuiltinEvaluator::ClaimSets>> BuiltinEvaluator::verify(Context& context,
                                                                        Prepared& item) {
  tee::Collateral collateral;
  claims::Expected expected;
  if (item.runtime.expected) expected.report_data = *item.runtime.expected;
  if (item.init.expected) expected.init_data_hash = *item.init.expected;
  for (int round = 0; round < kMaxRounds; ++round) {
    auto work = [&] {
      return tee::evaluate(item.tee,
                           {item.evidence, expected, collateral, trust_, caches_, context.now});
    };
    auto outcome = co_await compute_.run_light(context.request.peer.key, std::move(work));
    if (!outcome.ok()) co_return std::move(outcome).error();
    if (auto* sets = std::get_if<ClaimSets>(&*outcome)) co_return std::move(*sets);
    auto fetching = fetch(context, std::get<tee::Needs>(*outcome), collateral);
    auto fetched = co_await fetching;
    if (!fetched.ok()) co_return std::move(fetched).error();
  }
  co_return kbs::Errc::too_many_rounds;
}

net::Task<Result<void>> BuiltinEvaluator::fetch(Context& context, const tee::Needs& needs,
                                                tee::Collateral& collateral) {
  const auto& wanted = std::get<snp::Needs>(needs);
  if (!wanted.vcek || collateral.vcek) co_return as::Errc::collateral_not_provided;
  const Time deadline = clock_.now() + kFetchLimit;
  auto work = [&] {
    return vceks_->get(*wanted.vcek, trust_.amd_roots, context.request.peer.address, deadline);
  };
  auto der = co_await fetching_.run(context.request.peer.key, std::move(work));
  if (!der.ok()) co_return std::move(der).error();
  collateral.vcek = std::move(*der);
  co_return Result<void>();
}

Result<std::string> BuiltinEvaluator::issue(const world::World& world,
                                            std::span<const Verified> verified, Time now) const {
  std::vector<appraise::Submodule> submodules;
  appraise::SubmoduleNames names;
  for (const auto& item : verified) {
    for (const auto& set : item.claim_sets) {
      const std::string id =
          std::string(kPolicyBase) + "_" + std::string(rcar::to_string(set.tee_class));
      TRY(const auto policy, world.attestation_policies->find(id));
      TRY(const json::Object annotated,
          appraise::annotate(set, rcar::to_string(item.tee), item.runtime_claims, item.init_claims,
                             verbosity_));
      std::string input = json::write(annotated);
      TRY(auto outcome, appraise::evaluate(*policy, input, {*world.references}));
      auto* appraisal = std::get_if<appraise::Appraisal>(&outcome);
      if (appraisal == nullptr) return as::Errc::reference_rounds_exhausted;
      submodules.push_back({names.next(set.tee_class), std::move(*appraisal), std::move(input)});
    }
  }
  return appraise::issue_ear(ear_, world.signers->current(), kPolicyBase, submodules, now);
}

}  // namespace trustee::serve
