#pragma once

#include <memory>

#include "as/evaluation.h"
#include "config/types.h"
#include "kv/store.h"
#include "serve/decisions.h"
#include "serve/evaluator.h"
#include "serve/vendor_documents.h"

namespace trustee::serve {

/// The attestation service in this process: runs as::Evaluation step by step, fetches what it
/// lacks, and keeps the record of what was decided.
class BuiltinEvaluator final : public Evaluator {
 public:
  struct Ports {
    Decisions& decisions;
    const Clock& clock;
    net::ComputePool& compute;
    net::ComputePool& fetching;  ///< waits for vendors' servers; stores have a pool of their own
    /// Where vendors' documents outlive the process; null: nowhere.
    std::shared_ptr<kv::Namespace> collateral{};
    metrics::CollateralMetrics* metrics = nullptr;
  };
  /// `trust`: whose roots vendors' documents must lead to; evidence is verified with the world's.
  /// Lifetime: the ports outlive it. Errors: those of the HTTP client.
  static Result<std::unique_ptr<BuiltinEvaluator>> create(const config::AttestationService& config,
                                                          appraise::EarSettings ear,
                                                          const tee::Trust& trust, Ports ports);

  net::Task<Result<std::string>> evaluate(Context& context,
                                          std::vector<kbs::EvidenceItem> items) override;

  /// For the background that keeps them fresh.
  VendorDocuments& documents() { return *documents_; }

 private:
  BuiltinEvaluator(appraise::EarSettings ear, appraise::Verbosity verbosity, Ports ports)
      : ear_(std::move(ear)),
        verbosity_(verbosity),
        caches_(std::make_shared<tee::Caches>()),
        ports_(std::move(ports)) {}

  as::Environment environment(const Context& context) const;
  net::Task<Result<std::string>> run(Context& context, as::Evaluation& evaluation);
  net::Task<Result<void>> fetch(Context& context, const as::CollateralNeeds& needs,
                                as::Evaluation& evaluation);

  appraise::EarSettings ear_;
  appraise::Verbosity verbosity_;
  std::shared_ptr<tee::Caches> caches_;
  Ports ports_;
  std::unique_ptr<VendorDocuments> documents_;
};

}  // namespace trustee::serve
