#include "apps/kbs_client/program.h"

#include <unistd.h>

#include "apps/kbs_client/commands.h"
#include "apps/process/process.h"
#include "base/try.h"

namespace trustee::apps {
namespace {

// The log ends here, so that its lines stand before the error that they lead to.
Result<void> logged_run(const ClientOptions& options, attester::Machine& machine) {
  const SystemClock clock;
  TRY(const auto log, ProcessLog::create(STDERR_FILENO, "info", log::Format::text, clock));
  return run_client(options, machine, log->logger("kbs_client"));
}

int parse_and_run(int argc, char** argv, attester::Machine& machine) {
  const Parsed parsed = parse_client_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  harden_process();
  const auto done = logged_run(parsed.options, machine);
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace

int run_kbs_client(int argc, char** argv, attester::Machine& machine) {
  return run_program([&] { return parse_and_run(argc, argv, machine); });
}

}  // namespace trustee::apps
