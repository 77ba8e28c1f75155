#include "apps/guest/own_machine.h"

#include <thread>

#include "attester/esys_tpm.h"

namespace trustee::apps {

OwnMachine::OwnMachine()
    : machine_{files_,
               devices_,
               metadata_,
               attester::open_esys_tpm,
               [](std::chrono::milliseconds time) { std::this_thread::sleep_for(time); },
               attester::Environment::of_process()} {}

}  // namespace trustee::apps
