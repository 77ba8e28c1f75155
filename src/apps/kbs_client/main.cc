#include <thread>

#include "apps/kbs_client/metadata_service.h"
#include "apps/kbs_client/program.h"
#include "attester/esys_tpm.h"
#include "attester/linux_machine.h"

int main(int argc, char** argv) {
  trustee::attester::LinuxFiles files;
  trustee::attester::LinuxDevices devices;
  trustee::apps::MetadataService metadata;
  trustee::attester::Machine machine{
      files,
      devices,
      metadata,
      trustee::attester::open_esys_tpm,
      [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
      trustee::attester::Environment::of_process()};
  return trustee::apps::run_kbs_client(argc, argv, machine);
}
