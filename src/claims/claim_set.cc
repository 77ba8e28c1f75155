#include "claims/claim_set.h"

#include "base/check.h"

namespace trustee::claims {

std::string_view to_string(TeeClass c) {
  switch (c) {
    case TeeClass::cpu:
      return "cpu";
    case TeeClass::gpu:
      return "gpu";
    case TeeClass::switch_:
      return "switch";
    case TeeClass::ppcie:
      return "ppcie";
    case TeeClass::dcu:
      return "dcu";
    case TeeClass::nvidia_dpu:
      return "nvidia-dpu";
  }
  check_failed("known TeeClass", __FILE__, __LINE__);
}

}  // namespace trustee::claims
