#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "rcar/tee.h"

namespace trustee::attester {

/// Where a kind of machine carries an initdata digest, and what stands there then.
struct InitDataBinding {
  std::string_view field;  ///< e.g. `HOSTDATA`
  ByteVec value;
};

/// The digest cut or zero padded to the field; for vTPMs, PCR 8 after its extension.
/// Errors  init_data_size (vTPM, digest not of 32 bytes), init_data_unbound.
/// Source  client-and-guest specification 8.2.
Result<InitDataBinding> init_data_binding(rcar::Tee tee, Bytes digest);

}  // namespace trustee::attester
