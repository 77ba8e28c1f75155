#pragma once

#include "codec/json.h"
#include "rcar/tee.h"

namespace trustee::claims {

using rcar::TeeClass;

/// What verified evidence says, under the names that policies read.
struct ClaimSet {
  json::Object claims;
  TeeClass tee_class = TeeClass::cpu;
};

}  // namespace trustee::claims
