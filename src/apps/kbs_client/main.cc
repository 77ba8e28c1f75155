#include <unistd.h>

#include "apps/kbs_client/commands.h"
#include "apps/process/process.h"
#include "base/try.h"

namespace trustee::apps {
namespace {

// The log ends here, so that its lines stand before the error that they lead to.
Result<void> logged_run(const ClientOptions& options) {
  const SystemClock clock;
  TRY(const auto log, ProcessLog::create(STDERR_FILENO, "info", log::Format::text, clock));
  return run_client(options, log->logger("kbs_client"));
}

int main_of(int argc, char** argv) {
  const Parsed parsed = parse_client_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  harden_process();
  const auto done = logged_run(parsed.options);
  return done.ok() ? 0 : fail(done.error());
}

}  // namespace
}  // namespace trustee::apps

int main(int argc, char** argv) { return trustee::apps::main_of(argc, argv); }
