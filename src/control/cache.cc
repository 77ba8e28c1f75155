#include "control/cache.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "control/errors.h"
#include "k8s/managed_fields.h"
#include "operator/names.h"

namespace trustee::control {
namespace {

using operators::ObjectRef;
using operators::SharedObject;

constexpr std::chrono::seconds kRefusalHolds{60};

constexpr std::string_view kFollowed[] = {
    "TrusteeConfig", "KbsConfig",  "ConfigMap", "Secret",
    "Service",       "Deployment", "Pod",       "PodDisruptionBudget"};

/// Kinds of which one object by a fixed name matters.
std::string name_selector(std::string_view kind) {
  if (kind == "Service") return "metadata.name=" + std::string(operators::kService);
  if (kind == "Deployment" || kind == "PodDisruptionBudget") {
    return "metadata.name=" + std::string(operators::kDeployment);
  }
  return {};
}

std::string_view version_of(const SharedObject& object) {
  return k8s::metadata_text(*object, "resourceVersion");
}

/// Versions that are numbers grow with every write (Kubernetes API concepts, resource versions); of
/// others nothing is known.
bool is_older(std::string_view a, std::string_view b) {
  const auto is_number = [](std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  if (!is_number(a) || !is_number(b)) return false;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool is_configuration(std::string_view kind) {
  return kind == operators::kTrusteeConfig || kind == operators::kKbsConfig;
}

/// Names and versions only: what tells that contents changed.
json::Object identity_of(const json::Object& object) {
  json::Object metadata;
  for (const char* name : {"name", "namespace", "uid", "resourceVersion"}) {
    metadata.set(name, k8s::metadata_text(object, name));
  }
  return {{"metadata", std::move(metadata)}};
}

/// Of a Pod: who it is, whom it belongs to, how it is.
json::Object pod_of(json::Object object) {
  object.remove("spec");
  return object;
}

}  // namespace

json::Object without_noise(json::Object object) {
  if (!k8s::adoption_patch(object, kFormerManagers, kFieldManager).has_value()) {
    json::Value* metadata = object.find("metadata");
    if (metadata != nullptr && metadata->as_object() != nullptr) {
      metadata->as_object()->remove("managedFields");
    }
  }
  return object;
}

Cache::Cache(k8s::Client& client, Settings settings)
    : client_(client), settings_(std::move(settings)) {
  for (const std::string_view kind : kFollowed) {
    informers_.emplace(std::string(kind),
                       std::make_unique<k8s::Informer>(client_, interest_in(*kind_named(kind))));
  }
}

Cache::~Cache() { stop(); }

k8s::Interest Cache::interest_in(const Kind& kind) {
  k8s::Interest out{.resource = kind.resource};
  const std::string_view name = kind.resource.kind;
  const bool everywhere = is_configuration(name) && settings_.everywhere;
  out.selection.ns = everywhere ? std::string() : settings_.ns;
  out.selection.field_selector = name_selector(name);
  if (name == "Pod") out.selection.label_selector = "app=kbs";
  out.selection.metadata_only = kind.reading == Reading::contents;
  const bool pod = name == "Pod";
  out.keep = [identity = out.selection.metadata_only,
              pod](json::Object object) -> std::optional<json::Object> {
    if (identity) return identity_of(object);
    return without_noise(pod ? pod_of(std::move(object)) : std::move(object));
  };
  const k8s::Resource resource = kind.resource;
  out.on_change = [this, resource](const k8s::Change& change) { note_change(resource, change); };
  out.on_trouble = [this, resource](const Error& error) {
    if (settings_.on_trouble) settings_.on_trouble(resource.kind, error);
  };
  return out;
}

void Cache::start() {
  for (const auto& [kind, informer] : informers_) {
    threads_.emplace_back(
        [follower = informer.get()](const std::stop_token& stop) { follower->run(stop); });
  }
}

void Cache::stop() {
  for (std::jthread& thread : threads_) {
    thread.request_stop();
  }
  threads_.clear();
}

bool Cache::settled() const {
  return std::ranges::all_of(informers_, [](const auto& entry) {
    return entry.second->synced() || entry.second->refused();
  });
}

std::set<std::string, std::less<>> Cache::refused() const {
  std::set<std::string, std::less<>> out;
  for (const auto& [kind, informer] : informers_) {
    if (informer->refused()) out.insert(kind);
  }
  const MutexLock lock(mutex_);
  for (const auto& [kind, since] : refusals_) {
    if (client_.pace().now() - since < kRefusalHolds) out.insert(kind);
  }
  return out;
}

void Cache::note_refusal(std::string_view kind) {
  const MutexLock lock(mutex_);
  refusals_[std::string(kind)] = client_.pace().now();
}

void Cache::note_change(const k8s::Resource& resource, const k8s::Change& change) {
  const ObjectRef ref{std::string(resource.kind), change.key.ns, change.key.name};
  if (change.after == nullptr) removed(ref);
  if (settings_.on_change) settings_.on_change(ref);
}

bool Cache::may_have_gone(const ObjectRef& object, std::uint64_t since) {
  const std::uint64_t* number = deleted_.find(object);
  return (number != nullptr && *number > since) || deletions_ - since >= kMostDeleted;
}

Cache::Seen Cache::seen(const ObjectRef& object) const {
  Seen out;
  {
    const MutexLock lock(mutex_);
    out.deletion = deletions_;
  }
  const auto found = informers_.find(object.kind);
  if (found == informers_.end()) return out;
  const SharedObject seen = found->second->find({object.ns, object.name});
  if (seen != nullptr) out.version = version_of(seen);
  return out;
}

Result<const k8s::Informer*> Cache::ready_informer(const Kind& kind) const {
  const std::string name(kind.resource.kind);
  const auto found = informers_.find(name);
  if (found == informers_.end()) return Error(Errc::kind_unknown, name);
  const k8s::Informer& informer = *found->second;
  if (informer.refused() && !kind.optional) return Error(Errc::read_refused, name);
  if (!informer.synced() && !informer.refused()) return Error(Errc::cache_not_ready, name);
  return &informer;
}

// What we wrote counts until the watch tells of any change since the write began, other than our
// own ones before it. A list that began later knows better in any case.
SharedObject Cache::held_if_current(const ObjectRef& object, const SharedObject& seen,
                                    unsigned lists_ended) const {
  const std::string version(seen == nullptr ? std::string_view() : version_of(seen));
  const MutexLock lock(mutex_);
  const auto found = held_.find(object);
  if (found == held_.end()) return nullptr;
  const Held& held = found->second;
  const bool same = seen != nullptr && version == version_of(held.object);
  const bool behind = std::ranges::find(held.before, version) != held.before.end();
  return same || (behind && lists_ended <= held.lists) ? held.object : nullptr;
}

Result<SharedObject> Cache::read(const Kind& kind, const ObjectRef& object) {
  auto got = client_.get(kind.resource, {object.ns, object.name});
  if (!got.ok()) {
    if (got.error().is(k8s::Errc::not_found)) return SharedObject();
    if (!got.error().is(k8s::Errc::forbidden)) return std::move(got).error();
    if (!kind.optional) return Error(Errc::read_refused, object.kind + ' ' + object.name);
    note_refusal(object.kind);
    return SharedObject();
  }
  return std::make_shared<const json::Object>(without_noise(std::move(*got)));
}

Result<SharedObject> Cache::find(const ObjectRef& object) {
  const Kind* kind = kind_named(object.kind);
  if (kind == nullptr) return Error(Errc::kind_unknown, object.kind);
  const bool elsewhere = kind->resource.namespaced && object.ns != settings_.ns;
  if (elsewhere && !is_configuration(object.kind)) return SharedObject();
  if (kind->reading == Reading::on_demand) return read(*kind, object);
  TRY(const k8s::Informer* informer, ready_informer(*kind));
  const unsigned lists_ended = informer->lists().ended;  // before looking: one may end meanwhile
  const SharedObject seen = informer->find({object.ns, object.name});
  if (SharedObject held = held_if_current(object, seen, lists_ended); held != nullptr) return held;
  if (seen == nullptr || kind->reading == Reading::cached) return seen;
  TRY(SharedObject contents, read(*kind, object));
  if (contents != nullptr) {
    const MutexLock lock(mutex_);
    held_[object] = {contents, {}, {}};
  }
  return contents;
}

Result<std::vector<SharedObject>> Cache::list(std::string_view kind, std::string_view ns) {
  const Kind* known = kind_named(kind);
  if (known == nullptr || known->reading != Reading::cached) {
    return Error(Errc::kind_unknown, std::string(kind));
  }
  TRY(const k8s::Informer* informer, ready_informer(*known));
  std::vector<SharedObject> out;
  for (SharedObject& object : informer->all()) {
    const std::string_view there = k8s::metadata_text(*object, "namespace");
    if (ns.empty() || there == ns) out.push_back(std::move(object));
  }
  return out;
}

// Several writes of ours may be ahead of the watch, and of two at once the later may be answered
// first.
std::vector<std::string> Cache::versions_before(const ObjectRef& object, std::string base,
                                                std::string_view made) const {
  const auto found = held_.find(object);
  if (found == held_.end()) return {std::move(base)};
  const Held& held = found->second;
  const auto from = std::ranges::find(held.before, base);
  if (from == held.before.end()) return {std::move(base)};
  std::vector<std::string> out(from, held.before.end());
  if (version_of(held.object) != made) out.emplace_back(version_of(held.object));
  return out;
}

void Cache::wrote(const ObjectRef& object, json::Object made, Seen base) {
  auto held = std::make_shared<const json::Object>(without_noise(std::move(made)));
  const auto informer = informers_.find(object.kind);
  const unsigned lists = informer == informers_.end() ? 0 : informer->second->lists().begun;
  const MutexLock lock(mutex_);
  // It may be what we wrote that went: the watch tells, should it be there.
  if (may_have_gone(object, base.deletion)) return;
  if (const auto known = held_.find(object);
      known != held_.end() && is_older(version_of(held), version_of(known->second.object))) {
    known->second.before.emplace_back(version_of(held));
    return;
  }
  auto before = versions_before(object, std::move(base.version), version_of(held));
  held_[object] = {std::move(held), std::move(before), lists};
}

void Cache::removed(const ObjectRef& object) {
  const MutexLock lock(mutex_);
  deleted_.put(object, ++deletions_);
  held_.erase(object);
}

void Cache::prune(const std::function<bool(const ObjectRef&)>& is_wanted) {
  const MutexLock lock(mutex_);
  std::erase_if(held_, [&is_wanted](const auto& entry) { return !is_wanted(entry.first); });
}

std::size_t Cache::held() const {
  const MutexLock lock(mutex_);
  return held_.size();
}

}  // namespace trustee::control
