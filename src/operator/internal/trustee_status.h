#pragma once

#include <optional>
#include <vector>

#include "codec/json.h"
#include "operator/conditions.h"
#include "operator/decide.h"

namespace trustee::operators::internal {

/// A status and the events of getting there.
struct ToldStatus {
  std::optional<json::Object> status;  ///< nothing: it stands already
  std::vector<Event> events;
};

/// The status of a TrusteeConfig: its own findings first, then what its KbsConfig says. `kc` may be
/// null. Source: operator specification, section 3.8; OP-45, OP-46.
ToldStatus trustee_status(const json::Object& tc, const json::Object* kc, const Findings& findings,
                          const Surroundings& surroundings);

}  // namespace trustee::operators::internal
