#pragma once

#include "apps/guest/metadata_service.h"
#include "attester/linux_machine.h"
#include "attester/machine.h"

namespace trustee::apps {

/// The machine that this process runs on, with all that evidence is made from.
class OwnMachine {
 public:
  OwnMachine();
  OwnMachine(const OwnMachine&) = delete;
  OwnMachine& operator=(const OwnMachine&) = delete;

  /// Lifetime: that of this object.
  attester::Machine& machine() { return machine_; }

 private:
  attester::LinuxFiles files_;
  attester::LinuxDevices devices_;
  MetadataService metadata_;
  attester::Machine machine_;
};

}  // namespace trustee::apps
