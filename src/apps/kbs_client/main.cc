#include "apps/guest/own_machine.h"
#include "apps/kbs_client/program.h"

int main(int argc, char** argv) {
  trustee::apps::OwnMachine own;
  return trustee::apps::run_kbs_client(argc, argv, own.machine());
}
