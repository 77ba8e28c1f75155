#pragma once

#include "attester/machine.h"

namespace trustee::apps {

/// The program `kbs-client` with its command line, on a machine: the shipped main.cc gives the one
/// it runs on. The exit status.
int run_kbs_client(int argc, char** argv, attester::Machine& machine);

}  // namespace trustee::apps
