#pragma once

#include "apps/kbs_client/options.h"
#include "base/result.h"
#include "log/logger.h"

namespace trustee::apps {

/// Runs one command. Results go to stdout, everything else to stderr.
Result<void> run_client(const ClientOptions& options, const log::Logger& logger);

}  // namespace trustee::apps
