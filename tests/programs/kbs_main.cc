// kbs with the roots of a test hierarchy, and a clock that a test can move.
#include "apps/kbs/program.h"
#include "apps/process/process.h"
#include "tests/programs/test_roots.h"

int main(int argc, char** argv) {
  auto trust = trustee::test_trust();
  if (!trust.ok()) return trustee::apps::fail(trust.error());
  const trustee::MovableClock clock;
  trustee::apps::ServiceOptions options;
  options.trust = std::move(*trust);
  return trustee::apps::run_kbs(argc, argv, std::move(options), clock);
}
