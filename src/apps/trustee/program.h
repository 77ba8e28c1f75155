#pragma once

#include "tee/tee.h"

namespace trustee::apps {

/// The program `trustee` with its command line, for given roots: the shipped main.cc gives the
/// vendors'. The exit status.
int run_trustee(int argc, char** argv, const tee::Trust& trust);

}  // namespace trustee::apps
