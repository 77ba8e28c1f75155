#pragma once

#include "apps/kbs_client/options.h"
#include "log/logger.h"

namespace trustee::apps {

/// Runs one command; the exit status. Results go to stdout, everything else to stderr.
int run_client(const ClientOptions& options, const log::Logger& logger);

}  // namespace trustee::apps
