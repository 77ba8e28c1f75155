#include "control/certificate_files.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "k8s/curl_transport.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/test_certificates.h"

namespace trustee::control {
namespace {

using Outcome = reload::Watch::Outcome;

class MetricsCertificate : public ::testing::Test {
 protected:
  MetricsCertificate() {
    one_.issue("server");
    two_.issue("server");
    install(one_, one_);
    net::ServerConfig config;
    config.sockets = {"127.0.0.1:0"};
    net::TlsConfig tls;
    tls.certificate_file = directory_.file("tls.crt");
    tls.private_key_file = directory_.file("tls.key");
    config.tls = tls;
    endpoint_ = Endpoint::create(config, health_handler([] { return true; })).value();
    files_ = CertificateFiles::create(
                 *endpoint_, tls, clock_.now(),
                 [this](Outcome outcome, const std::string&) { told_.push_back(outcome); })
                 .value();
  }
  /// Written aside and renamed, as kubelet does.
  void install(const TestAuthority& certificate, const TestAuthority& key) {
    const auto replace = [&](const std::string& from, const std::string& to) {
      write_file(to + ".new", text_of_file(from));
      std::filesystem::rename(to + ".new", to);
    };
    replace(certificate.certificate_file("server"), directory_.file("tls.crt"));
    replace(key.key_file("server"), directory_.file("tls.key"));
  }
  bool is_served_by(const TestAuthority& authority) {
    k8s::Access access;
    access.server = "https://127.0.0.1:" + std::to_string(endpoint_->port());
    access.authority.path = authority.certificate_file("root");
    const auto credentials = k8s::Credentials::create(std::move(access), clock_);
    k8s::CurlTransport transport(**credentials, "test/1");
    const auto answer = transport.exchange({.target = "/healthz"}, {});
    return answer.ok() && answer->status == 200;
  }

  TestAuthority one_, two_;
  TemporaryDirectory directory_;
  FixedClock clock_{from_unix_seconds(1'800'000'000)};
  std::vector<Outcome> told_;
  std::unique_ptr<Endpoint> endpoint_;
  std::unique_ptr<CertificateFiles> files_;
};

TEST_F(MetricsCertificate, is_served_anew_once_its_files_are_replaced) {
  EXPECT_TRUE(is_served_by(one_));
  install(two_, two_);
  files_->watch().look(clock_.now());
  EXPECT_TRUE(is_served_by(two_));
  EXPECT_EQ(told_, std::vector<Outcome>{Outcome::reloaded});
}

TEST_F(MetricsCertificate, stays_while_the_new_one_cannot_be_served) {
  install(two_, one_);
  files_->watch().look(clock_.now());
  EXPECT_TRUE(is_served_by(one_));
  EXPECT_EQ(told_, std::vector<Outcome>{Outcome::refused});
}

}  // namespace
}  // namespace trustee::control
