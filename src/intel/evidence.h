#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "claims/expected.h"
#include "codec/json.h"
#include "intel/needs.h"

namespace trustee::intel {

/// Evidence JSON around an Intel quote, with the rest of its members unread.
struct EvidenceDocument {
  ByteVec quote;
  json::Object members;
};

/// Reads an evidence object whose member `quote` is base64 (standard alphabet, padded). At most
/// `max` bytes. Details are in upstream's words for `tee`.
/// Errors  evidence_malformed, quote_empty, quote_not_base64.
Result<EvidenceDocument> read_evidence(std::string_view text, TeeType tee, std::size_t max);

/// REPORTDATA is `expected`, padded with zeros or cut to 64 bytes. Errors: report_data_mismatch.
Result<void> check_report_data(const ByteArray<64>& report_data, TeeType tee,
                               const claims::Expected& expected);

}  // namespace trustee::intel
