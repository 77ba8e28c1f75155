#pragma once

#include "apps/kbs_client/options.h"
#include "attester/machine.h"
#include "base/result.h"
#include "log/logger.h"

namespace trustee::apps {

/// Runs one command on `machine`. Results go to stdout, everything else to stderr.
Result<void> run_client(const ClientOptions& options, attester::Machine& machine,
                        const log::Logger& logger);

}  // namespace trustee::apps
