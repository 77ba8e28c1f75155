#include "control/fresh_keys.h"

#include "crypto/random.h"

namespace trustee::control {

Result<SecretBytes> FreshKeys::session_key() const {
  constexpr std::size_t kSessionKey = 32;
  return crypto::random_secret(kSessionKey);
}

}  // namespace trustee::control
