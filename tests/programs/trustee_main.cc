// trustee with the roots of a test hierarchy.
#include "apps/process/process.h"
#include "apps/trustee/program.h"
#include "tests/programs/test_roots.h"

int main(int argc, char** argv) {
  const auto trust = trustee::test_trust();
  if (!trust.ok()) return trustee::apps::fail(trust.error());
  return trustee::apps::run_trustee(argc, argv, *trust);
}
