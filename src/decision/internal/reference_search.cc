#include "decision/internal/reference_search.h"

#include <algorithm>

namespace trustee::decision::internal {

namespace {

/// Lists up to this length are kept whole when a value is added; of longer ones the rest cannot
/// matter to a membership test that they failed already.
constexpr std::size_t kWholeList = 64;

bool holds(const json::Array& list, const json::Value& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

json::Value extended(const json::Array& list, const json::Value& value) {
  json::Array out = list.size() <= kWholeList ? list : json::Array();
  out.push_back(value);
  return out;
}

std::vector<json::Value> distinct_values(const std::vector<Leaf>& leaves, std::size_t longest) {
  std::vector<json::Value> out;
  std::set<std::string> seen;
  for (const Leaf& leaf : leaves) {
    const std::string* text = leaf.value.as_string();
    if (text != nullptr && text->size() > longest) continue;
    if (seen.insert(json::write(leaf.value)).second) out.push_back(leaf.value);
  }
  return out;
}

}  // namespace

ReferenceSearch::ReferenceSearch(Oracle& oracle, const ExplainLimits& limits)
    : oracle_(oracle),
      limits_(limits),
      leaves_(leaves_of(oracle.input(), limits.claims)),
      values_(distinct_values(leaves_, limits.value_length)) {}

std::vector<Remedy> ReferenceSearch::run(const Answer& base) {
  base_ = base;
  queue_.push_back({{}, base, {}});
  while (!queue_.empty() && !oracle_.is_spent()) {
    const Node node = std::move(queue_.front());
    queue_.pop_front();
    if (node.changes.size() < limits_.changes) expand(node);
  }
  return std::move(remedies_);
}

void ReferenceSearch::expand(const Node& node) {
  for (const std::string& name : node.answer.asked) {
    if (oracle_.is_spent()) return;
    if (node.hypothesis.references.contains(name) || used_names_.contains(name)) continue;
    auto attempt = best_attempt(node, name);
    if (!attempt.has_value()) continue;
    if (attempt->improves.empty()) {
      queue_.push_back(std::move(attempt->node));
      continue;
    }
    if (is_solved(attempt->improves)) continue;
    solved_.insert(attempt->improves.begin(), attempt->improves.end());
    for (const Change& change : attempt->node.changes) {
      used_names_.insert(change.reference);
    }
    remedies_.push_back({std::move(attempt->node.changes), std::move(attempt->improves),
                         attempt->node.answer.vector});
  }
}

std::optional<ReferenceSearch::Attempt> ReferenceSearch::best_attempt(const Node& node,
                                                                      const std::string& name) {
  const auto current = oracle_.registered(name);
  const bool with_lists = lists_can_help(node, name, current);
  std::optional<Attempt> best;
  for (const json::Value& value : values_) {
    if (oracle_.is_spent()) break;
    for (const Form& form : forms(current, value, with_lists)) {
      auto found = attempt(node, name, value, form);
      if (!found.has_value()) continue;
      if (found->attributed) return found;
      // Without a claim to name only an improvement is worth telling.
      if (!best.has_value() && !found->improves.empty()) best = std::move(found);
    }
  }
  return best;
}

/// One question instead of one for each value: a list of them all.
bool ReferenceSearch::lists_can_help(const Node& node, const std::string& name,
                                     const std::optional<json::Value>& current) {
  json::Array all = values_;
  if (current.has_value()) {
    if (const json::Array* list = current->as_array(); list != nullptr) {
      if (list->size() <= kWholeList) all.insert(all.end(), list->begin(), list->end());
    } else {
      all.push_back(*current);
    }
  }
  Hypothesis hypothesis = node.hypothesis;
  hypothesis.references.insert_or_assign(name, std::move(all));
  const Answer answer = oracle_.ask(hypothesis);
  return gets_further(node.answer, answer);
}

std::vector<ReferenceSearch::Form> ReferenceSearch::forms(const std::optional<json::Value>& current,
                                                          const json::Value& value,
                                                          bool with_lists) {
  using enum Change::Kind;
  std::vector<Form> out;
  const json::Array* list = current.has_value() ? current->as_array() : nullptr;
  if (list != nullptr) {
    if (with_lists && !holds(*list, value)) {
      out.push_back({add_to_list, extended(*list, value), true});
    }
    out.push_back({make_single, value, false});
    return out;
  }
  const bool registered = current.has_value();
  if (registered && *current == value) {
    if (with_lists) out.push_back({make_list, json::Array{value}, true});
    return out;
  }
  out.push_back({registered ? replace_value : register_value, value, false});
  if (with_lists) {
    json::Array entries = registered ? json::Array{*current} : json::Array{};
    entries.push_back(value);
    out.push_back({registered ? make_list : register_value, std::move(entries), true});
  }
  return out;
}

std::optional<ReferenceSearch::Attempt> ReferenceSearch::attempt(const Node& node,
                                                                 const std::string& name,
                                                                 const json::Value& value,
                                                                 const Form& form) {
  Attempt out;
  out.node = node;
  out.node.hypothesis.references.insert_or_assign(name, form.answer);
  out.node.answer = oracle_.ask(out.node.hypothesis);
  if (!gets_further(node.answer, out.node.answer)) return std::nullopt;
  const auto claim = claim_behind(node, name, value, form.is_list, out.node.answer);
  out.attributed = claim.has_value();
  out.improves = improvements(base_.vector, out.node.answer.vector);
  const json::Value proposed = form.kind == Change::Kind::add_to_list ? value : form.answer;
  out.node.changes.push_back(
      {form.kind, name, claim.has_value() ? to_string(*claim) : "", value, proposed});
  return out;
}

std::optional<Path> ReferenceSearch::claim_behind(const Node& node, const std::string& name,
                                                  const json::Value& value, bool is_list,
                                                  const Answer& reached) {
  for (const bool larger : {true, false}) {
    const json::Value other = another_value(value, larger);
    Hypothesis hypothesis = node.hypothesis;
    hypothesis.references.insert_or_assign(name, is_list ? json::Value(json::Array{other}) : other);
    if (as_far_as(oracle_.ask(hypothesis), reached)) continue;  // it would pass anyway
    for (const Leaf& leaf : leaves_) {
      if (oracle_.is_spent()) return std::nullopt;
      if (!(leaf.value == value)) continue;
      hypothesis.claims = node.hypothesis.claims;
      hypothesis.claims.emplace_back(leaf.path, other);
      if (as_far_as(oracle_.ask(hypothesis), reached)) return leaf.path;
    }
  }
  return std::nullopt;
}

/// The vector is better, or the policy asks for something it did not get to before.
bool ReferenceSearch::gets_further(const Answer& from, const Answer& to) const {
  if (!to.ok) return false;
  if (!improvements(from.vector, to.vector).empty()) return true;
  if (!(from.vector == to.vector)) return false;
  return std::any_of(to.asked.begin(), to.asked.end(), [&](const std::string& name) {
    return std::find(from.asked.begin(), from.asked.end(), name) == from.asked.end();
  });
}

bool ReferenceSearch::as_far_as(const Answer& answer, const Answer& reached) const {
  if (!answer.ok || !(answer.vector == reached.vector)) return false;
  return std::all_of(reached.asked.begin(), reached.asked.end(), [&](const std::string& name) {
    return std::find(answer.asked.begin(), answer.asked.end(), name) != answer.asked.end();
  });
}

bool ReferenceSearch::is_solved(const std::vector<appraise::TrustClaim>& improves) const {
  return std::all_of(improves.begin(), improves.end(),
                     [&](appraise::TrustClaim c) { return solved_.contains(c); });
}

}  // namespace trustee::decision::internal
