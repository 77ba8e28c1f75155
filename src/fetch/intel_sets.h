#pragma once

#include <array>

#include "base/lru_map.h"
#include "base/mutex.h"
#include "base/result.h"
#include "fetch/engine.h"
#include "intel/collateral.h"
#include "intel/needs.h"
#include "intel/pcs.h"

namespace trustee::fetch {

/// Puts Intel's documents together, once for each set of them. Safe from many threads.
class IntelSets {
 public:
  IntelSets(Engine& engine, intel::TcbUpdate update) : engine_(engine), update_(update) {}

  /// As peek_for; null when something is missing. Errors: those of intel::combine.
  Result<intel::VerifiedCollateral> peek(const intel::Needs& needs);
  /// As get_for. Errors: also those of intel::combine.
  Result<intel::VerifiedCollateral> get(const intel::Needs& needs, const Asker& asker);

 private:
  /// The four documents of one set, in the order of IntelIds.
  using Documents = std::array<HeldPtr, 4>;
  struct Combined {
    Documents of;
    intel::VerifiedCollateral collateral;
  };
  Result<intel::VerifiedCollateral> combine(const intel::CollateralRequest& request,
                                            const Documents& documents);

  Engine& engine_;
  const intel::TcbUpdate update_;
  Mutex mutex_;
  LruMap<intel::CollateralRequest, Combined> sets_ TRUSTEE_GUARDED_BY(mutex_){256};
};

}  // namespace trustee::fetch
