#pragma once

#include <map>
#include <string>
#include <utility>

#include "amd/crl.h"
#include "amd/roots.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "collateral/freshness.h"
#include "fetch/internal/single_flight.h"
#include "fetch/kds.h"
#include "fetch/ports.h"

namespace trustee::fetch {

/// Keeps the ARKs' revocation lists fresh: a list serves from memory, is renewed when
/// collateral::freshness_at says so, and goes on serving until its own end when KDS does not
/// answer. There are six lists at most, and a failed fetch is not repeated for `hold_off`, so no
/// peer can make KDS be asked more often. Blocking; safe from many threads.
class CrlFetcher {
 public:
  struct Settings {
    Kds::Settings kds;
    collateral::RefreshRule refresh;
    Duration hold_off = std::chrono::seconds(30);
  };
  /// Lifetime: the ports outlive the fetcher.
  CrlFetcher(Settings settings, HttpGet& http, Waiting& waiting, const Clock& clock)
      : settings_(std::move(settings)), kds_(settings_.kds, http, waiting, clock), clock_(clock) {}

  /// A list that is valid now. Errors: crl_unavailable, deadline_exceeded.
  Result<amd::ArkCrl> get(amd::Product product, amd::VekKind kind, const amd::RootSet& roots,
                          Time deadline);

 private:
  struct Known {
    amd::ArkCrl crl;
    collateral::Validity validity;
    ByteArray<32> roots;
  };
  struct Question {
    amd::Product product;
    amd::VekKind kind;
    const amd::Roots& roots;
    Time deadline;
    std::string name;
  };

  /// The list in memory, when its freshness is at least that good.
  Result<amd::ArkCrl> find(const Question& q, collateral::Freshness worst);
  Result<amd::ArkCrl> fetch(const Question& q);
  bool held_off(const Question& q);

  Settings settings_;
  Kds kds_;
  const Clock& clock_;
  internal::SingleFlight<amd::ArkCrl> flights_;
  Mutex mutex_;
  std::map<std::string, Known> known_ TRUSTEE_GUARDED_BY(mutex_);
  std::map<std::string, Time> not_before_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace trustee::fetch
