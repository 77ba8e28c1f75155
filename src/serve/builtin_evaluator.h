#pragma once

#include <memory>

#include "appraise/annotated_evidence.h"
#include "appraise/ear.h"
#include "config/types.h"
#include "fetch/net_get.h"
#include "fetch/vcek.h"
#include "serve/evaluator.h"
#include "tee/tee.h"

namespace trustee::serve {

/// The attestation service in this process: verifies each item of evidence, fetches what it lacks,
/// appraises the claims by the policies of the request's world and signs one token.
class BuiltinEvaluator final : public Evaluator {
 public:
  /// `fetching` waits for vendors' servers; stores have a pool of their own. Lifetime: the pools
  /// and the clock outlive it. Errors: those of the HTTP client.
  static Result<std::unique_ptr<BuiltinEvaluator>> create(const config::AttestationService& config,
                                                          appraise::EarSettings ear,
                                                          tee::Trust trust, const Clock& clock,
                                                          net::ComputePool& compute,
                                                          net::ComputePool& fetching);

  net::Task<Result<std::string>> evaluate(Context& context,
                                          std::vector<kbs::EvidenceItem> items) override;

 private:
  struct Prepared;
  struct Verified;
  using ClaimSets = std::vector<claims::ClaimSet>;

  BuiltinEvaluator(appraise::EarSettings ear, appraise::Verbosity verbosity, tee::Trust trust,
                   const Clock& clock, net::ComputePool& compute, net::ComputePool& fetching)
      : ear_(std::move(ear)),
        verbosity_(verbosity),
        trust_(std::move(trust)),
        clock_(clock),
        compute_(compute),
        fetching_(fetching) {}

  net::Task<Result<ClaimSets>> verify(Context& context, Prepared& item);
  net::Task<Result<void>> fetch(Context& context, const tee::Needs& needs,
                                tee::Collateral& collateral);
  Result<std::string> issue(const world::World& world, std::span<const Verified> verified,
                            Time now) const;

  appraise::EarSettings ear_;
  appraise::Verbosity verbosity_;
  tee::Trust trust_;
  tee::Caches caches_;
  const Clock& clock_;
  net::ComputePool& compute_;
  net::ComputePool& fetching_;
  std::unique_ptr<fetch::NetGet> http_;
  fetch::RealWaiting waiting_;
  std::unique_ptr<fetch::VcekFetcher> vceks_;
};

}  // namespace trustee::serve
