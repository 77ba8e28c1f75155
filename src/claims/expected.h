#pragma once

#include <optional>

#include "base/bytes.h"

namespace trustee::claims {

/// What the evidence must be bound to. Absent means that the caller was given nothing to compare
/// with, and the binding is not checked.
/// Shape     any length; each TEE pads or cuts to its field (or compares exactly) as it documents.
/// Lifetime  views, for the call.
struct Expected {
  std::optional<Bytes> report_data;
  std::optional<Bytes> init_data_hash;
};

}  // namespace trustee::claims
