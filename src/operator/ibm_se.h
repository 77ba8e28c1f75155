#pragma once

#include <optional>
#include <vector>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/decide.h"
#include "operator/lookup.h"

namespace trustee::operators {

/// What IBM Secure Execution needs of the cluster.
struct IbmVolume {
  /// The volume is missing, or it or the claim is another's; and that such guests are refused.
  std::vector<Problem> problems;
  std::optional<json::Object> create;  ///< the claim
  std::optional<Removal> remove;       ///< the claim that is not asked for any more
};

/// Checks the PersistentVolume of `spec.ibmSE` and its claim, or finds the claim that is left over
/// when there is no `spec.ibmSE`: it is removed where the volume keeps what it holds.
/// Source  operator specification, section 3.10, B20; OP-50 to OP-52.
IbmVolume ibm_volume(const json::Object& tc, Lookup& lookup, const Surroundings& surroundings);

}  // namespace trustee::operators
