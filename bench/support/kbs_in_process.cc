#include "bench/support/kbs_in_process.h"

#include "appraise/default_policies.h"
#include "bench/support/check.h"
#include "kv/memory.h"
#include "log/logger.h"
#include "reload/material.h"
#include "serve/app.h"
#include "serve/builtin_evaluator.h"
#include "tests/support/fixed_clock.h"

namespace trustee::bench {
namespace {

constexpr std::int64_t kNow = 1'795'500'000;

class NoSink final : public log::Sink {
 public:
  void write(std::string) override {}
  std::uint64_t dropped() const override { return 0; }
};

std::string_view shipped(std::string_view id) {
  for (const auto& policy : appraise::resource_policies()) {
    if (policy.id == id) return policy.text;
  }
  give_up("no shipped policy " + std::string(id));
}

world::World first_world() {
  appraise::SignerRing signers(must(appraise::TokenSigner::ephemeral()));
  config::AttestationToken trust;
  trust.trust_builtin_as = true;
  const auto client = must(net::HttpClient::create({}));
  reload::AskedAnew texts(*client);
  world::World out;
  out.attestation_policies = std::make_shared<const appraise::PolicySet>();
  out.references = std::make_shared<const rego::ReferenceSet>();
  out.token_trust = std::make_shared<const authz::TokenTrust>(
      must(reload::load_token_trust(trust, signers, texts)));
  out.signers = std::make_shared<const appraise::SignerRing>(std::move(signers));
  out.admin = std::make_shared<const authz::AdminAuthority>(authz::AdminAuthority::deny_all());
  out.cookie_keys = std::make_shared<const authz::CookieKeyRing>(authz::CookieKeyRing::ephemeral());
  out.trust =
      std::make_shared<const tee::Trust>(tee::Trust{must(amd::RootSet::built_in()), {}, false});
  return out;
}

serve::Namespaces open(kv::Store& store) {
  return {must(store.open("kbs")),
          must(store.open("repository")),
          must(store.open("kbs_protocol_session")),
          must(store.open("attestation_service_policy")),
          must(store.open("reference_value")),
          nullptr,  // no collateral outlives this process
          true,     // sessions live in memory
          false};
}

net::Request request(std::string method, std::string target) {
  net::Request out;
  out.method = std::move(method);
  out.target = std::move(target);
  out.peer.address = "127.0.0.1";
  out.id = RequestId("00000000000000000000000000000001");
  return out;
}

}  // namespace

struct KbsInProcess::State {
  FixedClock clock{from_unix_seconds(kNow)};
  NoSink sink;
  log::Journal journal{log::Filter(log::Level::error), log::Format::text, false, sink, clock};
  log::Logger logger{journal, "bench"};
  std::shared_ptr<kv::Store> store = kv::create_memory_store();
  serve::Namespaces namespaces = open(*store);
  metrics::Registry registry;
  metrics::KbsMetrics metrics{registry};
  world::Worlds worlds{first_world()};
  reload::Keeper keeper{
      {namespaces.policies, namespaces.attestation_policies, namespaces.references},
      worlds,
      [](const std::string&) {}};
  std::unique_ptr<net::ComputePool> pool = must(net::ComputePool::create({.threads = 1}));
  serve::Decisions decisions;
  std::unique_ptr<serve::BuiltinEvaluator> evaluator = must(serve::BuiltinEvaluator::create(
      {}, {}, *worlds.current()->trust, {decisions, clock, *pool, *pool}));
  serve::Explanations explanations{decisions, *pool, clock};
  serve::App app{serve::Parts{namespaces,
                              {std::chrono::minutes(5), {"resource"}},
                              worlds,
                              keeper,
                              *evaluator,
                              explanations,
                              decisions,
                              *pool,
                              *pool,
                              clock,
                              registry,
                              metrics,
                              logger}};
  std::shared_ptr<net::BlockingExecutor> executor = std::make_shared<net::BlockingExecutor>();
};

KbsInProcess::KbsInProcess(std::string_view resource_policy) : state_(std::make_unique<State>()) {
  must_do(state_->keeper.start(shipped(resource_policy)));
  const ByteVec secret(32, 0x5a);
  must(state_->namespaces.resources->put(kSecretPath, secret, kv::Overwrite::yes));
}

KbsInProcess::~KbsInProcess() = default;

net::Response KbsInProcess::answer(net::Request request) {
  auto task = state_->app.handle(std::move(request));
  task.start(*state_->executor);
  while (!task.done()) {
    state_->executor->run_one();
  }
  net::Response response = task.take();
  if (response.status != 200) {
    give_up("status " + std::to_string(response.status) + ": " +
            std::string(as_text(response.body)));
  }
  return response;
}

net::Request KbsInProcess::auth_request() {
  static const std::string body = Guest::request();
  net::Request out = request("POST", "/kbs/v0/auth");
  out.body = wiped_copy(as_bytes(body));
  return out;
}

net::Request KbsInProcess::attest_request(std::string cookie, std::string_view body) {
  net::Request out = request("POST", "/kbs/v0/attest");
  out.headers.add("cookie", std::move(cookie));
  out.body = wiped_copy(as_bytes(body));
  return out;
}

net::Request KbsInProcess::get_request(std::string field, std::string value) {
  net::Request out = request("GET", "/kbs/v0/resource/" + std::string(kSecretPath));
  out.headers.add(std::move(field), std::move(value));
  return out;
}

KbsInProcess::Attested KbsInProcess::attest(const Guest& guest) {
  const net::Response challenge = answer(auth_request());
  std::string cookie = Guest::cookie(*challenge.headers.find("set-cookie"));
  const std::string body = guest.attestation(as_text(challenge.body));
  const net::Response reply = answer(attest_request(std::move(cookie), body));
  return {Guest::cookie(*reply.headers.find("set-cookie")), Guest::token(as_text(reply.body))};
}

}  // namespace trustee::bench
