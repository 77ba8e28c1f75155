#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "appraise/annotated_evidence.h"
#include "appraise/ear.h"
#include "appraise/policy.h"
#include "appraise/signer.h"
#include "as/bound_data.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/strong.h"
#include "decision/record.h"
#include "rcar/tee.h"
#include "tee/tee.h"

namespace trustee::as {

/// The policy base id when a request names none.
inline constexpr std::string_view kDefaultPolicy = "default";

/// How often one item may ask for collateral, and all policies together for reference values.
inline constexpr std::size_t kMaxRounds = 4;

/// One item of evidence to verify.
struct VerificationRequest {
  rcar::Tee tee = rcar::Tee::sample;
  std::string evidence;  ///< JSON text as received
  RuntimeData runtime_data;
  InitData init_data;
  crypto::Hash runtime_data_hash = crypto::Hash::sha384;
};

/// What of the world an evaluation depends on. Snapshots: a change elsewhere does not reach it.
struct Environment {
  std::shared_ptr<const tee::Trust> trust;
  std::shared_ptr<tee::Caches> caches;
  std::shared_ptr<const appraise::PolicySet> policies;
  rego::ReferenceSet references;
  /// `is_null` when `references` is all there is, `is_needed` when they live elsewhere.
  rego::UnknownReference unknown_reference = rego::UnknownReference::is_null;
  std::shared_ptr<const appraise::SignerRing> signers;
  appraise::EarSettings settings;
  appraise::Verbosity verbosity = appraise::Verbosity::full;
  std::uint64_t generation = 0;
  Time now;
};

/// Collateral to fetch, and for which item. Answer through Evaluation::collateral.
struct CollateralNeeds {
  struct Item {
    std::size_t index = 0;
    tee::Needs needs;
  };
  std::vector<Item> items;
};

/// The end: the token.
struct Issued {
  std::string token;
  std::vector<std::string> warnings;  ///< for the log
};

/// One evaluation, from evidence to token, as steps. Every item is verified, then every claim set
/// is appraised; the first failure ends it. Does no I/O: what it lacks it asks for.
///
///     for (auto step = e.next(); …; step = e.next()) fetch what it needs, hand it in;
///
/// Source  attestation-service specification, section 6.
class Evaluation {
 public:
  using Step = std::variant<CollateralNeeds, appraise::ReferenceNeeds, Issued>;

  /// `policy_ids` empty: `default`; of several the first is used, with a warning.
  Evaluation(RequestId id, std::vector<VerificationRequest> requests,
             std::vector<std::string> policy_ids, Environment environment);

  /// Goes on as far as it can.
  /// Errors  no_requests, those of bind_runtime_data and bind_init_data, of tee::evaluate, of
  ///         appraise::annotate, PolicySet::find, appraise::evaluate and issue_ear;
  ///         collateral_not_provided, reference_rounds_exhausted, step_after_end.
  /// Cost    public-key operations and policies: call it on the compute pool.
  Result<Step> next();

  /// Where to put what item `index` needs.
  tee::Collateral& collateral(std::size_t index) { return items_.at(index).collateral; }
  /// Answers a name of ReferenceNeeds: the value's JSON text, or that there is none.
  void answer(std::string name, std::optional<std::string> json);

  /// What was decided so far and why; complete when `next` has issued or failed.
  const decision::Record& record() const { return record_; }
  decision::Record take_record() { return std::move(record_); }

 private:
  struct Item {
    VerificationRequest request;
    BoundData runtime;
    BoundData init;
    tee::Collateral collateral;
    std::size_t rounds = 0;
    std::optional<std::vector<claims::ClaimSet>> claims;
  };

  Result<Step> advance();
  Result<void> bind();
  Result<std::optional<CollateralNeeds>> verify();
  Result<std::optional<tee::Needs>> verify_item(std::size_t index);
  Result<void> prepare_devices();
  Result<std::optional<appraise::ReferenceNeeds>> appraise_devices();
  Result<std::optional<appraise::ReferenceNeeds>> appraise_device(decision::Device& device);
  Result<Step> issue();

  std::vector<Item> items_;
  std::string policy_id_;
  Environment environment_;
  std::vector<std::string> warnings_;
  bool bound_ = false;
  bool prepared_ = false;
  bool ended_ = false;
  std::size_t reference_rounds_ = 0;
  std::map<std::string, std::optional<std::string>> answers_;
  std::vector<bool> appraised_;
  decision::Record record_;
};

}  // namespace trustee::as
