#pragma once

#include "apps/trustee/appraise_file.h"

namespace trustee::apps {

/// `trustee verify`: one evidence file, verified and appraised on this machine.
struct VerifyOptions {
  EvidenceFile evidence;
  bool json = false;
};

/// Exit status: 0 when the evidence verifies (whatever the appraisal says), 4 when it does not.
/// Errors: those of appraise_file.
Result<int> run_verify(const VerifyOptions& options, const tee::Trust& trust);

}  // namespace trustee::apps
