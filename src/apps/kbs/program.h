#pragma once

#include "apps/service/kbs_service.h"
#include "base/clock.h"

namespace trustee::apps {

/// The program `kbs` with its command line, for given roots and time: the shipped main.cc gives
/// the vendors' roots and the machine's clock. The exit status.
int run_kbs(int argc, char** argv, ServiceOptions options, const Clock& clock);

}  // namespace trustee::apps
