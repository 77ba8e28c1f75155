#include "control/writer.h"

#include <utility>

#include "base/try.h"
#include "control/errors.h"
#include "control/undeclared.h"
#include "k8s/managed_fields.h"
#include "operator/applied.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::control {
namespace {

using operators::ObjectRef;

ObjectRef ref_of(const json::Object& body) {
  const k8s::Key key = k8s::key_of(body);
  return {std::string(k8s::text_member(body, "kind")), key.ns, key.name};
}

Result<const Kind*> known_kind(const ObjectRef& object) {
  const Kind* kind = kind_named(object.kind);
  if (kind == nullptr) return Error(Errc::kind_unknown, object.kind);
  return kind;
}

k8s::WriteOptions as_us() { return {.field_manager = std::string(kFieldManager)}; }

/// What changes when the object does: its generation or, for kinds without one, its version.
std::string mark_of(const json::Object& object) {
  const json::Value* value = operators::value_at(object, {"metadata", "generation"});
  const json::Number* number = value == nullptr ? nullptr : value->as_number();
  if (number != nullptr) return "generation " + number->text();
  return "version " + std::string(k8s::metadata_text(object, "resourceVersion"));
}

/// Whether users edit what we apply there. Such a body was made of what stood: it must not replace
/// what somebody wrote since, however late the write gets there.
bool holds_edits(const ObjectRef& object) {
  return object.kind == operators::kKbsConfig || object.kind == "ConfigMap";
}

bool is_as_seen(const json::Object& stored, const ObjectRef& object,
                const operators::Snapshot& decided_on) {
  const auto* seen = decided_on.find(object.kind, object.ns, object.name);
  return seen != nullptr && k8s::metadata_text(*seen, "resourceVersion") ==
                                k8s::metadata_text(stored, "resourceVersion");
}

/// Without resourceVersion and the like: what an apply to a subresource names the object with.
json::Object named_like(const json::Object& owner, const Kind& kind) {
  const k8s::Key key = k8s::key_of(owner);
  return {{"apiVersion", kind.resource.api_version()},
          {"kind", kind.resource.kind},
          {"metadata", json::Object{{"name", key.name}, {"namespace", key.ns}}}};
}

}  // namespace

bool came_true(const operators::Event& event, const Outcome& outcome) {
  const std::string_view reason = event.reason;
  for (const std::string_view ending : {"Created", "Updated"}) {
    if (!reason.ends_with(ending)) continue;
    const std::string_view kind = reason.substr(0, reason.size() - ending.size());
    if (kind_named(kind) != nullptr) return !outcome.failed_kinds.contains(kind);
  }
  return !outcome.status_failed && !outcome.status_deferred;
}

bool lacks_right(const Error& error) {
  if (!error.is(k8s::Errc::forbidden)) return false;
  const std::string_view detail = error.detail();
  const auto says = [detail](std::string_view words) {
    return detail.find(words) != std::string_view::npos;
  };
  const bool untold = detail == "Forbidden" || detail.starts_with("HTTP ");  // of Secrets
  return untold || (says("User \"") && says(" cannot ") && says("resource \""));
}

bool is_refusal(const Error& error) {
  return error.is(k8s::Errc::forbidden) || error.is(k8s::Errc::invalid);
}

std::optional<operators::Unwritten> why_unwritten(const Error& error) {
  if (lacks_right(error)) return operators::Unwritten::no_right;
  if (is_refusal(error)) return operators::Unwritten::refused;
  if (error.is(k8s::Errc::internal_error)) return operators::Unwritten::failing;
  return std::nullopt;
}

bool Writer::note(Outcome& outcome, const ObjectRef& object, const Result<bool>& written) {
  if (written.ok()) {
    outcome.wrote = outcome.wrote || *written;
    return true;
  }
  if (lacks_right(written.error())) cache_.note_refusal(object.kind);
  if (outcome.error.has_value()) return false;
  outcome.error = written.error();
  outcome.failed = object.kind + ' ' + object.name;
  return false;
}

Result<bool> Writer::create(const json::Object& body, const ObjectRef& object) {
  TRY(const Kind* kind, known_kind(object));
  TRY(const operators::SharedObject stored, cache_.find(object));
  if (stored != nullptr) return false;
  Cache::Seen base = cache_.seen(object);
  auto made = client_.create(kind->resource, body, as_us());
  if (!made.ok()) {
    if (made.error().is(k8s::Errc::already_exists)) return false;
    return std::move(made).error();
  }
  cache_.wrote(object, std::move(*made), std::move(base));
  return true;
}

// What a body leaves out of a Secret or a ConfigMap is often the content, which is to stay.
// Shape: the version that the object has then.
Result<std::string> Writer::adopt(const Kind& kind, const ObjectRef& object,
                                  const json::Object& stored) {
  std::string version(k8s::metadata_text(stored, "resourceVersion"));
  if (object.kind == "Secret" || object.kind == "ConfigMap") return version;
  const auto patch = k8s::adoption_patch(stored, kFormerManagers, kFieldManager);
  if (!patch.has_value()) return version;
  TRY(const json::Object made,
      client_.json_patch(kind.resource, {object.ns, object.name}, *patch, as_us()));
  return std::string(k8s::metadata_text(made, "resourceVersion"));
}

// An older CustomResourceDefinition of ours refuses fields that it does not declare: apply without
// them. What another kind refuses is a mistake, which somebody has to hear of.
Result<json::Object> Writer::apply_known(const Kind& kind, json::Object body,
                                         const k8s::WriteOptions& options) {
  constexpr int kAttempts = 8;
  const bool ours = kind.resource.group == kTrusteeConfigs.group;
  for (int attempt = 1;; ++attempt) {
    auto made = client_.apply(kind.resource, body, options);
    if (made.ok() || !ours || attempt == kAttempts) return made;
    bool dropped = false;
    for (const auto& path : undeclared_fields(made.error().detail())) {
      dropped = drop_field(body, path) || dropped;
    }
    if (!dropped) return made;
  }
}

bool Writer::stands_pruned(const ObjectRef& object, const json::Object& body,
                           const json::Object& stored) {
  const MutexLock lock(mutex_);
  const Pruned* pruned = pruned_.find(object);
  return pruned != nullptr && pruned->intent == json::write_sorted(body) &&
         pruned->uid == k8s::metadata_text(stored, "uid") && pruned->mark == mark_of(stored);
}

Result<bool> Writer::apply(const json::Object& body, const ObjectRef& object,
                           const operators::Snapshot& decided_on) {
  TRY(const Kind* kind, known_kind(object));
  TRY(const operators::SharedObject stored, cache_.find(object));
  json::Object sent = body;
  if (stored != nullptr) {
    if (operators::already_applied(body, *stored)) return false;
    if (stands_pruned(object, body, *stored)) return false;
    if (holds_edits(object) && !is_as_seen(*stored, object, decided_on)) {
      return Error(k8s::Errc::conflict, "it changed after it was decided about");
    }
    TRY(const std::string version, adopt(*kind, object, *stored));
    if (holds_edits(object) && !version.empty()) {
      operators::set_at(sent, {"metadata", "resourceVersion"}, version);
    }
  }
  Cache::Seen base = cache_.seen(object);
  TRY(json::Object made, apply_known(*kind, std::move(sent), as_us()));
  {
    const MutexLock lock(mutex_);
    pruned_.erase(object);
    if (!operators::already_applied(body, made)) {
      pruned_.put(object, {json::write_sorted(body), std::string(k8s::metadata_text(made, "uid")),
                           mark_of(made)});
    }
  }
  cache_.wrote(object, std::move(made), std::move(base));
  return true;
}

Result<bool> Writer::remove(const operators::Removal& removal) {
  const ObjectRef& object = removal.object;
  TRY(const Kind* kind, known_kind(object));
  const auto gone = client_.remove(kind->resource, {object.ns, object.name}, removal.uid);
  if (!gone.ok()) {
    const Error& error = gone.error();
    if (error.is(k8s::Errc::not_found) || error.is(k8s::Errc::conflict)) return false;
    return error;
  }
  cache_.removed(object);
  return true;
}

Result<bool> Writer::write_status(const Kind& kind, const json::Object& owner,
                                  const json::Object& status) {
  json::Object body = named_like(owner, kind);
  body.set("status", status);
  k8s::WriteOptions options = as_us();
  options.subresource = "status";
  const ObjectRef object = ref_of(body);
  Cache::Seen base = cache_.seen(object);
  TRY(json::Object made, apply_known(kind, std::move(body), options));
  cache_.wrote(object, std::move(made), std::move(base));
  return true;
}

Result<bool> Writer::drop_finalizer(const Kind& kind, const json::Object& owner,
                                    const std::string& finalizer) {
  const json::Array* names = operators::array_at(owner, {"metadata", "finalizers"});
  for (std::size_t i = 0; names != nullptr && i < names->size(); ++i) {
    const std::string* name = (*names)[i].as_string();
    if (name == nullptr || *name != finalizer) continue;
    const std::string path = "/metadata/finalizers/" + std::to_string(i);
    // Of an object that has changed since, nothing is known: it may be going by now.
    const json::Array patch{json::Object{{"op", "test"},
                                         {"path", "/metadata/resourceVersion"},
                                         {"value", k8s::metadata_text(owner, "resourceVersion")}},
                            json::Object{{"op", "test"}, {"path", path}, {"value", finalizer}},
                            json::Object{{"op", "remove"}, {"path", path}}};
    const k8s::Key key = k8s::key_of(owner);
    const ObjectRef object{std::string(kind.resource.kind), key.ns, key.name};
    Cache::Seen base = cache_.seen(object);
    auto done = client_.json_patch(kind.resource, key, patch, as_us());
    if (!done.ok() && !done.error().is(k8s::Errc::not_found)) return done.error();
    if (done.ok()) cache_.wrote(object, std::move(*done), std::move(base));
    return true;
  }
  return false;
}

Outcome Writer::carry_out(const operators::Decision& decision, const Basis& basis, const Kind& kind,
                          const json::Object& owner) {
  Outcome out;
  const auto carry = [&](const json::Array& bodies, auto&& write) {
    for (const json::Value& body : bodies) {
      if (body.as_object() == nullptr) continue;
      const ObjectRef object = ref_of(*body.as_object());
      if (!note(out, object, write(*body.as_object(), object))) {
        out.failed_kinds.insert(object.kind);
      }
    }
  };
  carry(decision.create, [&](const json::Object& body, const ObjectRef& object) -> Result<bool> {
    if (client_.ending()) return k8s::Errc::stopped;
    return create(body, object);
  });
  carry(decision.apply, [&](const json::Object& body, const ObjectRef& object) -> Result<bool> {
    if (client_.ending()) return k8s::Errc::stopped;
    return apply(body, object, basis.snapshot);
  });
  for (const operators::Removal& removal : decision.remove) {
    note(out, removal.object, remove(removal));
  }
  const k8s::Key key = k8s::key_of(owner);
  const ObjectRef self{std::string(kind.resource.kind), key.ns, key.name};
  // Before the status, which makes another version of the object.
  if (decision.drop_finalizer.has_value() && !out.error.has_value()) {
    note(out, self, drop_finalizer(kind, owner, *decision.drop_finalizer));
  }
  out.objects_written = !out.error.has_value();
  const bool is_news = out.error.has_value() && why_unwritten(*out.error).has_value();
  out.status_deferred =
      is_news ? !basis.knows_unwritten : out.objects_written && basis.knows_unwritten;
  if (decision.status.has_value() && !out.status_deferred) {
    out.status_failed = !note(out, self, write_status(kind, owner, *decision.status));
  }
  return out;
}

}  // namespace trustee::control
