#pragma once

// A KBS in one process for tests: memory store, clock that stands still, no socket.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "appraise/default_policies.h"
#include "base/try.h"
#include "codec/base64.h"
#include "jose/signer.h"
#include "kv/memory.h"
#include "rcar/binding.h"
#include "rcar/messages.h"
#include "reload/material.h"
#include "serve/app.h"
#include "serve/builtin_evaluator.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/memory_log.h"

namespace trustee::serve {

inline constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));

/// A token signed by a fresh key that its header carries.
inline std::string header_key_token(std::string_view claims) {
  const auto key = std::move(crypto::PrivateKey::generate_ec(crypto::Curve::p256)).value();
  const auto jwk = jose::jwk_for_signatures(key.public_key(), crypto::SignatureScheme::es256);
  const auto header = jose::header_with_jwk(*jwk);
  const auto signer = jose::Signer::create(key, crypto::SignatureScheme::es256, *header);
  return std::move(signer->sign(as_bytes(claims))).value();
}

inline std::shared_ptr<const authz::TokenTrust> header_key_trust() {
  authz::TokenTrustParts parts;
  parts.insecure_header_jwk = true;
  return std::make_shared<const authz::TokenTrust>(
      std::move(authz::TokenTrust::create(std::move(parts))).value());
}

/// Gives one token, or fails with an error, and counts how often it was asked.
class ScriptedEvaluator final : public Evaluator {
 public:
  net::Task<Result<std::string>> evaluate(Context&, std::vector<kbs::EvidenceItem>) override {
    asked += 1;
    if (error) co_return *error;
    co_return token;
  }
  std::string token;
  std::optional<Error> error;
  int asked = 0;
};

struct TestbedOptions {
  std::int64_t token_minutes = 5;
  std::chrono::minutes session_lifetime{5};
  bool blocking = false;
  bool sessions_in_memory = false;
  std::string_view resource_policy = "resource_allow_all";
  Evaluator* evaluator = nullptr;  ///< null: the attestation service itself
  config::AttestationService attestation_service{};
  std::optional<tee::Trust> trust{};  ///< none: the vendors' roots
  std::shared_ptr<kv::Namespace> collateral{};
  std::shared_ptr<kv::Store> store = kv::create_memory_store();
};

class Testbed {
 public:
  explicit Testbed(TestbedOptions options = {})
      : options_(options),
        journal_(log::Filter(log::Level::info), log::Format::text, false, log, clock),
        namespaces(open()),
        worlds(first_world()),
        keeper({namespaces.policies, namespaces.attestation_policies, namespaces.references},
               worlds, [this](const std::string& text) { log.write(text + "\n"); }),
        compute(pool()),
        io(pool()) {
    EXPECT_TRUE(keeper.start(shipped(options.resource_policy)).ok());
    appraise::EarSettings ear;
    ear.duration_min = options.token_minutes;
    builtin_ = std::move(BuiltinEvaluator::create(
                             options.attestation_service, ear, *worlds.current()->trust,
                             {decisions, clock, *compute, *io, options.collateral}))
                   .value();
    Settings settings{options.session_lifetime, {"resource", "sample"}};
    Evaluator& evaluator = options.evaluator == nullptr ? *builtin_ : *options.evaluator;
    app = std::make_unique<App>(Parts{namespaces, settings, worlds, keeper, evaluator,
                                      explanations_, decisions, *compute, *io, clock, registry_,
                                      metrics, log::Logger(journal_, "kbs")});
  }

  net::Response ask(std::string method, std::string target, std::string_view body = {},
                    const std::optional<std::string>& cookie = {},
                    const std::optional<std::string>& bearer = {}) {
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = wiped_copy(as_bytes(body));
    request.id = RequestId("0123456789abcdef0123456789abcdef");
    if (cookie) request.headers.add("Cookie", "kbs-session-id=" + *cookie);
    if (bearer) request.headers.add("Authorization", "Bearer " + *bearer);
    return net::run_blocking(app->handle(std::move(request)));
  }

  /// Of the attestation service itself; its background is not running.
  VendorDocuments& documents() { return builtin_->documents(); }

  static std::string_view shipped(std::string_view id) {
    for (const auto& policy : appraise::resource_policies()) {
      if (policy.id == id) return policy.text;
    }
    ADD_FAILURE() << id;
    return {};
  }

 private:
  TestbedOptions options_;
  metrics::Registry registry_;

 public:
  MemoryLog log;
  FixedClock clock{kNow};
  metrics::KbsMetrics metrics{registry_};

 private:
  log::Journal journal_;

 public:
  Namespaces namespaces;
  world::Worlds worlds;
  reload::Keeper keeper;
  Decisions decisions;
  std::unique_ptr<net::ComputePool> compute;
  std::unique_ptr<net::ComputePool> io;
  std::unique_ptr<App> app;

 private:
  static std::unique_ptr<net::ComputePool> pool() {
    return std::move(net::ComputePool::create({.threads = 2, .queue = 64})).value();
  }
  Namespaces open() {
    const auto space = [this](std::string_view name) {
      return std::move(options_.store->open(name)).value();
    };
    return {space("kbs"),
            space("repository"),
            space("kbs_protocol_session"),
            space("attestation_service_policy"),
            space("reference_value"),
            nullptr,
            options_.sessions_in_memory,
            options_.blocking};
  }
  tee::Trust trust() const {
    return reload::verifier_trust(
        options_.trust ? *options_.trust
                       : tee::Trust{std::move(amd::RootSet::built_in()).value(), {}, false},
        options_.attestation_service.verifiers);
  }
  world::World first_world() const {
    world::World out;
    out.trust = std::make_shared<const tee::Trust>(trust());
    auto signer = std::move(appraise::TokenSigner::ephemeral()).value();
    out.attestation_policies = std::make_shared<const appraise::PolicySet>();
    out.references = std::make_shared<const rego::ReferenceSet>();
    out.signers = std::make_shared<const appraise::SignerRing>(std::move(signer));
    out.token_trust = header_key_trust();
    out.admin = std::make_shared<const authz::AdminAuthority>(authz::AdminAuthority::allow_all());
    out.cookie_keys =
        std::make_shared<const authz::CookieKeyRing>(authz::CookieKeyRing::ephemeral());
    out.not_ready = "no policy was loaded yet";
    return out;
  }

  std::unique_ptr<BuiltinEvaluator> builtin_;
  Explanations explanations_{decisions, *io, clock};
};

inline std::string body_of(const net::Response& response) {
  return std::string(as_text(response.body));
}
inline std::string header_of(const net::Response& response, std::string_view name) {
  const std::string* value = response.headers.find(name);
  return value == nullptr ? std::string() : *value;
}
/// The code of a refusal; empty when the answer is none.
inline std::string code_of(const net::Response& response) {
  return header_of(response, "trustee-code");
}
/// The value of the session cookie that an answer sets.
inline std::string cookie_of(const net::Response& response) {
  const std::string field = header_of(response, "set-cookie");
  const std::size_t from = field.find('=') + 1;
  return field.substr(from, field.find(';') - from);
}

/// A guest with sample evidence.
class TestGuest {
 public:
  explicit TestGuest(Testbed& kbs)
      : kbs_(kbs), key_(std::move(crypto::PrivateKey::generate_ec(crypto::Curve::p256)).value()) {}

  net::Response auth() {
    auto out =
        kbs_.ask("POST", "/kbs/v0/auth", R"({"version":"0.4.0","tee":"sample","extra-params":{}})");
    if (out.status != 200) return out;
    nonce = rcar::parse_challenge(body_of(out))->nonce;
    cookie = cookie_of(out);
    return out;
  }
  net::Response attest() {
    auto out = kbs_.ask("POST", "/kbs/v0/attest", evidence(), cookie);
    if (out.status == 200) cookie = cookie_of(out);
    return out;
  }
  net::Response get(std::string path) {
    return kbs_.ask("GET", "/kbs/v0/resource/" + path, {}, cookie);
  }

  /// The Attestation for `nonce`.
  std::string evidence() const {
    rcar::Attestation out;
    out.runtime_data = {nonce, *rcar::announce(key_.public_key(), kWrap)};
    const auto digest = rcar::binding_digest(
        crypto::Hash::sha384, rcar::primary_runtime_data(out.runtime_data.tee_pubkey, nonce, ""));
    json::Object primary;
    primary.append("svn", "1");
    primary.append("report_data", codec::base64_encode(digest->bytes()));
    out.tee_evidence.primary_evidence = std::move(primary);
    return rcar::write(out);
  }
  Result<SecretBytes> open(const net::Response& response) const {
    TRY(const jose::Jwe jwe, jose::parse_jwe(body_of(response)));
    return jose::decrypt(jwe, key_, kWrap);
  }

  std::string nonce;
  std::optional<std::string> cookie;

 private:
  static constexpr auto kWrap = jose::KeyWrap::ecdh_es_a256kw;
  Testbed& kbs_;
  crypto::PrivateKey key_;
};

}  // namespace trustee::serve
