#pragma once

#include <functional>

#include "control/cache.h"
#include "operator/decide.h"

namespace trustee::control {

using Decide = std::function<operators::Decision(const operators::Snapshot&)>;

/// Told of each object before it is read for the first time: a change from then on must wake.
using BeforeLoad = std::function<void(const operators::ObjectRef&)>;

/// Makes a decision from what it looks at: decides, loads what it looked at and was not loaded yet,
/// and decides again until nothing is missing.
/// Errors  unsettled; those of Cache::find.
/// Cost  one decision for each depth of references, about four.
Result<operators::Decision> settle(const Decide& decide, Cache& cache,
                                   operators::Snapshot& snapshot, const BeforeLoad& before_load);

}  // namespace trustee::control
