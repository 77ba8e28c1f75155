#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "rcar/tee.h"

namespace trustee::rcar {

/// Where a kind of machine carries an initdata digest, and what stands there then.
struct InitDataBinding {
  std::string_view field;  ///< e.g. `HOSTDATA`
  ByteVec value;
};

/// The digest cut or zero padded to the field; for vTPMs, PCR 8 after its extension.
/// Errors  init_data_size (vTPM, digest not of 32 bytes), init_data_unbound.
/// Source  client-and-guest specification 8.2.
Result<InitDataBinding> init_data_binding(Tee tee, Bytes digest);

/// What PCR 8 of the SHA-256 bank holds once it was extended by an initdata digest.
/// Errors  init_data_size.
Result<ByteArray<32>> pcr8_of_init_data(Bytes digest);

}  // namespace trustee::rcar
