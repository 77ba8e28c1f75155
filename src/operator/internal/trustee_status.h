#pragma once

#include <optional>
#include <string_view>
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

/// The KbsConfig of a TrusteeConfig.
struct ItsKbsConfig {
  const json::Object* stored = nullptr;  ///< null: there is none
  std::string_view intent;  ///< kIntentAnnotation of what was decided now; empty: nothing was
};

/// The status of a TrusteeConfig: its own findings first, then what its KbsConfig says. It is ready
/// by a KbsConfig that stands as decided and whose status is of what stands, not of what stood.
/// Source  operator specification, section 3.8, B17; OP-45, OP-46.
ToldStatus trustee_status(const json::Object& tc, const ItsKbsConfig& kbs_config,
                          const Findings& findings, const Surroundings& surroundings);

}  // namespace trustee::operators::internal
