#include "reload/keeper.h"

#include <algorithm>

#include "appraise/default_policies.h"
#include "authz/errors.h"
#include "base/try.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "reload/every_second.h"
#include "rvps/service.h"

namespace trustee::reload {
namespace {

constexpr std::string_view kSuffix = ".rego";
constexpr std::uint64_t kNeverSeen = UINT64_MAX;

std::size_t index_of(Part part) { return static_cast<std::size_t>(part); }

std::string_view name_of(Part part) {
  switch (part) {
    case Part::resource_policy:
      return "resource policy";
    case Part::attestation_policies:
      return "attestation policies";
    case Part::references:
      return "reference values";
  }
  return "";
}

// The texts own what the views point to.
Result<rego::ReferenceSet> prepared(const std::vector<reference::ReferenceValue>& values,
                                    const rego::ReferenceSet& base) {
  std::vector<std::string> texts;
  texts.reserve(values.size());
  for (const auto& value : values) {
    texts.push_back(json::write(value.value));
  }
  std::vector<rego::NamedJson> items;
  items.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    items.push_back({values[i].name, texts[i]});
  }
  return base.with(items);
}

}  // namespace

Keeper::Keeper(Sources sources, world::Worlds& worlds, Notice notice)
    : sources_(std::move(sources)), worlds_(worlds), notice_(std::move(notice)) {
  for (auto& seen : seen_) {
    seen.store(kNeverSeen);
  }
}

kv::Namespace& Keeper::source(Part part) {
  switch (part) {
    case Part::resource_policy:
      return *sources_.policies;
    case Part::attestation_policies:
      return *sources_.attestation_policies;
    case Part::references:
      return *sources_.references;
  }
  return *sources_.policies;
}

Result<void> Keeper::start(std::optional<std::string_view> default_resource_policy) {
  {
    const MutexLock lock(looking_);
    watch_directories();
  }
  if (default_resource_policy) {
    TRY_VOID(ship_resource_policy(*default_resource_policy));
  }
  MutexLock lock(writer_);
  TRY_VOID(ship_attestation_policies());
  TRY_VOID(load(Part::resource_policy));
  TRY_VOID(load(Part::attestation_policies));
  auto references = load(Part::references);
  if (!references.ok() && references.error().is(kv::Errc::malformed)) {
    notice_("there are no reference values: " + references.error().to_string());
    return {};
  }
  return references;
}

Result<void> Keeper::ship_resource_policy(std::string_view text) {
  TRY(const std::optional<ByteVec> stored, stored_resource_policy());
  if (stored) return {};
  const auto put = sources_.policies->put(kResourcePolicyKey, as_bytes(text), kv::Overwrite::no);
  if (put.ok() || put.error().is(kv::Errc::not_writable)) return {};
  return put.error();
}

Result<void> Keeper::ship_attestation_policies() {
  for (const auto& policy : appraise::default_policies()) {
    const std::string key = std::string(policy.id) + std::string(kSuffix);
    const auto put =
        sources_.attestation_policies->put(key, as_bytes(policy.text), kv::Overwrite::no);
    if (put.ok()) continue;
    if (!put.error().is(kv::Errc::not_writable)) return put.error();
    unstored_ = unstored_.with_stored(std::string(policy.id), as_bytes(policy.text));
  }
  return {};
}

Result<std::optional<ByteVec>> Keeper::stored_resource_policy() {
  TRY(auto stored, sources_.policies->get(kResourcePolicyKey));
  if (stored) return stored;
  return sources_.policies->get(kOlderPolicyKey);
}

bool Keeper::stale(Part part) {
  const auto version = source(part).version();
  return !version.ok() || *version != seen_[index_of(part)].load();
}

void Keeper::watch_directories() {
  bool all = true;
  for (const auto& source :
       {sources_.policies, sources_.attestation_policies, sources_.references}) {
    all = notices_.watch(source->directories()) && all;
  }
  if (!all && !unwatched_) {
    notice_(
        "the system does not tell of changes in the stores (see fs.inotify.max_user_watches): "
        "what other processes write is in force within a second, not with the next request");
  }
  unwatched_ = !all;
}

void Keeper::look() {
  const MutexLock lock(looking_);
  look_now();
}

void Keeper::catch_up() {
  const MutexLock lock(looking_);
  if (is_behind()) look_now();
}

void Keeper::look_now() {
  if (notices_.pending()) {
    catching_up_ = true;
    notices_.take();
  }
  watch_directories();  // one that was made anew is another one
  for (const Part part : {Part::resource_policy, Part::attestation_policies, Part::references}) {
    (void)refresh(part);  // which told why it failed
  }
  catching_up_ = false;
}

Result<void> Keeper::refresh(Part part) {
  MutexLock lock(writer_);
  std::string& told = told_[index_of(part)];
  if (!stale(part)) {
    told.clear();
    return {};
  }
  auto loaded = load(part);
  std::string why = loaded.ok() ? "" : loaded.error().to_string();
  if (!loaded.ok() && why != told) {
    notice_("the " + std::string(name_of(part)) +
            " cannot be read, the last good state stays in force: " + why);
  }
  told = std::move(why);
  return loaded;
}

Result<void> Keeper::load(Part part) {
  // The version is asked before reading: a change in between is then found at the next look.
  TRY(const std::uint64_t version, source(part).version());
  switch (part) {
    case Part::resource_policy:
      TRY_VOID(load_resource_policy());
      break;
    case Part::attestation_policies:
      TRY_VOID(load_attestation_policies());
      break;
    case Part::references:
      TRY_VOID(load_references());
      break;
  }
  seen_[index_of(part)].store(version);
  return {};
}

Result<void> Keeper::load_resource_policy() {
  TRY(const std::optional<ByteVec> stored, stored_resource_policy());
  std::string problem;  // told to anybody who asks for readiness
  std::string detail;   // the engine's words quote the policy: for the log
  if (!stored) {
    // Taking the policy away is a change like any other, and means that nobody gets anything.
    problem = "there is no resource policy";
    worlds_.change([&](world::World& w) {
      w.resource_policy = nullptr;
      w.not_ready = problem;
    });
  } else if (!codec::is_utf8(*stored)) {
    problem = "the stored resource policy is not UTF-8";
  } else {
    auto policy = authz::ResourcePolicy::compile_stored(as_text(*stored));
    if (policy.ok()) {
      auto compiled = std::make_shared<const authz::ResourcePolicy>(std::move(*policy));
      worlds_.change([&](world::World& w) {
        w.resource_policy = std::move(compiled);
        w.not_ready.clear();
      });
      return {};
    }
    problem = "the stored resource policy is not usable";
    detail = ": " + policy.error().detail();
  }
  // The last good policy stays; where there never was one, everything is denied.
  if (worlds_.current()->resource_policy == nullptr) {
    worlds_.change([&](world::World& w) { w.not_ready = problem; });
  }
  notice_(problem + detail);
  return {};
}

Result<void> Keeper::load_attestation_policies() {
  TRY(std::vector<kv::Entry> entries, sources_.attestation_policies->entries());
  auto set = std::make_shared<appraise::PolicySet>(unstored_);
  const auto before = worlds_.current()->attestation_policies;
  for (auto& entry : entries) {
    if (!entry.key.ends_with(kSuffix)) continue;
    const std::string id = entry.key.substr(0, entry.key.size() - kSuffix.size());
    auto next = set->with_stored(id, entry.value);
    if (auto usable = next.find(id); !usable.ok()) {
      notice_("attestation policy " + id + " is not usable: " + usable.error().to_string());
      if (before != nullptr) {
        if (auto last_good = before->find(id); last_good.ok()) next = set->with(*last_good);
      }
    }
    *set = std::move(next);
  }
  worlds_.change([&](world::World& w) { w.attestation_policies = set; });
  return {};
}

Result<void> Keeper::load_references() {
  TRY(const rvps::Loaded loaded, rvps::load(*sources_.references));
  for (const auto& key : loaded.unreadable) {
    notice_("reference value " + key + " cannot be read and is not used");
  }
  TRY(rego::ReferenceSet set, prepared(loaded.values, {}));
  auto shared = std::make_shared<const rego::ReferenceSet>(std::move(set));
  worlds_.change([&](world::World& w) { w.references = std::move(shared); });
  return {};
}

Result<void> Keeper::set_resource_policy(std::string_view text) {
  TRY(authz::ResourcePolicy policy, authz::ResourcePolicy::compile(text));
  MutexLock lock(writer_);
  TRY_VOID(sources_.policies->put(kResourcePolicyKey, as_bytes(text), kv::Overwrite::yes));
  return load(Part::resource_policy);
}

Result<void> Keeper::set_attestation_policy(const std::string& id, std::string_view text) {
  TRY_VOID(appraise::Policy::compile(id, text));
  MutexLock lock(writer_);
  TRY_VOID(sources_.attestation_policies->put(id + std::string(kSuffix), as_bytes(text),
                                              kv::Overwrite::yes));
  return load(Part::attestation_policies);
}

Result<std::vector<std::string>> Keeper::resource_policy_ids() {
  TRY(const std::vector<std::string> keys, sources_.policies->list());
  std::vector<std::string> ids;
  for (const auto& key : keys) {
    if (key.ends_with(kSuffix)) ids.push_back(key.substr(0, key.size() - kSuffix.size()));
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::optional<json::Value>> Keeper::reference_value(std::string_view id, Time now) {
  return rvps::query(*sources_.references, id, rvps::Expired::served, now);
}

Result<void> Keeper::register_references(std::string_view message, Time now) {
  MutexLock lock(writer_);
  const auto values = rvps::register_message(*sources_.references, message, now);
  if (!values.ok()) return values.error();
  // Adding to the prepared set costs as much as the message has values, not as the store holds.
  TRY(rego::ReferenceSet set, prepared(*values, *worlds_.current()->references));
  auto shared = std::make_shared<const rego::ReferenceSet>(std::move(set));
  worlds_.change([&](world::World& w) { w.references = std::move(shared); });
  if (!values->empty()) skip_own_step(Part::references);  // an empty message is no step
  return {};
}

// One step further is ours; more than that, and somebody else wrote too: the next look loads. So it
// does where the store may count both as one.
void Keeper::skip_own_step(Part part) {
  if (!source(part).counts_each_change()) return;
  const auto version = source(part).version();
  auto& seen = seen_[index_of(part)];
  if (version.ok() && *version == seen.load() + 1) seen.store(*version);
}

StoreLookout::StoreLookout(Keeper& keeper)
    : thread_([&keeper](const std::stop_token& stop) {
        every_second("watch-stores", stop, [&keeper] { keeper.look(); });
      }) {}

}  // namespace trustee::reload
