#include "k8s/lease.h"

#include <cstdio>

#include "base/try.h"
#include "codec/time.h"

namespace trustee::k8s {
namespace {

std::string text_of(const json::Object& spec, std::string_view name) {
  const json::Value* value = spec.find(name);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : *text;
}

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

// Another's lease may be taken when it did not move for its whole duration, by our own clock.
bool Election::may_take(const json::Object& spec) {
  const std::string holder = text_of(spec, "holderIdentity");
  if (holder.empty() || holder == identity_) return true;
  const std::string renewal = text_of(spec, "renewTime");
  const Instant now = client_.pace().now();
  if (holder != seen_holder_ || renewal != seen_renewal_) {
    seen_holder_ = holder;
    seen_renewal_ = renewal;
    seen_at_ = now;
    return false;
  }
  const std::chrono::seconds duration(
      number_of(spec, "leaseDurationSeconds", terms_.duration.count()));
  return now - seen_at_ >= duration;
}

Result<bool> Election::claim(json::Object lease) {
  json::Object spec = spec_of(lease);
  const std::string now = micro_time(clock_.now());
  const std::string holder = text_of(spec, "holderIdentity");
  if (holder != identity_) {
    spec.set("acquireTime", now);
    spec.set("leaseTransitions", number_of(spec, "leaseTransitions", 0) + 1);
  }
  spec.set("holderIdentity", identity_);
  spec.set("leaseDurationSeconds", terms_.duration.count());
  spec.set("renewTime", now);
  lease.set("spec", std::move(spec));
  auto written = client_.update(kLeases, lease, {});
  if (!written.ok()) {
    held_ = json::Object();
    if (written.error().is(Errc::conflict)) return false;
    return std::move(written).error();
  }
  held_ = std::move(*written);
  seen_holder_.clear();
  return true;
}

Result<bool> Election::attempt() {
  auto lease = client_.get(kLeases, lease_);
  if (lease.ok()) {
    if (!may_take(spec_of(*lease))) {
      held_ = json::Object();
      return false;
    }
    return claim(std::move(*lease));
  }
  if (!lease.error().is(Errc::not_found)) return std::move(lease).error();
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
  auto made = client_.create(kLeases, fresh, {});
  if (!made.ok()) {
    if (made.error().is(Errc::already_exists)) return false;
    return std::move(made).error();
  }
  held_ = std::move(*made);
  return true;
}

Result<void> Election::release() {
  if (held_.empty()) return {};
  json::Object lease = std::exchange(held_, json::Object());
  json::Object spec = spec_of(lease);
  spec.set("holderIdentity", "");
  spec.set("leaseDurationSeconds", 1);
  spec.set("renewTime", micro_time(clock_.now()));
  lease.set("spec", std::move(spec));
  TRY_VOID(client_.update(kLeases, lease, {}));
  return {};
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

Result<void> Election::hold(const std::stop_token& stop, const ElectionCalls& calls) {
  while (true) {
    const auto got = told_attempt(calls);
    if (got.ok() && *got) break;
    if (!wait(stop)) return {};
  }
  if (calls.on_leading) calls.on_leading();
  Instant renewed = client_.pace().now();
  while (wait(stop)) {
    const Instant asked = client_.pace().now();
    const auto kept = told_attempt(calls);
    if (kept.ok() && *kept) {
      renewed = asked;
    } else if (kept.ok() && !seen_holder_.empty() && held_.empty()) {
      return Error(Errc::lease_lost, "held by " + seen_holder_);
    }
    if (client_.pace().now() - renewed >= terms_.renew_deadline) {
      return Error(Errc::lease_lost, kept.ok() ? std::string() : kept.error().to_string());
    }
  }
  if (calls.on_stopping) calls.on_stopping();
  return release();
}

}  // namespace trustee::k8s
