#pragma once

#include "base/error.h"

namespace trustee::sample {

// The texts are upstream's, as they reach the wire inside "Verifier evaluate failed: …".
#define TRUSTEE_SAMPLE_ERRORS(X)                            \
  X(evidence_malformed, guest, "Deserialize Quote failed.") \
  X(report_data_mismatch, guest, "REPORT_DATA is different from that in Sample Quote")
TRUSTEE_ERROR_CODES(Errc, "sample", TRUSTEE_SAMPLE_ERRORS)

}  // namespace trustee::sample
