#include "fetch/ports.h"

#include <thread>

#include "crypto/random.h"

namespace trustee::fetch {

void RealWaiting::pause(Duration d) { std::this_thread::sleep_for(d); }

std::uint32_t RealWaiting::jitter_percent() {
  ByteArray<1> drawn{};
  crypto::random_bytes(drawn);
  return drawn[0] * 101U / 256U;
}

}  // namespace trustee::fetch
