#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "decision/internal/oracle.h"

namespace trustee::decision::internal {

/// Looks for reference values that would have improved the verdict.
///
/// Breadth first over sets of changes: from each set, every name the policy asked for is answered
/// with every value of the claims. A change that improves the vector ends a remedy; one that makes
/// the policy go on and ask for more is kept, because the condition it stood at now holds. A change
/// is attributed to the claim for which both can be set to a value of nobody else's, with the same
/// outcome.
class ReferenceSearch {
 public:
  ReferenceSearch(Oracle& oracle, const ExplainLimits& limits);

  /// The remedies, smallest first, at most one for a trust claim. `base`: the answer as things are.
  std::vector<Remedy> run(const Answer& base);

 private:
  struct Node {
    Hypothesis hypothesis;
    Answer answer;
    std::vector<Change> changes;
  };
  /// One way to register a value.
  struct Form {
    Change::Kind kind;
    json::Value answer;
    bool is_list = false;
  };
  /// What a form came to.
  struct Attempt {
    Node node;
    std::vector<appraise::TrustClaim> improves;
    bool attributed = false;
  };

  void expand(const Node& node);
  std::optional<Attempt> best_attempt(const Node& node, const std::string& name);
  std::optional<Attempt> attempt(const Node& node, const std::string& name,
                                 const json::Value& value, const Form& form);
  std::optional<Path> claim_behind(const Node& node, const std::string& name,
                                   const json::Value& value, bool is_list, const Answer& reached);
  bool lists_can_help(const Node& node, const std::string& name,
                      const std::optional<json::Value>& current);
  bool gets_further(const Answer& from, const Answer& to) const;
  bool as_far_as(const Answer& answer, const Answer& reached) const;
  bool is_solved(const std::vector<appraise::TrustClaim>& improves) const;
  static std::vector<Form> forms(const std::optional<json::Value>& current,
                                 const json::Value& value, bool with_lists);

  Oracle& oracle_;
  const ExplainLimits& limits_;
  std::vector<Leaf> leaves_;
  std::vector<json::Value> values_;  // of the leaves, each once
  Answer base_;
  std::deque<Node> queue_;
  std::vector<Remedy> remedies_;
  std::set<std::string> used_names_;
  std::set<appraise::TrustClaim> solved_;
};

}  // namespace trustee::decision::internal
