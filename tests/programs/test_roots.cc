#include "tests/programs/test_roots.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "amd/roots.h"
#include "base/try.h"
#include "reload/files.h"

namespace trustee {

Result<tee::Trust> test_trust() {
  const std::string pki = TRUSTEE_VECTORS "snp-test-pki/";
  const char* hierarchy = std::getenv("TEST_HIERARCHY");
  const std::string roots = hierarchy == nullptr ? "" : std::string(hierarchy) + "/roots/";
  TRY(const std::string milan, reload::read_file(pki + "roots-milan.pem"));
  TRY(const std::string genoa,
      reload::read_file(roots.empty() ? pki + "roots-genoa.pem" : roots + "genoa.pem"));
  TRY(const std::string turin, reload::read_file(pki + "roots-turin.pem"));
  TRY(amd::RootSet amd_roots, amd::RootSet::create(milan, genoa, turin));
  tee::Trust out{std::move(amd_roots), {}, true};
  if (roots.empty()) return out;
  TRY(const std::string der, reload::read_file(roots + "intel.der"));
  TRY(const crypto::Certificate root, crypto::Certificate::from_der(as_bytes(der)));
  TRY(out.intel_root, intel::RootKey::of(root));
  return out;
}

MovableClock::MovableClock() {
  const char* path = std::getenv("TEST_CLOCK");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  void* page = fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof *ahead_, PROT_READ, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) {
    std::perror(path);
    std::exit(2);
  }
  ::close(fd);
  ahead_ = static_cast<const volatile std::int64_t*>(page);
}

Time MovableClock::now() const {
  const Time now = SystemClock().now();
  return ahead_ == nullptr ? now : now + std::chrono::seconds(*ahead_);
}

}  // namespace trustee
