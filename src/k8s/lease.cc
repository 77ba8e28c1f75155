#include "k8s/lease.h"

#include <cstdio>
#include <thread>
#include <utility>

#include "base/try.h"
#include "codec/time.h"
#include "k8s/internal/lease_term.h"

namespace trustee::k8s {
namespace {

std::int64_t number_of(const json::Object& spec, std::string_view name, std::int64_t otherwise) {
  const json::Value* value = spec.find(name);
  const json::Number* number = value == nullptr ? nullptr : value->as_number();
  return number == nullptr ? otherwise : number->as_i64().value_or(otherwise);
}

json::Object spec_of(const json::Object& lease) {
  const json::Value* spec = lease.find("spec");
  const json::Object* fields = spec == nullptr ? nullptr : spec->as_object();
  return fields == nullptr ? json::Object() : *fields;
}

}  // namespace

std::string micro_time(Time t) {
  std::string out = codec::rfc3339_seconds(t);
  const auto since = t.time_since_epoch();
  const auto micros = since - std::chrono::floor<std::chrono::seconds>(since);
  char fraction[16];
  std::snprintf(fraction, sizeof fraction, ".%06dZ", static_cast<int>(micros.count()));
  out.replace(out.size() - 1, 1, fraction);
  return out;
}

Election::Election(Client& client, const Clock& clock, Key lease, std::string identity,
                   LeaseTerms terms)
    : client_(client),
      clock_(clock),
      lease_(std::move(lease)),
      identity_(std::move(identity)),
      terms_(terms) {}

// By our own clock.
bool Election::is_over(const Sighting& seen) const {
  return client_.pace().now() - seen.at >= seen.duration;
}

// Another's lease may be taken when it did not move for its whole duration.
bool Election::may_take(const json::Object& spec) {
  const std::string holder(text_member(spec, "holderIdentity"));
  if (holder.empty() || holder == identity_) {
    seen_.reset();
    return true;
  }
  const std::string renewal(text_member(spec, "renewTime"));
  const std::chrono::seconds duration(
      number_of(spec, "leaseDurationSeconds", terms_.duration.count()));
  if (!seen_.has_value() || seen_->holder != holder || seen_->renewal != renewal) {
    const Instant now = client_.pace().now();
    seen_ = {.holder = holder, .renewal = renewal, .duration = duration, .at = now};
    return false;
  }
  seen_->duration = duration;
  return is_over(*seen_);
}

// A holder whose lease somebody deleted writes on until it notices.
bool Election::may_make() const { return may_hold_ || !seen_.has_value() || is_over(*seen_); }

Result<bool> Election::claim(json::Object lease) {
  json::Object spec = spec_of(lease);
  const std::string now = micro_time(clock_.now());
  const std::string holder(text_member(spec, "holderIdentity"));
  if (holder != identity_) {
    spec.set("acquireTime", now);
    spec.set("leaseTransitions", number_of(spec, "leaseTransitions", 0) + 1);
  }
  spec.set("holderIdentity", identity_);
  spec.set("leaseDurationSeconds", terms_.duration.count());
  spec.set("renewTime", now);
  lease.set("spec", std::move(spec));
  may_hold_ = true;  // a write without an answer may have been done
  auto written = client_.update(kLeases, lease, {});
  if (written.ok()) {
    seen_.reset();
    return true;
  }
  if (written.error().is(Errc::conflict)) return false;  // the next attempt sees whose it is
  return std::move(written).error();
}

Result<bool> Election::attempt() {
  auto lease = client_.get(kLeases, lease_);
  if (lease.ok()) {
    if (!may_take(spec_of(*lease))) {
      may_hold_ = false;
      return false;
    }
    return claim(std::move(*lease));
  }
  if (!lease.error().is(Errc::not_found)) return std::move(lease).error();
  if (!may_make()) return false;
  return make();
}

Result<bool> Election::make() {
  const std::string now = micro_time(clock_.now());
  const json::Object fresh{
      {"apiVersion", kLeases.api_version()},
      {"kind", kLeases.kind},
      {"metadata", json::Object{{"name", lease_.name}, {"namespace", lease_.ns}}},
      {"spec", json::Object{{"holderIdentity", identity_},
                            {"leaseDurationSeconds", terms_.duration.count()},
                            {"acquireTime", now},
                            {"renewTime", now},
                            {"leaseTransitions", 0}}}};
  seen_.reset();  // whoever was seen has no lease any more
  may_hold_ = true;
  auto made = client_.create(kLeases, fresh, {});
  if (made.ok()) return true;
  if (made.error().is(Errc::already_exists)) return false;
  return std::move(made).error();
}

Result<void> Election::release() {
  if (!may_hold_) return {};
  auto read = client_.get(kLeases, lease_);
  const bool none = !read.ok() && read.error().is(Errc::not_found);
  if (!none) {
    TRY(json::Object lease, std::move(read));
    if (text_member(spec_of(lease), "holderIdentity") == identity_) {
      TRY_VOID(vacate(std::move(lease)));
    }
  }
  may_hold_ = false;
  return {};
}

Result<void> Election::vacate(json::Object lease) {
  json::Object spec = spec_of(lease);
  spec.set("holderIdentity", "");
  spec.set("leaseDurationSeconds", 1);
  spec.set("renewTime", micro_time(clock_.now()));
  lease.set("spec", std::move(spec));
  TRY_VOID(client_.update(kLeases, lease, {}));
  return {};
}

// What is not given up keeps others waiting until it has run out.
Result<void> Election::give_up() {
  constexpr int kTries = 3;
  constexpr std::chrono::milliseconds kPause{500};
  for (int left = kTries - 1;; --left) {
    auto done = release();
    if (done.ok() || left == 0 || done.error().is(Errc::stopped)) return done;
    client_.pace().sleep(kPause, {});
  }
}

bool Election::wait(const std::stop_token& stop) {
  constexpr double kJitter = 0.2;
  const double spread = 1.0 + kJitter * client_.pace().chance();
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(terms_.retry * spread);
  return client_.pace().sleep(time, stop);
}

Result<bool> Election::told_attempt(const ElectionCalls& calls) {
  auto got = attempt();
  if (!got.ok() && calls.on_trouble) calls.on_trouble(got.error());
  return got;
}

std::optional<Instant> Election::win(const std::stop_token& stop, const ElectionCalls& calls) {
  do {
    const Instant asked = client_.pace().now();
    const auto got = told_attempt(calls);
    const bool in_time = client_.pace().now() - asked < terms_.renew_deadline;
    if (got.ok() && *got && in_time) return asked;
  } while (wait(stop));
  return std::nullopt;
}

Result<void> Election::renew(const std::stop_token& stop, LeaseTerm& term,
                             const ElectionCalls& calls) {
  while (wait(stop)) {
    const Instant asked = client_.pace().now();
    const auto kept = told_attempt(calls);
    if (kept.ok() && *kept) {
      TRY_VOID(term.renewed(asked));
    } else if (kept.ok() && seen_.has_value()) {
      return term.lose("held by " + seen_->holder);
    } else if (term.is_over()) {
      return term.lose(kept.ok() ? std::string() : kept.error().to_string());
    }
  }
  if (term.is_over()) return term.lose("not renewed in time");
  return {};
}

Result<void> Election::hold(const std::stop_token& stop, const ElectionCalls& calls) {
  const auto won = win(stop, calls);
  if (!won.has_value()) return give_up();
  {
    LeaseTerm term(client_.pace(), terms_.renew_deadline, *won, calls.on_lost);
    if (calls.on_leading) calls.on_leading();
    TRY_VOID(renew(stop, term, calls));
    // What is being written is finished first, and must not outlive the lease either.
    std::stop_source finished;
    const std::jthread finisher([&] {
      if (calls.on_stopping) calls.on_stopping();
      finished.request_stop();
    });
    TRY_VOID(renew(finished.get_token(), term, calls));
  }
  return give_up();
}

}  // namespace trustee::k8s
