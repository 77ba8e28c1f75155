#include "fetch/engine.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

using collateral::DocumentId;
using collateral::Freshness;

namespace {

std::map<std::string, std::unique_ptr<DocumentKind>, std::less<>> by_name(
    std::vector<std::unique_ptr<DocumentKind>> kinds) {
  std::map<std::string, std::unique_ptr<DocumentKind>, std::less<>> out;
  for (auto& kind : kinds) {
    const std::string name(kind->name());
    out.emplace(name, std::move(kind));
  }
  return out;
}

std::size_t capacity_of(const KeepRule& rule) { return std::max<std::size_t>(rule.capacity, 1); }

/// Failures that say nothing of the document: the vendor was not asked on this caller's behalf.
bool is_callers_own(const Error& error) {
  return error.is(Errc::peer_budget_exhausted) || error.is(Errc::budget_exhausted) ||
         error.is(Errc::deadline_exceeded) || error.is(Errc::overloaded);
}

}  // namespace

Engine::Engine(Settings settings, Ports ports, std::vector<std::unique_ptr<DocumentKind>> kinds)
    : settings_(settings),
      ports_(std::move(ports)),
      kinds_(by_name(std::move(kinds))),
      budget_(settings_.budget, ports_.clock.now()),
      refusals_(settings_.remembered_refusals) {}

DocumentKind* Engine::kind_of(std::string_view name) const {
  const auto it = kinds_.find(name);
  return it == kinds_.end() ? nullptr : it->second.get();
}

HeldPtr Engine::peek(const DocumentId& id) {
  DocumentKind* kind = kind_of(id.kind);
  if (kind == nullptr) return nullptr;
  HeldPtr held = serving({*kind, id, {}});
  if (held != nullptr && ports_.metrics != nullptr) ports_.metrics->hits.with({id.kind}).add();
  return held;
}

Result<HeldPtr> Engine::get(const DocumentId& id, const Asker& asker) {
  DocumentKind* kind = kind_of(id.kind);
  if (kind == nullptr) return Error(Errc::kind_unknown, id.kind);
  const Question q{*kind, id, id.key()};
  if (HeldPtr held = peek(id); held != nullptr) return held;
  if (ports_.metrics != nullptr) ports_.metrics->misses.with({id.kind}).add();
  const Errand errand{asker.deadline,
                      [this, peer = std::string(asker.peer)] { return spend(peer); }};
  while (true) {
    const Duration left = asker.deadline - ports_.clock.now();
    if (left <= Duration::zero()) return Error(Errc::deadline_exceeded, q.key);
    bool mine = false;
    auto result = flights_.run(q.key, left, mine, [&] { return lead(q, errand); });
    if (result.ok()) return result;
    if (HeldPtr old = last_good(q); old != nullptr) return old;
    // Another caller's budget and deadline are not ours: take the lead.
    const bool theirs = !mine && is_callers_own(result.error());
    if (!theirs) return result;
  }
}

/// What one caller does for all that ask for the same document meanwhile.
Result<HeldPtr> Engine::lead(const Question& q, Errand errand) {
  // Another flight may have landed between the caller's look and its take-off.
  if (HeldPtr held = serving(q); held != nullptr) return held;
  if (recalled(q)) {
    if (HeldPtr held = serving(q); held != nullptr) return held;
  }
  if (auto refusal = refused(q); refusal.has_value()) return std::move(*refusal);
  return fetch(q, errand);
}

Result<HeldPtr> Engine::fetch(const Question& q, Errand& errand) {
  const auto fetched = [&]() -> Result<HeldPtr> {
    TRY(const auto document, q.kind.fetch(q.id.subject, errand));
    TRY(HeldPtr held, put(q, document, ports_.clock.now(), Origin::source));
    // The document is at hand; without the store only the next restart has to fetch again.
    (void)remember(q, document, *held);
    return held;
  };
  auto result = fetched();
  if (!result.ok()) note_failure(q, errand, result.error());
  if (ports_.metrics != nullptr) {
    auto& counters = result.ok() ? ports_.metrics->fetches : ports_.metrics->failures;
    counters.with({q.id.kind}).add();
  }
  return result;
}

HeldPtr Engine::serving(const Question& q) {
  const Time now = ports_.clock.now();
  MutexLock lock(mutex_);
  Shelf& shelf = shelves_[q.id.kind];
  const auto it = shelf.find(q.id.subject);
  if (it == shelf.end() || it->second.held == nullptr) return nullptr;
  Entry& entry = it->second;
  const Freshness freshness =
      collateral::freshness_at(entry.held->validity, q.kind.rule().refresh, now);
  if (!collateral::serves_at_once(freshness, entry.renewal)) return nullptr;
  entry.used = ++uses_;
  return entry.held;
}

HeldPtr Engine::in_memory(const Question& q) {
  MutexLock lock(mutex_);
  const Shelf& shelf = shelves_[q.id.kind];
  const auto it = shelf.find(q.id.subject);
  return it == shelf.end() ? nullptr : it->second.held;
}

HeldPtr Engine::last_good(const Question& q) {
  HeldPtr held = in_memory(q);
  if (held == nullptr) return nullptr;
  const Freshness freshness =
      collateral::freshness_at(held->validity, q.kind.rule().refresh, ports_.clock.now());
  return freshness == Freshness::expired ? nullptr : held;
}

std::optional<Error> Engine::refused(const Question& q) {
  MutexLock lock(mutex_);
  const Refusal* refusal = refusals_.find(q.key);
  if (refusal == nullptr) return std::nullopt;
  if (refusal->until <= ports_.clock.now()) {
    refusals_.erase(q.key);
    return std::nullopt;
  }
  return refusal->error;
}

void Engine::note_failure(const Question& q, const Errand& errand, const Error& error) {
  const KeepRule& rule = q.kind.rule();
  const Time now = ports_.clock.now();
  MutexLock lock(mutex_);
  Shelf& shelf = shelves_[q.id.kind];
  if (const auto it = shelf.find(q.id.subject); it != shelf.end()) {
    it->second.renewal = collateral::after_failure(it->second.renewal, rule.renewal, now);
  }
  if (is_callers_own(error)) return;
  const Duration rest = errand.absent ? rule.absent_for : rule.hold_off;
  if (rest > Duration::zero()) refusals_.put(q.key, {error, now + rest});
}

/// Checks a document and takes it into memory.
Result<HeldPtr> Engine::put(const Question& q, const collateral::RawDocument& document,
                            Time fetched_at, Origin origin) {
  const Time now = ports_.clock.now();
  TRY(Checked checked, q.kind.check(q.id.subject, document, now));
  const collateral::Validity validity{std::min(fetched_at, now), checked.valid_until};
  auto held =
      std::make_shared<const Held>(Held{std::move(checked.proof), checked.issued_at, validity});
  return place(q, std::move(held), origin);
}

Result<HeldPtr> Engine::place(const Question& q, HeldPtr held, Origin origin) {
  const KeepRule& rule = q.kind.rule();
  const Time now = ports_.clock.now();
  MutexLock lock(mutex_);
  Shelf& shelf = shelves_[q.id.kind];
  Entry& entry = shelf[q.id.subject];
  // Whoever replays an old copy must not undo a revocation that was seen.
  if (entry.held != nullptr && held->issued_at < entry.held->issued_at) {
    return Error(Errc::answer_outdated, q.key);
  }
  // Nor must the store's older copy of the same issue bring the next renewal forward.
  if (origin == Origin::store && entry.held != nullptr &&
      held->issued_at == entry.held->issued_at &&
      held->validity.fetched_at < entry.held->validity.fetched_at) {
    return entry.held;
  }
  const bool news = entry.held == nullptr || held->issued_at != entry.held->issued_at;
  const Freshness freshness = collateral::freshness_at(held->validity, rule.refresh, now);
  // The same issue past its date is no news, whoever got it again: were attempts counted anew for
  // it, replicas on one store would send each other to the vendor without a pause.
  if (news || freshness == Freshness::fresh) entry.renewal = {};
  const bool past = freshness == Freshness::in_grace || freshness == Freshness::expired;
  if (origin == Origin::source && past) {  // the source is behind
    entry.renewal = collateral::after_failure(entry.renewal, rule.renewal, now);
  }
  // A copy that is followed is no use of the document.
  if (origin == Origin::source || entry.held == nullptr) entry.used = ++uses_;
  entry.held = std::move(held);
  refusals_.erase(q.key);
  HeldPtr out = entry.held;
  make_room(shelf, capacity_of(rule));
  return out;
}

bool Engine::has_room(const Question& q) {
  MutexLock lock(mutex_);
  const Shelf& shelf = shelves_[q.id.kind];
  return shelf.contains(q.id.subject) || shelf.size() < capacity_of(q.kind.rule());
}

void Engine::make_room(Shelf& shelf, std::size_t capacity) {
  while (shelf.size() > capacity) {
    shelf.erase(std::min_element(shelf.begin(), shelf.end(), [](const auto& a, const auto& b) {
      return a.second.used < b.second.used;
    }));
  }
}

Result<bool> Engine::recall(const Question& q) {
  if (ports_.store == nullptr) return false;
  TRY(const auto stored, ports_.store->get(q.key));
  if (!stored.has_value()) return false;
  const auto record = collateral::decode_record(*stored);
  if (!record.ok()) return false;
  const HeldPtr before = in_memory(q);
  if (before != nullptr && before->validity == record->validity) return false;
  // What lay in a store is as little trusted as what came over the network.
  const auto taken = put(q, record->document, record->validity.fetched_at, Origin::store);
  return taken.ok() && *taken != before;
}

// What the store cannot give the vendor still can; `follow_store` reports that it cannot.
bool Engine::recalled(const Question& q) {
  const auto taken = recall(q);
  return taken.ok() && *taken;
}

Result<void> Engine::remember(const Question& q, const collateral::RawDocument& document,
                              const Held& held) {
  if (ports_.store == nullptr) return {};
  TRY(const ByteVec bytes, collateral::encode_record({document, held.validity}));
  return store(q.key, bytes);
}

Result<void> Engine::store(const std::string& key, Bytes bytes) {
  kv::Namespace& to = *ports_.store;
  const auto before = to.version();
  TRY_VOID(to.put(key, bytes, kv::Overwrite::yes));
  if (!to.counts_each_change() || !before.ok()) return {};
  const auto after = to.version();
  // One step further is ours; more than that, and somebody else wrote too.
  if (!after.ok() || *after != *before + 1) return {};
  MutexLock lock(mutex_);
  if (followed_ == *before) followed_ = *after;
  return {};
}

Result<void> Engine::spend(const std::string& peer) {
  MutexLock lock(mutex_);
  switch (budget_.spend(peer, ports_.clock.now())) {
    case collateral::Spend::granted:
      return {};
    case collateral::Spend::peer_exhausted:
      return Errc::peer_budget_exhausted;
    case collateral::Spend::all_exhausted:
      return Errc::budget_exhausted;
  }
  return Errc::budget_exhausted;
}

Result<void> Engine::follow_store() {
  if (ports_.store == nullptr) return {};
  // Asked before reading: a change in between is then found at the next look.
  TRY(const std::uint64_t version, ports_.store->version());
  {
    MutexLock lock(mutex_);
    if (followed_ == version) return {};
  }
  TRY(const auto keys, ports_.store->list());
  std::optional<Error> first;
  for (const std::string& key : keys) {
    const auto id = collateral::parse_document_id(key);
    if (!id.ok()) continue;
    DocumentKind* kind = kind_of(id->kind);
    if (kind == nullptr || !kind->rule().renewed) continue;
    // One that cannot be read must not keep back the others.
    const Question q{*kind, *id, key};
    if (!has_room(q)) continue;
    auto taken = recall(q);
    if (!taken.ok() && !first.has_value()) first = std::move(taken).error();
  }
  if (first.has_value()) return std::move(*first);
  MutexLock lock(mutex_);
  followed_ = version;
  return {};
}

Result<HeldPtr> Engine::accept(const DocumentId& id, const collateral::Record& record) {
  DocumentKind* kind = kind_of(id.kind);
  if (kind == nullptr) return Error(Errc::kind_unknown, id.kind);
  const Question q{*kind, id, id.key()};
  // Else an earlier issue might replace a later one that could not be read.
  TRY_VOID(recall(q));
  TRY(HeldPtr held, put(q, record.document, record.validity.fetched_at, Origin::store));
  TRY_VOID(remember(q, record.document, *held));
  return held;
}

std::vector<DocumentId> Engine::due(Time now) {
  std::vector<DocumentId> out;
  MutexLock lock(mutex_);
  for (const auto& [name, shelf] : shelves_) {
    const KeepRule& rule = kind_of(name)->rule();
    if (!rule.renewed) continue;
    for (const auto& [subject, entry] : shelf) {
      if (collateral::renewal_time(entry.held->validity, rule.refresh, entry.renewal) <= now) {
        out.push_back({name, subject});
      }
    }
  }
  return out;
}

std::optional<Time> Engine::next_renewal() {
  std::optional<Time> out;
  MutexLock lock(mutex_);
  for (const auto& [name, shelf] : shelves_) {
    const KeepRule& rule = kind_of(name)->rule();
    if (!rule.renewed) continue;
    for (const auto& [subject, entry] : shelf) {
      const Time t = collateral::renewal_time(entry.held->validity, rule.refresh, entry.renewal);
      out = out.has_value() ? std::min(*out, t) : t;
    }
  }
  return out;
}

void Engine::renew_due(const std::function<bool()>& stopping) {
  for (const DocumentId& id : due(ports_.clock.now())) {
    if (stopping()) return;
    renew(id);
  }
}

void Engine::renew(const DocumentId& id) {
  const Question q{*kind_of(id.kind), id, id.key()};
  const Errand errand{ports_.clock.now() + settings_.renewal_limit, [] { return Result<void>(); }};
  bool mine = false;
  (void)flights_.run(q.key, settings_.renewal_limit, mine, [&]() -> Result<HeldPtr> {
    // Another replica may have renewed it already.
    if (recalled(q)) {
      const std::vector<DocumentId> still = due(ports_.clock.now());
      if (std::find(still.begin(), still.end(), id) == still.end()) return last_good(q);
    }
    Errand own = errand;
    return fetch(q, own);
  });
}

void Engine::update_metrics() {
  if (ports_.metrics == nullptr) return;
  const auto seconds = [](Duration d) {
    return std::chrono::duration_cast<std::chrono::seconds>(d).count();
  };
  const Time now = ports_.clock.now();
  MutexLock lock(mutex_);
  for (const auto& [name, shelf] : shelves_) {
    ports_.metrics->documents.with({name}).set(static_cast<std::int64_t>(shelf.size()));
    if (!kind_of(name)->rule().renewed) continue;
    for (const auto& [subject, entry] : shelf) {
      const std::vector<std::string> labels{name, subject};
      ports_.metrics->age.with(labels).set(seconds(now - entry.held->validity.fetched_at));
      ports_.metrics->expiry.with(labels).set(seconds(entry.held->validity.valid_until - now));
    }
  }
}

}  // namespace trustee::fetch
