// kbs with the roots of tests/vectors/snp-test-pki in place of AMD's.
#include <cstdio>

#include "amd/roots.h"
#include "apps/kbs/program.h"
#include "base/try.h"
#include "reload/files.h"

namespace {

using namespace trustee;

Result<tee::Trust> test_trust() {
  const std::string pki = TRUSTEE_VECTORS "snp-test-pki/";
  TRY(const std::string milan, reload::read_file(pki + "roots-milan.pem"));
  TRY(const std::string genoa, reload::read_file(pki + "roots-genoa.pem"));
  TRY(const std::string turin, reload::read_file(pki + "roots-turin.pem"));
  TRY(amd::RootSet roots, amd::RootSet::create(milan, genoa, turin));
  return tee::Trust{std::move(roots), {}, true};
}

}  // namespace

int main(int argc, char** argv) {
  auto trust = test_trust();
  if (!trust.ok()) {
    std::fprintf(stderr, "%s\n", trust.error().to_string().c_str());
    return 1;
  }
  const SystemClock clock;
  apps::ServiceOptions options;
  options.trust = std::move(*trust);
  return apps::run_kbs(argc, argv, std::move(options), clock);
}
