#include "operator/conditions.h"

#include <algorithm>
#include <utility>

#include "codec/time.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

Condition aspect_condition(const Findings& findings, Aspect aspect, std::string_view type,
                           std::string_view good_reason, std::string_view good_message) {
  Condition condition{std::string(type), true, std::string(good_reason), std::string(good_message),
                      false};
  std::vector<const Problem*> problems;
  for (const auto& problem : findings.all()) {
    if (problem.aspect == aspect) {
      problems.push_back(&problem);
    }
  }
  std::ranges::sort(problems, [](const Problem* a, const Problem* b) {
    return a->weight != b->weight ? a->weight > b->weight : a < b;  // then as they were found
  });
  if (problems.empty()) {
    return condition;
  }
  condition.holds = problems.front()->weight == Weight::note;
  condition.reason = problems.front()->reason;
  condition.message.clear();
  condition.tell = true;
  for (std::size_t i = 0; i < std::min(problems.size(), kMostProblemsTold); ++i) {
    condition.message += (i == 0 ? "" : "; ") + problems[i]->message;
  }
  if (problems.size() > kMostProblemsTold) {
    condition.message += "; and " + std::to_string(problems.size() - kMostProblemsTold) + " more";
  }
  return condition;
}

constexpr std::string_view kGiveTheRole = "give the operator the role that belongs to its version";

}  // namespace

std::string cut_message(std::string text) {
  constexpr std::string_view kEllipsis = "…";
  if (text.size() <= kLongestMessage) {
    return text;
  }
  auto end = kLongestMessage - kEllipsis.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;  // not inside a character
  }
  return text.replace(end, std::string::npos, kEllipsis);
}

void Findings::add(Problem problem) {
  problem.message = cut_message(std::move(problem.message));
  problems_.push_back(std::move(problem));
}

void Findings::add(Aspect aspect, Weight weight, const Error& error) {
  add({aspect, weight, camel_case(error.code().name()),
       error.detail().empty() ? std::string(error.code().text()) : error.detail()});
}

bool Findings::blocked() const {
  return std::ranges::any_of(problems_, [](const auto& p) { return p.weight == Weight::blocking; });
}

const Problem* Findings::worst() const {
  const auto it = std::ranges::max_element(problems_, {}, &Problem::weight);
  return it == problems_.end() ? nullptr : &*it;
}

std::vector<Condition> aspect_conditions(const Findings& findings) {
  return {
      aspect_condition(findings, Aspect::secrets, "SecretsAvailable", "AllSecretsAvailable",
                       "every Secret that is named exists and is fit for its use"),
      aspect_condition(findings, Aspect::configuration, "ConfigurationValid",
                       "ConfigurationAccepted", "configuration, policies and values are valid")};
}

Condition not_written(bool serves, const Surroundings& surroundings) {
  const auto ready = [&](std::string reason, std::string message) {
    return Condition{"Ready", serves, std::move(reason), cut_message(std::move(message)), true};
  };
  const std::string refused =
      "the API server refuses what the operator writes: " + surroundings.unwritten;
  switch (surroundings.why_unwritten) {
    case Unwritten::no_right:
      return ready("WriteRefused", refused + "; " + std::string(kGiveTheRole));
    case Unwritten::refused:
      return ready("WriteRefused", refused);
    case Unwritten::failing:
      break;
  }
  return ready("WriteFailing",
               "the API server fails at what the operator writes: " + surroundings.unwritten +
                   "; look at the webhooks that it asks, and at its log");
}

std::optional<json::Object> read_refused_status(const json::Object& owner,
                                                const Surroundings& surroundings,
                                                const std::string& what) {
  const auto& standing = standing_status(owner, surroundings);
  const Condition ready{"Ready", false, "ReadRefused",
                        cut_message("the API server does not let the operator read " + what + "; " +
                                    std::string(kGiveTheRole)),
                        false};
  json::Array conditions;
  const auto* old = array_at(standing, {"conditions"});
  for (const auto& condition : old == nullptr ? json::Array() : *old) {
    const auto* object = condition.as_object();
    if (object != nullptr && text_at(*object, {"type"}) != ready.type) {
      conditions.push_back(condition);
    }
  }
  conditions.push_back(write_conditions({ready}, owner, standing, surroundings.now).front());
  json::Object status = standing;
  status.set("conditions", std::move(conditions));
  status.set("isReady", bool_at(standing, {"isReady"}).value_or(false));
  return must_write(status, owner, standing) ? std::optional(std::move(status)) : std::nullopt;
}

std::string camel_case(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c == '_') {
      upper = true;
      continue;
    }
    out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = false;
  }
  return out;
}

const json::Object& standing_status(const json::Object& owner, const Surroundings& surroundings) {
  static const json::Object kNone;
  const auto* stored = object_at(owner, {"status"});
  if (stored != nullptr && array_at(*stored, {"conditions"}) != nullptr) {
    return *stored;
  }
  const auto& uid = surroundings.written_uid;
  if (surroundings.written_status && (uid.empty() || uid == uid_of(owner))) {
    return *surroundings.written_status;
  }
  return stored == nullptr ? kNone : *stored;
}

bool must_write(const json::Object& status, const json::Object& owner,
                const json::Object& standing) {
  if (json::Value(status) != json::Value(standing)) {
    return true;
  }
  const auto* stored = object_at(owner, {"status"});
  return stored == nullptr ||
         bool_at(*stored, {"isReady"}).value_or(false) != bool_at(status, {"isReady"}) ||
         text_at(*stored, {"statusDescription"}) != text_at(status, {"statusDescription"});
}

const json::Object* find_condition(const json::Object& status, std::string_view type) {
  const auto* conditions = array_at(status, {"conditions"});
  if (conditions == nullptr) {
    return nullptr;
  }
  for (const auto& condition : *conditions) {
    const auto* object = condition.as_object();
    if (object != nullptr && text_at(*object, {"type"}) == type) {
      return object;
    }
  }
  return nullptr;
}

json::Array write_conditions(const std::vector<Condition>& conditions, const json::Object& owner,
                             const json::Object& standing, Time now) {
  json::Array written;
  for (const auto& condition : conditions) {
    const std::string status = condition.holds ? "True" : "False";
    std::string since = codec::rfc3339_seconds(now);
    const auto* old = find_condition(standing, condition.type);
    if (old != nullptr && text_at(*old, {"status"}) == status) {
      since = text_at(*old, {"lastTransitionTime"});
    }
    written.emplace_back(json::Object{
        {"type", condition.type},
        {"status", status},
        {"reason", condition.reason},
        {"message", condition.message},
        {"lastTransitionTime", since},
        {"observedGeneration", integer_at(owner, {"metadata", "generation"}).value_or(0)}});
  }
  return written;
}

std::vector<Event> condition_events(const std::vector<Condition>& conditions,
                                    const json::Object& standing) {
  std::vector<Event> events;
  for (const auto& condition : conditions) {
    if (!condition.tell) {
      continue;
    }
    const auto* old = find_condition(standing, condition.type);
    if (old == nullptr || text_at(*old, {"reason"}) != condition.reason ||
        text_at(*old, {"message"}) != condition.message) {
      events.push_back({true, condition.reason, condition.message});
    }
  }
  return events;
}

}  // namespace trustee::operators
