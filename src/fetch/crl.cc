#include "fetch/crl.h"

#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

using collateral::Freshness;

Result<amd::ArkCrl> CrlFetcher::get(amd::Product product, amd::VekKind kind,
                                    const amd::RootSet& roots, Time deadline) {
  const Question q{product, kind, roots.of(product), deadline, amd::kds_crl_url("", product, kind)};
  if (auto fresh = find(q, Freshness::fresh); fresh.ok()) return fresh;
  const Duration left = deadline - clock_.now();
  if (!held_off(q) && left > Duration::zero()) {
    bool mine = false;
    auto fetched = flights_.run(q.name, left, mine, [&] { return fetch(q); });
    if (fetched.ok()) return fetched;
    if (auto old = find(q, Freshness::refresh_due); old.ok()) return old;
    return Error(fetched.error().is(Errc::deadline_exceeded) ? Errc::deadline_exceeded
                                                             : Errc::crl_unavailable,
                 fetched.error().to_string());
  }
  if (auto old = find(q, Freshness::refresh_due); old.ok()) return old;
  return Error(Errc::crl_unavailable, "the last attempt failed a short while ago");
}

Result<amd::ArkCrl> CrlFetcher::find(const Question& q, Freshness worst) {
  MutexLock lock(mutex_);
  const auto it = known_.find(q.name);
  if (it == known_.end() || it->second.roots != q.roots.fingerprint()) return Errc::not_found;
  const Freshness now =
      collateral::freshness_at(it->second.validity, settings_.refresh, clock_.now());
  if (static_cast<int>(now) > static_cast<int>(worst)) return Errc::not_found;
  return it->second.crl;
}

Result<amd::ArkCrl> CrlFetcher::fetch(const Question& q) {
  if (auto fresh = find(q, Freshness::fresh); fresh.ok()) return fresh;
  const auto checked = [&]() -> Result<amd::ArkCrl> {
    TRY(const ByteVec data, kds_.crl(q.product, q.kind, q.deadline));
    return amd::ArkCrl::create(data, q.product, q.roots, clock_.now());
  };
  auto crl = checked();
  MutexLock lock(mutex_);
  if (!crl.ok()) {
    not_before_[q.name] = clock_.now() + settings_.hold_off;
    return crl;
  }
  not_before_.erase(q.name);
  known_.insert_or_assign(q.name,
                          Known{*crl, {clock_.now(), crl->next_update()}, q.roots.fingerprint()});
  return crl;
}

bool CrlFetcher::held_off(const Question& q) {
  MutexLock lock(mutex_);
  const auto it = not_before_.find(q.name);
  return it != not_before_.end() && clock_.now() < it->second;
}

}  // namespace trustee::fetch
