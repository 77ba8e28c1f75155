#pragma once

#include <cstdint>
#include <string_view>

#include "codec/json.h"

namespace trustee::claims {

/// What kind of device a set of claims speaks of. It chooses the policy (`default_cpu`) and the
/// submodule (`cpu0`) of the token.
enum class TeeClass : std::uint8_t { cpu, gpu, switch_, ppcie, dcu, nvidia_dpu };

/// The wire name: `cpu`, `gpu`, `switch`, `ppcie`, `dcu`, `nvidia-dpu`.
std::string_view to_string(TeeClass c);

/// What verified evidence says, under the names that policies read.
struct ClaimSet {
  json::Object claims;
  TeeClass tee_class = TeeClass::cpu;
};

}  // namespace trustee::claims
