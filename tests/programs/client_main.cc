// kbs-client on a machine that the environment describes.
#include <cstdio>

#include "apps/kbs_client/program.h"
#include "tests/programs/simulated_machine.h"

int main(int argc, char** argv) {
  trustee::FakeMachine fake;
  if (!trustee::simulate(fake)) {
    std::fprintf(stderr, "SIMULATED_TEE names no machine\n");
    return 2;
  }
  return trustee::apps::run_kbs_client(argc, argv, fake.machine);
}
