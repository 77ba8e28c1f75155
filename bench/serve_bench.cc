// What a request costs in the handler, parsed request in, answer out, without sockets, against the
// public-key operations it cannot avoid, measured in turns in the same run. CPU time of one thread,
// the best of many batches.

#include <utility>
#include <vector>

#include "appraise/default_policies.h"
#include "appraise/evaluate.h"
#include "bench/support/check.h"
#include "bench/support/kbs_in_process.h"
#include "bench/support/rows.h"
#include "bench/support/stopwatch.h"
#include "codec/base64.h"
#include "crypto/random.h"
#include "crypto/symmetric.h"

namespace trustee::bench {
namespace {

constexpr int kRounds = 60;
constexpr double kChallengesPerSecond = 30'000;

enum Row : std::uint8_t {
  seal,
  challenge,
  sign,
  policy,
  handshake,
  agreement,
  get_by_cookie,
  get_by_bearer,
};

// The annotated evidence in a token: what the policy read.
std::string policy_input(std::string_view token) {
  const std::size_t start = token.find('.') + 1;
  const std::string_view part = token.substr(start, token.find('.', start) - start);
  const ByteVec payload = must(codec::base64url_decode(part));
  const json::Value claims = must(json::parse(as_text(payload)));
  const json::Value* input = claims.at_pointer("/submods/cpu0/ear.veraison.annotated-evidence");
  if (input == nullptr) give_up("the token has no annotated evidence");
  return json::write(*input);
}

std::shared_ptr<const appraise::Policy> default_cpu_policy() {
  for (const auto& shipped : appraise::default_policies()) {
    if (shipped.id == "default_cpu") {
      return must(appraise::Policy::compile("default_cpu", shipped.text));
    }
  }
  give_up("no default policy");
}

std::shared_ptr<const SecretBytes> shared_secret() {
  return std::make_shared<const SecretBytes>(crypto::random_secret(32));
}

Work aead_seal() {
  return work("seal", 400, [key = shared_secret(), text = crypto::random_vec(200)] {
    const ByteArray<12> iv{};
    must(crypto::aes256_gcm_seal(*key, iv, {}, Bytes(text)));
  });
}

Work p256_sign(std::size_t bytes) {
  auto key = must(crypto::PrivateKey::generate_ec(crypto::Curve::p256));
  return work("sign", 50, [key = std::move(key), text = crypto::random_vec(bytes)] {
    must(key.sign(crypto::SignatureScheme::es256, text));
  });
}

Work policy_alone(const std::string& input) {
  return work("policy", 50, [policy = default_cpu_policy(), input] {
    must(appraise::evaluate(*policy, input, {}));
  });
}

Work agreement_and_seal(const Guest& guest) {
  return work("agreement", 30, [peer = guest.key(), text = crypto::random_vec(32)] {
    const auto ephemeral = must(crypto::PrivateKey::generate_ec(crypto::Curve::p256));
    const SecretBytes key = must(ephemeral.ecdh(peer));
    const ByteArray<12> iv{};
    must(crypto::aes256_gcm_seal(key, iv, {}, Bytes(text)));
  });
}

// Challenge and attestation; what the guest does in between is not counted.
Work handshakes(KbsInProcess& kbs, const Guest& guest) {
  return {"handshake", 20, [&kbs, &guest](int n) {
            std::vector<net::Request> requests;
            double start = thread_cpu_us();
            std::vector<net::Response> challenges;
            for (int i = 0; i < n; ++i) {
              challenges.push_back(kbs.answer(KbsInProcess::auth_request()));
            }
            double spent = thread_cpu_us() - start;
            for (const auto& challenge : challenges) {
              requests.push_back(
                  KbsInProcess::attest_request(Guest::cookie(*challenge.headers.find("set-cookie")),
                                               guest.attestation(as_text(challenge.body))));
            }
            start = thread_cpu_us();
            for (auto& request : requests) {
              kbs.answer(std::move(request));
            }
            return spent + thread_cpu_us() - start;
          }};
}

Work get(KbsInProcess& kbs, std::string field, std::string value) {
  return work("get", 30, [&kbs, field = std::move(field), value = std::move(value)] {
    kbs.answer(KbsInProcess::get_request(field, value));
  });
}

void print(const std::vector<Work>& w) {
  const double per_second = 1e6 / w[challenge].best;
  print_row("challenge, handler", number("%.0f /s", per_second), micros(w[seal].best),
            number("%.0f %%", 100 * w[seal].best / w[challenge].best), ">= 30000 /s",
            per_second >= kChallengesPerSecond ? "yes" : "NO");
  const double limit = w[sign].best + w[policy].best;
  print_share("sample RCAR, handler", w[handshake].best, limit, 60);
  print_share("resource GET, token seen, by cookie", w[get_by_cookie].best, w[agreement].best, 70);
  print_share("resource GET, token seen, by bearer", w[get_by_bearer].best, w[agreement].best, 70);
  print_figure("  one P-256 signature", w[sign].best);
  print_figure("  one policy evaluation, default CPU policy, sample claims", w[policy].best);
  std::printf("LIMIT|challenge|%.3f\nLIMIT|rcar|%.3f\nLIMIT|get|%.3f\n", w[seal].best, limit,
              w[agreement].best);
}

}  // namespace
}  // namespace trustee::bench

int main() {
  using namespace trustee::bench;
  KbsInProcess kbs;
  const Guest guest;
  const KbsInProcess::Attested attested = kbs.attest(guest);
  std::vector<Work> works;
  works.push_back(aead_seal());
  works.push_back(work("challenge", 200, [&] { kbs.answer(KbsInProcess::auth_request()); }));
  works.push_back(p256_sign(attested.token.size()));
  works.push_back(policy_alone(policy_input(attested.token)));
  works.push_back(handshakes(kbs, guest));
  works.push_back(agreement_and_seal(guest));
  works.push_back(get(kbs, "cookie", attested.cookie));
  works.push_back(get(kbs, "authorization", "Bearer " + attested.token));
  measure(works, kRounds);
  print(works);
  return 0;
}
