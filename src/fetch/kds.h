#pragma once

#include <string>

#include "amd/kds.h"
#include "amd/product.h"
#include "amd/vek.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "collateral/retry.h"
#include "fetch/ports.h"

namespace trustee::fetch {

/// AMD's Key Distribution Service, or a mirror of it, behind a base URL. Asks again as
/// collateral::next_step says; every attempt is bounded. Safe from many threads.
class Kds {
 public:
  struct Settings {
    std::string base_url = std::string(amd::kKdsDefaultBase);
    collateral::RetryRule retry;
    Duration attempt_timeout = std::chrono::seconds(10);
  };
  /// Lifetime: the ports outlive this object.
  Kds(Settings settings, HttpGet& http, Waiting& waiting, const Clock& clock)
      : settings_(std::move(settings)), http_(http), waiting_(waiting), clock_(clock) {}

  /// The answer's bytes, unchecked.
  /// Errors  amd::hardware_id_zero, amd::fmc_missing; not_found, overloaded, service_failed,
  ///         unreachable, deadline_exceeded.
  Result<ByteVec> vcek(const amd::VcekRequest& request, Time deadline);
  /// The same for the ARK's revocation list.
  Result<ByteVec> crl(amd::Product product, amd::VekKind kind, Time deadline);

 private:
  Result<ByteVec> get(const std::string& url, Time deadline);

  Settings settings_;
  HttpGet& http_;
  Waiting& waiting_;
  const Clock& clock_;
};

}  // namespace trustee::fetch
