#include <cstddef>
#include <cstdint>

#include "authz/session_cookie.h"

namespace {

// A fixed ring, so that the corpus can hold cookies that open.
trustee::authz::CookieKeyRing ring() {
  std::vector<trustee::SecretBytes> keys;
  keys.push_back(trustee::SecretBytes(trustee::ByteVec(32, 7)));
  return std::move(trustee::authz::CookieKeyRing::create(std::move(keys))).value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kRing = ring();
  (void)kRing.open(trustee::as_text({data, size}), trustee::from_unix_seconds(1'795'000'000));
  return 0;
}
