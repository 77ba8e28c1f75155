#include "serve/builtin_evaluator.h"

#include "as/errors.h"
#include "base/try.h"
#include "kbs/errors.h"

namespace trustee::serve {
namespace {

constexpr std::chrono::seconds kFetchLimit{20};
constexpr int kMaxSteps = 64;

crypto::Hash binding_hash(rcar::Tee tee) {
  return tee == rcar::Tee::se ? crypto::Hash::sha512 : crypto::Hash::sha384;
}

}  // namespace

Result<std::unique_ptr<BuiltinEvaluator>> BuiltinEvaluator::create(
    const config::AttestationService& config, appraise::EarSettings ear, const tee::Trust& trust,
    Ports ports) {
  const auto verbosity =
      config.broker.verbose_token ? appraise::Verbosity::full : appraise::Verbosity::brief;
  std::unique_ptr<BuiltinEvaluator> out(
      new BuiltinEvaluator(std::move(ear), verbosity, std::move(ports)));
  TRY(out->documents_,
      VendorDocuments::create(config.verifiers, trust,
                              {out->ports_.clock, out->ports_.collateral, out->ports_.metrics}));
  return out;
}

as::Environment BuiltinEvaluator::environment(const Context& context) const {
  as::Environment out;
  out.trust = context.world->trust;
  out.caches = caches_;
  out.policies = context.world->attestation_policies;
  out.references = *context.world->references;
  out.signers = context.world->signers;
  out.settings = ear_;
  out.verbosity = verbosity_;
  out.generation = context.world->generation;
  out.now = context.now;
  return out;
}

net::Task<Result<std::string>> BuiltinEvaluator::evaluate(Context& context,
                                                          std::vector<kbs::EvidenceItem> items) {
  std::vector<as::VerificationRequest> requests;
  for (auto& item : items) {
    as::VerificationRequest request;
    request.tee = item.tee;
    request.evidence = json::write(item.evidence);
    request.runtime_data = as::Structured{std::move(item.runtime_data)};
    if (item.init_data) request.init_data = as::Toml{std::move(*item.init_data)};
    request.runtime_data_hash = binding_hash(item.tee);
    requests.push_back(std::move(request));
  }
  as::Evaluation evaluation(context.request.id, std::move(requests), {}, environment(context));
  auto running = run(context, evaluation);
  auto token = co_await running;
  ports_.decisions.attested(evaluation.take_record(), token.ok() ? *token : std::string());
  co_return token;
}

net::Task<Result<std::string>> BuiltinEvaluator::run(Context& context, as::Evaluation& evaluation) {
  for (int step = 0; step < kMaxSteps; ++step) {
    auto work = [&] { return evaluation.next(); };
    auto outcome = co_await ports_.compute.run_light(context.request.peer.key, std::move(work));
    if (!outcome.ok()) co_return std::move(outcome).error();
    if (auto* issued = std::get_if<as::Issued>(&*outcome)) co_return std::move(issued->token);
    const auto* needs = std::get_if<as::CollateralNeeds>(&*outcome);
    // All reference values are at hand, so only collateral can be asked for.
    if (needs == nullptr) co_return as::Errc::reference_rounds_exhausted;
    auto fetching = fetch(context, *needs, evaluation);
    auto fetched = co_await fetching;
    if (!fetched.ok()) co_return std::move(fetched).error();
  }
  co_return kbs::Errc::too_many_rounds;
}

net::Task<Result<void>> BuiltinEvaluator::fetch(Context& context, const as::CollateralNeeds& needs,
                                                as::Evaluation& evaluation) {
  for (const auto& item : needs.items) {
    tee::Collateral& collateral = evaluation.collateral(item.index);
    const auto at_hand = documents_->give_at_once(item.needs, collateral);
    if (!at_hand.ok()) co_return at_hand.error();
    if (*at_hand) continue;
    const fetch::Asker asker{context.request.peer.address, ports_.clock.now() + kFetchLimit};
    auto work = [&] { return documents_->give(item.needs, asker, collateral); };
    auto given = co_await ports_.fetching.run(context.request.peer.key, std::move(work));
    if (!given.ok()) co_return std::move(given).error();
  }
  co_return Result<void>();
}

}  // namespace trustee::serve
