#pragma once

#include "base/clock.h"

namespace trustee::apps {

/// The program `manager`, the operator, with its command line. The exit status: 0 stopped, 1
/// failed, 2 wrong usage. Source: operator.md section 6.
int run_manager(int argc, char** argv, const Clock& clock);

}  // namespace trustee::apps
