#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "as/evaluation.h"
#include "as/policies.h"
#include "as/wire_text.h"
#include "jose/jwt.h"
#include "kv/memory.h"

namespace trustee::as {

inline const Time kNow = from_unix_seconds(1'790'000'000);

/// A service with the default policies and what a test adds.
class As : public ::testing::Test {
 protected:
  As() {
    EXPECT_TRUE(store_default_policies(*policies_).ok());
    environment_.trust =
        std::make_shared<const tee::Trust>(tee::Trust{amd::RootSet::built_in().value(), {}, false});
    environment_.caches = std::make_shared<tee::Caches>();
    environment_.signers =
        std::make_shared<const appraise::SignerRing>(appraise::TokenSigner::ephemeral().value());
    environment_.generation = 7;
    environment_.now = kNow;
  }

  static VerificationRequest sample(std::string_view report_data = "",
                                    RuntimeData runtime = Absent{}, InitData init = Absent{}) {
    return {rcar::Tee::sample, R"({"svn":"1","report_data":")" + std::string(report_data) + "\"}",
            std::move(runtime), std::move(init)};
  }
  static VerificationRequest sample_device(std::string_view svn = "1") {
    return {rcar::Tee::sample_device, R"({"svn":")" + std::string(svn) + "\"}", Absent{}, Absent{}};
  }

  void store_policy(std::string_view id, std::string_view text) {
    EXPECT_TRUE(policies_->put(std::string(id) + ".rego", as_bytes(text), kv::Overwrite::yes).ok());
  }

  Evaluation evaluation(std::vector<VerificationRequest> requests,
                        std::vector<std::string> ids = {}) {
    environment_.policies =
        std::make_shared<const appraise::PolicySet>(load_policies(*policies_).value());
    return {RequestId("r-1"), std::move(requests), std::move(ids), environment_};
  }

  /// The claims of the token, its signature checked; or the causes as clients read them.
  json::Value attest(std::vector<VerificationRequest> requests, std::vector<std::string> ids = {}) {
    auto e = evaluation(std::move(requests), std::move(ids));
    auto step = e.next();
    record_ = e.take_record();
    if (!step.ok()) return numbered(wire_causes(step.error()));
    const auto* issued = std::get_if<Issued>(&*step);
    if (issued == nullptr) return "it needs something";
    warnings_ = issued->warnings;
    const auto token = jose::UnverifiedToken::parse(issued->token).value();
    auto claims = token.verify(environment_.signers->current().jwk(), kNow);
    return claims.ok() ? claims->value() : json::Value(claims.error().to_string());
  }
  static std::string text(const json::Value& value, std::string_view pointer = "") {
    const json::Value* at = value.at_pointer(pointer);
    if (at == nullptr) return "nothing";
    return at->as_string() != nullptr ? *at->as_string() : json::write(*at);
  }

  std::shared_ptr<kv::Store> store_ = kv::create_memory_store();
  std::shared_ptr<kv::Namespace> policies_ = store_->open(kPolicyNamespace).value();
  Environment environment_;
  decision::Record record_;
  std::vector<std::string> warnings_;
};

}  // namespace trustee::as
