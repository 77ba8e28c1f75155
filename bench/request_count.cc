// Answers exactly N requests of one kind in this process, on one thread: what an instruction
// counter runs twice, with N and 2N, to learn what one request costs. `rcar` is a challenge and an
// attestation; the guest's own part is one SHA-384 and some text.

#include <cstdlib>
#include <string_view>

#include "bench/support/check.h"
#include "bench/support/kbs_in_process.h"

int main(int argc, char** argv) {
  using trustee::bench::KbsInProcess;
  if (argc != 3) trustee::bench::give_up("usage: request_count challenge|rcar|get N");
  const std::string_view kind = argv[1];
  const int count = std::atoi(argv[2]);
  KbsInProcess kbs;
  const trustee::bench::Guest guest;
  // One handshake and one answer first: first use costs more.
  const auto attested = kbs.attest(guest);
  kbs.answer(KbsInProcess::get_request("cookie", attested.cookie));
  for (int i = 0; i < count; ++i) {
    if (kind == "challenge") {
      kbs.answer(KbsInProcess::auth_request());
    } else if (kind == "rcar") {
      kbs.attest(guest);
    } else if (kind == "get") {
      kbs.answer(KbsInProcess::get_request("cookie", attested.cookie));
    } else {
      trustee::bench::give_up("unknown kind of request");
    }
  }
  return 0;
}
