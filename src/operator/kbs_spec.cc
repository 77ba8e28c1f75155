#include "operator/kbs_spec.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::operators {
namespace {

constexpr std::string_view kDeploymentSpec = "KbsDeploymentSpec";
constexpr std::string_view kEnv = "KbsEnvVars";
constexpr std::string_view kResources = "kbsSecretResources";
constexpr std::string_view kCertCache = "kbsLocalCertCacheSpec";

/// What an operator without memory generated: the released one's values.
json::Object released_values() {
  return {{std::string(kDeploymentSpec), json::Object{{"replicas", 1}}},
          {std::string(kEnv), json::Object{{"RUST_LOG", "debug"}}}};
}

json::Object remembered_by(const json::Object& kc) {
  const auto text = annotation_of(kc, kGeneratedSpecAnnotation);
  auto value = json::parse(text);
  if (!value.ok() || value->as_object() == nullptr) {
    return released_values();
  }
  return *value->as_object();
}

json::Object object_or_empty(const json::Object& parent, std::string_view name) {
  const auto* object = object_at(parent, {name});
  return object == nullptr ? json::Object() : *object;
}

bool same(const json::Value* a, const json::Value* b) {
  return a == nullptr || b == nullptr ? a == b : *a == *b;
}

/// Member by member: what still is as generated follows, what was touched stays.
json::Object three_way(const json::Object& current, const json::Object& last,
                       const json::Object& generated) {
  std::set<std::string> names;
  for (const auto* side : {&current, &last, &generated}) {
    for (const auto& member : *side) {
      names.insert(member.name);
    }
  }
  json::Object merged;
  for (const auto& name : names) {
    const auto* now = current.find(name);
    const auto* wanted = same(now, last.find(name)) ? generated.find(name) : now;
    if (wanted != nullptr) {
      merged.append(name, *wanted);
    }
  }
  return merged;
}

bool contains(const std::vector<std::string>& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

std::vector<std::string> merge_list(const std::vector<std::string>& current,
                                    const std::vector<std::string>& last,
                                    const std::vector<std::string>& generated) {
  if (current.empty() || current == last) {
    return generated;
  }
  std::vector<std::string> merged;
  for (const auto& name : current) {
    if (!contains(last, name) || contains(generated, name)) {
      merged.push_back(name);
    }
  }
  for (const auto& name : generated) {
    if (!contains(last, name) && !contains(merged, name)) {
      merged.push_back(name);
    }
  }
  return merged.empty() ? generated : merged;
}

json::Array array_of(const std::vector<std::string>& texts) {
  return json::Array(texts.begin(), texts.end());
}

std::string remember(const json::Object& generated) {
  json::Object memory;
  for (const auto name : {kDeploymentSpec, kEnv, kResources}) {
    if (const auto* value = generated.find(name); value != nullptr) {
      memory.append(std::string(name), *value);
    }
  }
  return json::write_sorted(json::Value(std::move(memory)));
}

void set_unless_empty(json::Object& spec, std::string_view name, json::Object value) {
  if (value.empty()) {
    spec.remove(name);
  } else {
    spec.set(name, std::move(value));
  }
}

}  // namespace

MergedKbsSpec merge_kbs_spec(json::Object generated, const json::Object* stored,
                             std::string_view auto_claim) {
  MergedKbsSpec merged{std::move(generated), {}};
  merged.remembered = remember(merged.spec);
  auto& spec = merged.spec;
  const auto* current = stored == nullptr ? nullptr : object_at(*stored, {"spec"});
  if (current == nullptr) {
    return merged;
  }
  const auto last = remembered_by(*stored);
  for (const auto name : {kDeploymentSpec, kEnv}) {
    set_unless_empty(spec, name,
                     three_way(object_or_empty(*current, name), object_or_empty(last, name),
                               object_or_empty(spec, name)));
  }
  spec.set(kResources,
           array_of(merge_list(texts_at(*current, {kResources}), texts_at(last, {kResources}),
                               texts_at(spec, {kResources}))));
  set_unless_empty(spec, kCertCache, object_or_empty(*current, kCertCache));
  const auto claim = text_at(*current, {"ibmSEConfigSpec", "certStorePvc"});
  if (!claim.empty() && claim != auto_claim) {
    set_at(spec, {"ibmSEConfigSpec", "certStorePvc"}, claim);
  }
  return merged;
}

}  // namespace trustee::operators
