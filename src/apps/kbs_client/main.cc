#include <unistd.h>

#include "apps/kbs_client/commands.h"
#include "apps/process/process.h"

namespace trustee::apps {
namespace {

int main_of(int argc, char** argv) {
  const Parsed parsed = parse_client_options(argc, argv);
  if (parsed.exit_status) return *parsed.exit_status;
  harden_process();
  const SystemClock clock;
  auto log = ProcessLog::create(STDERR_FILENO, "info", log::Format::text, clock);
  if (!log.ok()) return fail(log.error());
  return run_client(parsed.options, (*log)->logger("kbs_client"));
}

}  // namespace
}  // namespace trustee::apps

int main(int argc, char** argv) { return trustee::apps::main_of(argc, argv); }
