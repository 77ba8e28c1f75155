#include "decision/explain.h"

#include <algorithm>
#include <set>

#include "base/try.h"
#include "decision/internal/claim_search.h"
#include "decision/internal/oracle.h"
#include "decision/internal/reference_search.h"
#include "decision/internal/sentences.h"

namespace trustee::decision {

namespace {

using internal::Answer;
using internal::Oracle;

std::string remedy_line(const Remedy& remedy, const Oracle& oracle) {
  std::string out;
  for (const Change& change : remedy.changes) {
    const auto current = change.reference.empty() ? std::optional<json::Value>()
                                                  : oracle.registered(change.reference);
    out += (out.empty() ? "" : "; and ") + internal::sentence(change, current);
  }
  const bool one = remedy.changes.size() == 1;
  const bool adds = one && remedy.changes.front().kind == Change::Kind::add_to_list;
  const std::string doing = !one ? "all of this together " : adds ? "adding it " : "that ";
  return out + "; " + doing + internal::effect(remedy);
}

/// Says where all reference values together lead, when there is more than one remedy.
void add_combined(Explanation& out, Oracle& oracle) {
  internal::Hypothesis all;
  std::size_t remedies = 0;
  for (const Remedy& remedy : out.remedies) {
    bool counts = false;
    for (const Change& change : remedy.changes) {
      if (change.reference.empty()) continue;
      json::Value answer = change.proposed;
      if (change.kind == Change::Kind::add_to_list) answer = json::Array{change.proposed};
      all.references.insert_or_assign(change.reference, std::move(answer));
      counts = true;
    }
    remedies += counts ? 1 : 0;
  }
  if (remedies < 2) return;
  const Answer answer = oracle.ask(all);
  if (!answer.ok) return;
  out.lines.push_back("with all of these reference values " + out.subject + " would be " +
                      std::string(to_string(answer.vector.status())));
}

void add_lines(Explanation& out, const Answer& base, Oracle& oracle) {
  for (const Remedy& remedy : out.remedies) {
    out.lines.push_back(remedy_line(remedy, oracle));
  }
  add_combined(out, oracle);
  if (out.remedies.empty() && base.ok) {
    const bool fine = base.vector.status() <= appraise::Tier::affirming;
    // A search that was stopped knows nothing of what it did not try.
    const bool in_vain = !fine && !out.exhausted;
    out.lines.push_back(
        (in_vain ? "nothing small changes " + out.subject + ", which is " : out.subject + " is ") +
        std::string(to_string(base.vector.status())) + ": " + internal::vector_text(base.vector));
  }
  if (out.exhausted) out.lines.push_back(internal::stopped(out.evaluations));
}

/// A policy that cannot be asked is a finding like any other.
Explanation told(std::string subject, Result<Explanation> explanation) {
  if (explanation.ok()) return std::move(*explanation);
  return {.subject = std::move(subject),
          .lines = {finding::from_error(explanation.error()).to_text()}};
}

std::set<appraise::TrustClaim> claims_of(const std::vector<Remedy>& remedies) {
  std::set<appraise::TrustClaim> out;
  for (const Remedy& remedy : remedies) {
    out.insert(remedy.improves.begin(), remedy.improves.end());
  }
  return out;
}

}  // namespace

Result<Explanation> explain_device(const Device& device, const rego::ReferenceSet& references,
                                   const Clock& clock, const ExplainLimits& limits) {
  internal::Budget budget(clock, limits);
  Oracle oracle(device, references, budget);
  Explanation out{.subject = device.submodule};
  TRY_VOID(appraise::evaluate(*device.policy, device.annotated_evidence, {.set = references}));
  const Answer base = oracle.ask({});
  out.remedies = internal::ReferenceSearch(oracle, limits).run(base);
  auto more =
      internal::search_claims(oracle, base, claims_of(out.remedies), device.policy->text(), limits);
  const auto larger = std::find_if(out.remedies.begin(), out.remedies.end(),
                                   [](const Remedy& r) { return r.changes.size() > 1; });
  out.remedies.insert(larger, more.begin(), more.end());
  out.evaluations = budget.used();
  out.exhausted = budget.exhausted();
  add_lines(out, base, oracle);
  return out;
}

std::vector<Explanation> explain(const Record& record, const Clock& clock,
                                 const ExplainLimits& limits) {
  std::vector<Explanation> out;
  Explanation verification{.subject = "verification"};
  for (const finding::Finding& finding : record.findings) {
    verification.lines.push_back(finding.to_text());
  }
  if (!verification.lines.empty()) out.push_back(std::move(verification));
  for (const Device& device : record.devices) {
    if (device.policy == nullptr) continue;
    out.push_back(told(device.submodule, explain_device(device, record.references, clock, limits)));
  }
  if (record.release.has_value()) {
    out.push_back(told(record.release->resource, explain_release(*record.release, clock, limits)));
  }
  return out;
}

}  // namespace trustee::decision
