#pragma once

#include <memory>
#include <string>

#include "apps/kbs_client/options.h"
#include "attester/detect.h"
#include "client/tee_key.h"

namespace trustee::apps {

/// Where a command gets its evidence: as the kind of machine that --tee names, else as what the
/// machine is. A machine that is none sends sample evidence, after one line on standard error that
/// no log filter takes away.
/// Errors  tee_unsupported; rcar::init_data_size when the machine binds initdata to PCR 8 and the
///         document's digest does not fit, since a server could only refuse it.
Result<std::unique_ptr<attester::MachineSource>> evidence_source(const ClientOptions& options,
                                                                 attester::Machine& machine);

/// What `kbs-client evidence` prints: the machine's evidence for --report-data, or the whole
/// message for --nonce. Errors: those of evidence_source and of the machine.
Result<std::string> evidence_text(const ClientOptions& options, attester::Machine& machine,
                                  const client::TeeKey& key);

}  // namespace trustee::apps
