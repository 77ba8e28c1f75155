#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"

namespace trustee::eventlog {

/// The nodes of a UEFI device path without its end node, each as text, e.g. `Pci(0,1)`. A node that
/// is not known or whose content does not fit its kind becomes `Path(type,subtype,hex)`.
/// Errors  event_data_malformed (no node, or a node length below 4 or beyond the end).
/// Source  UEFI 2.10, 10.3; attestation service specification 12.3.
Result<json::Array> device_path_texts(Bytes path);

}  // namespace trustee::eventlog
