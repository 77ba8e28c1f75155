#include "fetch/vcek.h"

#include <algorithm>
#include <optional>

#include "amd/chain.h"
#include "base/try.h"
#include "fetch/errors.h"

namespace trustee::fetch {

namespace {

/// The codes that say more than "no source had it", most telling first.
std::optional<Errc> special_code(const std::vector<Error>& causes) {
  for (const Errc code :
       {Errc::peer_budget_exhausted, Errc::budget_exhausted, Errc::deadline_exceeded}) {
    for (const Error& cause : causes) {
      if (cause.is(code)) return code;
    }
  }
  return std::nullopt;
}

Error combined(const std::vector<Error>& causes) {
  std::string detail = causes.empty() ? "no source is configured" : "";
  for (const Error& cause : causes) {
    detail += (detail.empty() ? "" : "; ") + cause.to_string();
  }
  return {special_code(causes).value_or(Errc::vcek_unavailable), std::move(detail)};
}

}  // namespace

VcekFetcher::VcekFetcher(Settings settings, Ports ports)
    : settings_(std::move(settings)),
      ports_(std::move(ports)),
      budget_(settings_.budget, ports_.clock.now()),
      cache_(settings_.cache_capacity) {}

Result<ByteVec> VcekFetcher::get(const amd::VcekRequest& request, const amd::RootSet& roots,
                                 std::string_view peer, Time deadline) {
  const Question q{request, roots.of(request.product), amd::cache_name(request), peer, deadline};
  while (true) {
    if (auto known = find(q); known.ok()) return known;
    const Duration left = deadline - ports_.clock.now();
    if (left <= Duration::zero()) return Error(Errc::deadline_exceeded, q.name);
    bool mine = false;
    auto result = flights_.run(q.name, left, mine, [&] { return fetch(q); });
    if (result.ok() || mine) return result;
    // Another caller's budget and deadline are not ours: take the lead.
    const bool theirs = result.error().is(Errc::peer_budget_exhausted) ||
                        result.error().is(Errc::deadline_exceeded);
    if (!theirs) return result;
  }
}

Result<ByteVec> VcekFetcher::find(const Question& q) {
  MutexLock lock(mutex_);
  const Cached* known = cache_.find(q.name);
  if (known == nullptr || known->roots != q.roots.fingerprint()) return Errc::not_found;
  if (known->not_after < ports_.clock.now()) return Errc::not_found;  // KDS may have a newer one
  return known->der;
}

Result<ByteVec> VcekFetcher::fetch(const Question& q) {
  // Another flight may have landed between the caller's look and its take-off.
  if (auto known = find(q); known.ok()) return known;
  if (auto known = recall(q); known.ok()) return known;
  std::vector<Error> causes;
  for (const VcekSource& source : settings_.sources) {
    auto data = ask(source, q);
    auto der = data.ok() ? accept(*data, q) : std::move(data);
    if (der.ok()) {
      remember(q, *der);
      return der;
    }
    causes.push_back(std::move(der).error());
  }
  return combined(causes);
}

Result<ByteVec> VcekFetcher::ask(const VcekSource& source, const Question& q) {
  if (const auto* store = std::get_if<OfflineStore>(&source); store != nullptr) {
    return store->vcek(q.request);
  }
  const auto& settings = *std::get_if<Kds::Settings>(&source);
  // A request that KDS has no words for costs nothing.
  if (auto url = amd::kds_vcek_url(settings.base_url, q.request); !url.ok()) {
    return std::move(url).error();
  }
  TRY_VOID(spend(q));
  return Kds(settings, ports_.http, ports_.waiting, ports_.clock).vcek(q.request, q.deadline);
}

Result<void> VcekFetcher::spend(const Question& q) {
  MutexLock lock(mutex_);
  switch (budget_.spend(q.peer, ports_.clock.now())) {
    case collateral::Spend::granted:
      return {};
    case collateral::Spend::peer_exhausted:
      return Errc::peer_budget_exhausted;
    case collateral::Spend::all_exhausted:
      return Errc::budget_exhausted;
  }
  return Errc::budget_exhausted;
}

Result<ByteVec> VcekFetcher::accept(Bytes data, const Question& q) {
  auto vek = amd::verify_vek_chain({q.request.product, amd::VekKind::vcek, data, {}, {}}, q.roots);
  if (!vek.ok()) return Error(Errc::answer_unusable, vek.error().to_string());
  if (auto fits = amd::check_endorses(***vek, q.request); !fits.ok()) {
    return Error(Errc::answer_unusable, fits.error().to_string());
  }
  ByteVec der = (**vek)->certificate.der();
  MutexLock lock(mutex_);
  cache_.put(q.name, {der, (**vek)->not_after, q.roots.fingerprint()});
  return der;
}

Result<ByteVec> VcekFetcher::recall(const Question& q) {
  if (ports_.persistent == nullptr) return Errc::not_found;
  TRY(const auto stored, ports_.persistent->get(q.name));
  if (!stored.has_value()) return Errc::not_found;
  // What lay in a store is as little trusted as what came over the network.
  TRY(auto der, accept(*stored, q));
  if (!find(q).ok()) return Errc::not_found;  // past its date
  return der;
}

void VcekFetcher::remember(const Question& q, Bytes der) {
  if (ports_.persistent == nullptr) return;
  // A cache: when it cannot be written, the next restart fetches again.
  (void)ports_.persistent->put(q.name, der, kv::Overwrite::yes);
}

}  // namespace trustee::fetch
