#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "tee/tee.h"

namespace trustee {

/// The roots of the folder that TEST_HIERARCHY names (test-hierarchy wrote it), else those of
/// tests/vectors/snp-test-pki and Intel's own. Errors: of files and certificates.
Result<tee::Trust> test_trust();

/// The machine's clock and, in front of it, as many seconds as the file holds that TEST_CLOCK names
/// (8 bytes, in the machine's order), which may change at any time. Asking makes no system call.
class MovableClock final : public Clock {
 public:
  /// Ends the process when the file is named and cannot be mapped.
  MovableClock();
  Time now() const override;

 private:
  const volatile std::int64_t* ahead_ = nullptr;
};

}  // namespace trustee
