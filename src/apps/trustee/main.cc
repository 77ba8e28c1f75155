#include "amd/roots.h"
#include "apps/process/process.h"
#include "apps/trustee/program.h"

int main(int argc, char** argv) {
  auto roots = trustee::amd::RootSet::built_in();
  if (!roots.ok()) return trustee::apps::fail(roots.error());
  return trustee::apps::run_trustee(argc, argv, {std::move(*roots), {}, false});
}
