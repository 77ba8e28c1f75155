#include "control/reconciler.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "control/errors.h"
#include "control/settle.h"
#include "operator/conditions.h"
#include "operator/names.h"
#include "operator/object_tree.h"

namespace trustee::control {
namespace {

/// The watch has told of our writes by then, or will never.
constexpr std::chrono::milliseconds kAfterWrite{5100};
constexpr std::chrono::seconds kLookAgain{60};
/// So long the API server, or a webhook that it asks, may fail at a write before it is told.
constexpr std::chrono::seconds kPassingFailure{10};
constexpr k8s::Backoff kNudgeAgain{std::chrono::seconds(1), std::chrono::seconds(60)};
constexpr k8s::Backoff kTellAgain{std::chrono::seconds(1), std::chrono::seconds(60)};
constexpr unsigned kMostTellings = 10;  ///< of events in a row without success; some five minutes
constexpr std::size_t kMaxUntold = 32;

/// Nobody is there to be asked, or to answer.
bool is_away(const Error& error) {
  return error.is(k8s::Errc::unavailable) || error.is(k8s::Errc::internal_error) ||
         error.is(k8s::Errc::peer_not_trusted);
}

/// Another time an event may be written: also where the role forbids it, as an API server says that
/// has just started. A namespace that is being deleted takes none any more.
bool is_for_now(const Error& error) {
  return is_away(error) || error.is(k8s::Errc::conflict) ||
         error.is(k8s::Errc::too_many_requests) || error.is(k8s::Errc::unauthorised) ||
         lacks_right(error);
}

bool looks_on_demand(const std::vector<operators::ObjectRef>& wants) {
  for (const auto& object : wants) {
    const Kind* kind = kind_named(object.kind);
    if (kind != nullptr && kind->reading == Reading::on_demand) return true;
  }
  return false;
}

std::string without_figures(std::string text) {
  std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
  return text;
}

std::string label_of(const k8s::WorkKey& key) { return key.kind + ' ' + key.ns + '/' + key.name; }

}  // namespace

Reconciler::Reconciler(Desk desk, const Kind& kind, DecideOwner decide, std::string controller)
    : desk_(std::move(desk)),
      kind_(kind),
      decide_(decide),
      controller_(std::move(controller)),
      writer_(desk_.client, desk_.cache),
      nudge_(desk_.client, desk_.cache) {
  desk_.metrics.max_workers.with({controller_}).set(1);
}

void Reconciler::add(const k8s::Key& key) {
  queue_.add({std::string(kind_.resource.kind), key.ns, key.name});
  desk_.metrics.queue_adds.with({controller_}).add();
}

operators::Surroundings Reconciler::surroundings(const k8s::WorkKey& key) {
  operators::Surroundings around;
  around.operator_namespace = desk_.ns;
  around.images = desk_.images();
  around.now = desk_.clock.now();
  if (const auto known = written_.find(key); known != written_.end()) {
    around.written_status = known->second.status;
    around.written_uid = known->second.uid;
  }
  return around;
}

Result<Reconciler::Decided> Reconciler::decided(const json::Object& owner,
                                                const k8s::WorkKey& key) {
  operators::Surroundings around = surroundings(key);
  TRY(around.open_shift, desk_.open_shift());
  if (const auto found = unwritten_.find(key); found != unwritten_.end()) {
    Trouble& trouble = found->second;
    trouble.told = trouble.told || is_to_be_told(trouble);
    if (trouble.told) around.unwritten = trouble.failed + ": " + trouble.text;
    around.why_unwritten = trouble.why;
  }
  Decided out{.knows_unwritten = !around.unwritten.empty()};
  TRY(out.decision, settle(
                        [&](const operators::Snapshot& s) {
                          around.refused =
                              desk_.cache.refused();  // reading for this may have been refused
                          return decide_(owner, s, around, desk_.fresh_keys);
                        },
                        desk_.cache, out.snapshot,
                        [&](const operators::ObjectRef& object) { desk_.index.add(key, object); }));
  return out;
}

void Reconciler::tell(const json::Object& owner, const k8s::WorkKey& key,
                      const std::vector<operators::Event>& events) {
  std::vector<k8s::Occurrence> due = std::move(untold_[key].events);
  Untold untold{.tellings = untold_[key].tellings, .not_before = untold_[key].not_before};
  untold_.erase(key);
  for (const operators::Event& event : events) {
    const k8s::EventText text{event.warning, event.reason, event.reason, event.note};
    if (std::ranges::find(due, text, &k8s::Occurrence::text) == due.end()) {
      due.push_back(desk_.events.occur(owner, text));
    }
  }
  const k8s::Instant now = desk_.client.pace().now();
  if (due.empty()) return;
  if (now < untold.not_before) {
    due.resize(std::min(due.size(), kMaxUntold));
    untold.events = std::move(due);
    // What woke us earlier has taken the place of that time in the queue.
    queue_.add(key, std::chrono::ceil<std::chrono::milliseconds>(untold.not_before - now));
    untold_[key] = std::move(untold);
    return;
  }
  bool away = desk_.client.ending();
  for (k8s::Occurrence& event : due) {
    const auto told =
        away ? Result<void>(k8s::Errc::unavailable) : desk_.events.write(owner, event);
    if (told.ok()) continue;
    away = is_away(told.error());
    desk_.logger.limited().warn("an event could not be written",
                                {{"reason", event.text.reason}, {"code", told.error().code()}});
    if (is_for_now(told.error()) && untold.events.size() < kMaxUntold) {
      untold.events.push_back(std::move(event));
    }
  }
  if (untold.events.empty() || ++untold.tellings > kMostTellings) return;
  const auto wait = kTellAgain.after(untold.tellings, desk_.client.pace().chance());
  untold.not_before = now + wait;
  queue_.add(key, wait);
  untold_[key] = std::move(untold);
}

void Reconciler::tell_failure(const json::Object& owner, const k8s::WorkKey& key,
                              const std::string& what, const Error& error, bool otherwise) {
  const std::string text = what + ": " + error.to_string();
  desk_.logger.limited().warn("reconciliation failed",
                              {{"object", label_of(key)}, {"reason", text}});
  const bool passing = otherwise || error.is(k8s::Errc::conflict) ||
                       error.is(k8s::Errc::unavailable) || error.is(k8s::Errc::too_many_requests) ||
                       error.is(k8s::Errc::stopped) || error.is(Errc::cache_not_ready);
  if (passing) return;
  std::string& told = failures_[key];
  std::string mark = what + ' ' + error.code().id();
  if (error.is(k8s::Errc::invalid)) mark += ' ' + std::string(error.detail());  // another mistake
  if (told == mark) return;
  told = mark;
  tell(owner, key, {{true, "ReconcileFailed", text}});
}

void Reconciler::tell_recovery(const k8s::WorkKey& key) {
  if (failures_.erase(key) > 0) {
    desk_.logger.info("reconciliation works again", {{"object", label_of(key)}});
  }
}

bool Reconciler::tell_refused_read(const json::Object& owner, const k8s::WorkKey& key,
                                   const Error& error) {
  const k8s::Instant now = desk_.client.pace().now();
  const auto [at, first] = refused_reads_.try_emplace(key);
  if (first) at->second = now;
  if (now - at->second < k8s::kStartupRefusals) return false;
  operators::Decision said;
  said.status = operators::read_refused_status(owner, surroundings(key), error.detail());
  const operators::Snapshot nothing;
  if (said.status.has_value() &&
      !writer_.carry_out(said, {.snapshot = nothing}, kind_, owner).status_failed) {
    written_[key] = {*said.status, operators::uid_of(owner)};
  }
  return true;
}

bool Reconciler::is_to_be_told(const Trouble& trouble) {
  const bool failing = trouble.why == operators::Unwritten::failing;
  const auto patience = failing ? kPassingFailure : k8s::kStartupRefusals;
  return trouble.lasts || desk_.client.pace().now() - trouble.since >= patience;
}

// Two that are asked about a write may answer in turn, one that refuses it and one that fails: that
// is one trouble. How a request fails may be told with other figures each time.
bool Reconciler::is_replaced(Trouble& known, const Trouble& next) {
  if (next.why != operators::Unwritten::failing) return true;
  if (known.why == operators::Unwritten::failing) {
    return known.failed != next.failed || without_figures(known.text) != without_figures(next.text);
  }
  if (!known.told) return true;
  if (!known.failing_since.has_value()) known.failing_since = next.since;
  return next.since - *known.failing_since >= kPassingFailure;
}

void Reconciler::note_unwritten(const k8s::WorkKey& key, const Outcome& outcome) {
  if (outcome.objects_written) {  // a status that cannot be written cannot tell of it
    const auto known = unwritten_.find(key);
    if (known == unwritten_.end()) return;
    if (known->second.told) queue_.add(key);  // to take it back
    unwritten_.erase(known);
    return;
  }
  const auto why = why_unwritten(*outcome.error);
  if (!why.has_value()) return;
  Trouble next{.since = desk_.client.pace().now(),
               .failed = outcome.failed,
               .text = std::string(outcome.error->detail()),
               .why = *why,
               .lasts = outcome.error->is(k8s::Errc::invalid)};
  const auto [at, first] = unwritten_.try_emplace(key, next);
  Trouble& known = at->second;
  if (first || !is_replaced(known, next)) return;
  next.told = known.told;
  const bool goes_on = known.told || next.why == known.why;
  next.since = goes_on ? known.since : known.failing_since.value_or(next.since);
  known = std::move(next);
}

void Reconciler::forget(const k8s::WorkKey& key) {
  refused_reads_.erase(key);
  unwritten_.erase(key);
  desk_.index.forget(key);
  written_.erase(key);
  failures_.erase(key);
  untold_.erase(key);
  nudge_.forget(key);
  nudge_failures_.erase(key);
}

Result<void> Reconciler::reconcile(const k8s::WorkKey& key) {
  const auto found = desk_.cache.find({key.kind, key.ns, key.name});
  if (!found.ok()) {
    desk_.logger.limited().warn("reconciliation failed",
                                {{"object", label_of(key)}, {"reason", found.error().to_string()}});
    return found.error();
  }
  const operators::SharedObject& owner = *found;
  if (owner == nullptr) {
    forget(key);
    return {};
  }
  auto made = decided(*owner, key);
  if (!made.ok()) {
    // Forbidden is what an API server that has just started says to everything.
    const bool refused = made.error().is(Errc::read_refused);
    const bool lasts = refused && tell_refused_read(*owner, key, made.error());
    const bool passing = (refused && !lasts) || made.error().is(k8s::Errc::internal_error);
    tell_failure(*owner, key, "reading", made.error(), passing);
    return std::move(made).error();
  }
  operators::Decision* const decision = &made->decision;
  refused_reads_.erase(key);
  desk_.index.set(key, decision->wants);
  const Outcome outcome = writer_.carry_out(
      *decision, {.snapshot = made->snapshot, .knows_unwritten = made->knows_unwritten}, kind_,
      *owner);
  if (decision->status.has_value() && !outcome.status_failed && !outcome.status_deferred) {
    written_[key] = {*decision->status, operators::uid_of(*owner)};
  }
  std::erase_if(decision->events, [&](const auto& event) { return !came_true(event, outcome); });
  tell(*owner, key, decision->events);
  note_unwritten(key, outcome);
  nudge(key, decision->wants);
  if (outcome.error.has_value()) {
    // What goes has no status any more.
    const bool in_status = why_unwritten(*outcome.error).has_value() && !outcome.status_failed &&
                           !operators::is_deleting(*owner);
    const bool passing = outcome.error->is(k8s::Errc::internal_error) && !made->knows_unwritten;
    tell_failure(*owner, key, outcome.failed, *outcome.error, in_status || passing);
    return *outcome.error;
  }
  tell_recovery(key);
  if (outcome.wrote) queue_.add(key, kAfterWrite);
  if (decision->again.has_value()) queue_.add(key, *decision->again);
  const auto refused = desk_.cache.refused();
  const bool waits_for_right = std::ranges::any_of(
      decision->wants, [&](const auto& object) { return refused.contains(object.kind); });
  if (waits_for_right || looks_on_demand(decision->wants)) queue_.add(key, kLookAgain);
  desk_.cache.prune([this](const operators::ObjectRef& object) {
    return desk_.index.is_wanted(object) || object.kind == operators::kTrusteeConfig ||
           object.kind == operators::kKbsConfig;
  });
  return {};
}

void Reconciler::nudge(const k8s::WorkKey& key, const std::vector<operators::ObjectRef>& wants) {
  if (key.kind != operators::kKbsConfig || key.ns != desk_.ns) return;
  unsigned& failures = nudge_failures_[key];
  failures = nudge_.after(key, wants).done ? 0 : failures + 1;
  if (failures > 0) queue_.add(key, kNudgeAgain.after(failures, desk_.client.pace().chance()));
}

bool Reconciler::wait_for_cache(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kTick{50};
  while (!desk_.cache.settled()) {
    if (!desk_.client.pace().sleep(kTick, stop)) return false;
  }
  return true;
}

void Reconciler::work_on(const k8s::WorkKey& key) {
  metrics::Gauge& active = desk_.metrics.active_workers.with({controller_});
  active.set(1);
  const k8s::Instant began = desk_.client.pace().now();
  const auto done = reconcile(key);
  const std::chrono::duration<double> took = desk_.client.pace().now() - began;
  active.set(0);
  desk_.metrics.reconcile_seconds.with({controller_}).observe(took.count());
  desk_.metrics.reconciles.with({controller_, done.ok() ? "success" : "error"}).add();
  if (!done.ok()) {
    desk_.metrics.reconcile_errors.with({controller_}).add();
    desk_.metrics.queue_retries.with({controller_}).add();
  }
  queue_.done(key, !done.ok());
  desk_.metrics.queue_depth.with({controller_}).set(static_cast<std::int64_t>(queue_.depth()));
}

void Reconciler::run(const std::stop_token& stop) {
  if (!wait_for_cache(stop)) return;
  while (auto key = queue_.take(stop)) {
    work_on(*key);
  }
}

}  // namespace trustee::control
