#include "net/tls.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "net/internal/ssl.h"
#include "net/server.h"
#include "tests/support/loopback.h"
#include "tests/support/test_certificates.h"
#include "tests/support/tls_client.h"

namespace trustee::net {
namespace {

Task<Response> hello(Request request) {
  co_return text_response(200, "", request.tls ? "over TLS" : "plain");
}

const std::string kGet = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

class Tls : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    authority_ = new TestAuthority();
    authority_->issue("one");
    authority_->issue("two");
    authority_->issue("rsa", "rsa:2048");
  }
  static void TearDownTestSuite() {
    delete authority_;
    authority_ = nullptr;
  }
  static TlsConfig config(const std::string& name = "one") {
    TlsConfig c;
    c.certificate_file = authority_->certificate_file(name);
    c.private_key_file = authority_->key_file(name);
    return c;
  }
  static ServerConfig serving(TlsConfig tls) {
    ServerConfig c;
    c.tls = std::move(tls);
    return c;
  }
  static void expect_refused(const TlsConfig& c, Errc why) {
    const auto r = TlsContext::create(c);
    ASSERT_FALSE(r.ok());
    EXPECT_TRUE(r.error().is(why)) << r.error().to_string();
  }
  static std::string ciphers_of(const TlsConfig& c) {
    const auto context = TlsContext::create(c);
    if (!context.ok()) return context.error().to_string();
    std::string out;
    const auto* stack = SSL_CTX_get_ciphers((*context)->native());
    for (int i = 0; i < sk_SSL_CIPHER_num(stack); ++i) {
      out += (i == 0 ? "" : ":") + std::string(SSL_CIPHER_get_name(sk_SSL_CIPHER_value(stack, i)));
    }
    return out;
  }
  static TestAuthority* authority_;
};
TestAuthority* Tls::authority_ = nullptr;

TEST_F(Tls, intermediate_offers_exactly_the_lists_of_the_specification) {
  EXPECT_EQ(ciphers_of(config()),
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
            "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
            "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
            "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384");
}

TEST_F(Tls, splits_a_cipher_list_by_generation) {
  const auto lists = split_ciphers(
      "TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
      "TLS_AES_128_GCM_SHA256:!aNULL");
  EXPECT_EQ(lists.tls13, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(lists.tls12, "ECDHE-RSA-AES128-GCM-SHA256:!aNULL");
}

TEST_F(Tls, a_list_of_one_generation_keeps_the_profiles_list_of_the_other) {
  TlsConfig c = config();
  c.profile = TlsProfile::custom;
  c.ciphers = "TLS_AES_256_GCM_SHA384";
  EXPECT_TRUE(ciphers_of(c).starts_with("TLS_AES_256_GCM_SHA384:ECDHE-ECDSA-AES128-GCM-SHA256:"));
  c.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  EXPECT_EQ(ciphers_of(c),
            "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:"
            "ECDHE-ECDSA-AES256-GCM-SHA384");
}

TEST_F(Tls, refuses_cipher_lists_that_leave_nothing) {
  TlsConfig c = config();
  c.profile = TlsProfile::custom;
  c.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  c.min_version = TlsVersion::v1_3;
  expect_refused(c, Errc::tls_ciphers_invalid);
  c.min_version.reset();
  c.ciphers = "NO-SUCH-CIPHER";
  expect_refused(c, Errc::tls_ciphers_invalid);
  c.ciphers = "TLS_NO_SUCH_SUITE";
  expect_refused(c, Errc::tls_ciphers_invalid);
  c.ciphers = "";
  expect_refused(c, Errc::tls_ciphers_invalid);
}

TEST_F(Tls, refuses_version_bounds_that_cross_whatever_the_profile) {
  TlsConfig c = config();
  c.min_version = TlsVersion::v1_3;
  c.max_version = TlsVersion::v1_2;
  expect_refused(c, Errc::tls_versions_conflict);
  c.min_version.reset();
  c.profile = TlsProfile::modern;
  expect_refused(c, Errc::tls_versions_conflict);
}

TEST_F(Tls, fields_of_custom_override_another_profile_with_a_warning) {
  TlsConfig c = config();
  c.max_version = TlsVersion::v1_2;
  const auto context = TlsContext::create(c);
  ASSERT_TRUE(context.ok());
  EXPECT_EQ((*context)->warnings().size(), 1u);
  EXPECT_EQ(SSL_CTX_get_max_proto_version((*context)->native()), TLS1_2_VERSION);
}

TEST_F(Tls, names_profiles_and_versions_as_the_configuration_does) {
  for (const char* name : {"old", "intermediate", "modern", "custom"}) {
    ASSERT_TRUE(tls_profile_from_name(name).has_value());
    EXPECT_EQ(to_string(*tls_profile_from_name(name)), name);
  }
  EXPECT_FALSE(tls_profile_from_name("Modern").has_value());
  EXPECT_EQ(tls_version_from_name("1.2"), TlsVersion::v1_2);
  EXPECT_FALSE(tls_version_from_name("1.1").has_value());
}

TEST_F(Tls, groups_are_taken_verbatim_or_refused) {
  TlsConfig c = config();
  c.groups = "secp384r1";
  const auto context = TlsContext::create(c);
  ASSERT_TRUE(context.ok());
  EXPECT_EQ((*context)->groups_line(), "TLS groups (explicit): secp384r1");
  c.groups = "secp384r1:nonsense";
  expect_refused(c, Errc::tls_groups_invalid);
}

TEST_F(Tls, offers_a_hybrid_group_where_the_library_has_one_else_the_classical_three) {
  const auto context = TlsContext::create(config());
  ASSERT_TRUE(context.ok());
  SslCtxPtr probe(SSL_CTX_new(TLS_server_method()));
  const bool hybrid = SSL_CTX_set1_groups_list(probe.get(), "X25519MLKEM768") == 1;
  ERR_clear_error();
  EXPECT_EQ((*context)->groups_line(),
            hybrid ? "TLS groups (auto-detected PQC): X25519MLKEM768:X25519:secp256r1:secp384r1"
                   : "TLS groups (classical): X25519:secp256r1:secp384r1");
}

TEST_F(Tls, names_the_file_that_is_missing_or_wrong) {
  TlsConfig c = config();
  c.certificate_file = "/nonexistent/cert.pem";
  expect_refused(c, Errc::tls_certificate_missing);
  c = config();
  c.private_key_file = "/nonexistent/key.pem";
  expect_refused(c, Errc::tls_key_missing);
  c = config();
  c.private_key_file = authority_->key_file("two");
  expect_refused(c, Errc::tls_key_mismatch);
  c = config();
  c.private_key_file = c.certificate_file;
  expect_refused(c, Errc::tls_key_invalid);
  c = config();
  c.certificate_file = c.private_key_file;
  expect_refused(c, Errc::tls_certificate_invalid);
  const std::string broken = authority_->directory().file("broken.crt");
  write_file(broken, text_of_file(authority_->certificate_file("one")) +
                         "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  c = config();
  c.certificate_file = broken;
  expect_refused(c, Errc::tls_certificate_invalid);
}

TEST_F(Tls, a_missing_certificate_is_found_before_a_socket_is_bound) {
  LoopbackServer other(ServerConfig{}, hello);
  ServerConfig c = serving(config());
  c.tls->certificate_file = "/nonexistent/cert.pem";
  c.sockets = {"127.0.0.1:" + std::to_string(other.port())};  // would fail to bind
  const auto r = Server::create(std::move(c), hello);
  ASSERT_FALSE(r.ok());
  EXPECT_TRUE(r.error().is(Errc::tls_certificate_missing));
}

TEST_F(Tls, serves_requests_and_tells_the_handler) {
  LoopbackServer server(serving(config()), hello);
  TlsClient client(server.port());
  ASSERT_TRUE(client.connected());
  const std::string answer = client.exchange(kGet + kGet, "over TLSHTTP");
  EXPECT_NE(answer.find("over TLSHTTP/1.1 200"), std::string::npos) << "both were answered";
  EXPECT_EQ(client.version(), "TLSv1.3");
}

TEST_F(Tls, sends_large_answers_whole) {
  LoopbackServer server(serving(config()), [](Request) -> Task<Response> {
    co_return text_response(200, "", std::string(5'000'000, 'x') + "end");
  });
  TlsClient client(server.port());
  EXPECT_GT(client.exchange(kGet, "xend").size(), 5'000'000u);
}

TEST_F(Tls, versions_follow_the_profile) {
  const auto connects = [&](TlsProfile profile, int version) {
    TlsConfig c = config("rsa");
    c.profile = profile;
    LoopbackServer server(serving(c), hello);
    return TlsClient(server.port(), {.min_version = version, .max_version = version}).connected();
  };
  for (const auto p : {TlsProfile::old, TlsProfile::intermediate, TlsProfile::custom}) {
    EXPECT_FALSE(connects(p, TLS1_VERSION));
    EXPECT_FALSE(connects(p, TLS1_1_VERSION));
    EXPECT_TRUE(connects(p, TLS1_2_VERSION));
    EXPECT_TRUE(connects(p, TLS1_3_VERSION));
  }
  EXPECT_FALSE(connects(TlsProfile::modern, TLS1_2_VERSION));
  EXPECT_TRUE(connects(TlsProfile::modern, TLS1_3_VERSION));
}

TEST_F(Tls, ciphers_of_the_list_connect_and_others_do_not) {
  LoopbackServer server(serving(config("rsa")), hello);
  const auto connects = [&](const char* cipher) {
    return TlsClient(server.port(), {.max_version = TLS1_2_VERSION, .ciphers12 = cipher})
        .connected();
  };
  EXPECT_TRUE(connects("ECDHE-RSA-AES128-GCM-SHA256"));
  EXPECT_TRUE(connects("DHE-RSA-AES256-GCM-SHA384"));
  EXPECT_FALSE(connects("AES128-GCM-SHA256"));
  EXPECT_FALSE(connects("ECDHE-RSA-AES128-SHA256"));
}

TEST_F(Tls, chooses_http_1_1_by_alpn_and_never_h2) {
  LoopbackServer server(serving(config()), hello);
  EXPECT_EQ(TlsClient(server.port(), {.protocols = {"h2", "http/1.1"}}).protocol(), "http/1.1");
  TlsClient only_h2(server.port(), {.protocols = {"h2"}});
  EXPECT_TRUE(only_h2.connected());
  EXPECT_EQ(only_h2.protocol(), "");
}

TEST_F(Tls, a_handshake_that_does_not_come_is_cut_off) {
  ServerConfig c = serving(config());
  c.limits.handshake_timeout = std::chrono::milliseconds(100);
  LoopbackServer server(std::move(c), hello);
  RawConnection silent(server.port());
  EXPECT_TRUE(silent.ended());
  RawConnection plain(server.port());
  plain.send(kGet);
  EXPECT_EQ(plain.receive().status, 0) << "no HTTP answer in the clear";
  bool connected = false;  // whoever is not scheduled is cut off, too
  for (int attempt = 0; attempt < 100 && !connected; ++attempt) {
    connected = TlsClient(server.port()).connected();
  }
  EXPECT_TRUE(connected) << "it serves on";
}

class TlsReload : public Tls {
 protected:
  TlsReload() {
    live_.certificate_file = directory_.file("tls.crt");
    live_.private_key_file = directory_.file("tls.key");
    install("one", "one");
  }
  void install(const std::string& certificate, const std::string& key) {
    // Written aside and renamed, as deployments do, so that the server never reads half a file.
    const auto replace = [&](const std::string& from, const std::string& to) {
      write_file(to + ".new", text_of_file(from));
      std::filesystem::rename(to + ".new", to);
    };
    replace(authority_->certificate_file(certificate), live_.certificate_file);
    replace(authority_->key_file(key), live_.private_key_file);
  }
  TemporaryDirectory directory_;
  TlsConfig live_;
};

TEST_F(TlsReload, takes_a_new_pair_and_leaves_open_connections_alone) {
  LoopbackServer server(serving(live_), hello);
  TlsClient before(server.port());
  EXPECT_EQ(before.common_name(), "one");
  install("two", "two");
  ASSERT_TRUE(server->reload_tls().ok());
  EXPECT_EQ(TlsClient(server.port()).common_name(), "two");
  EXPECT_NE(before.exchange(kGet, "over TLS").find("200"), std::string::npos);
  EXPECT_EQ(server->load().tls_reloads, 1u);
}

TEST_F(TlsReload, refuses_a_bad_pair_and_serves_on_with_the_old_one) {
  LoopbackServer server(serving(live_), hello);
  install("two", "one");
  const auto mismatch = server->reload_tls();
  ASSERT_FALSE(mismatch.ok());
  EXPECT_TRUE(mismatch.error().is(Errc::tls_key_mismatch));
  EXPECT_EQ(TlsClient(server.port()).common_name(), "one");
  std::filesystem::remove(live_.certificate_file);
  const auto missing = server->reload_tls();
  ASSERT_FALSE(missing.ok());
  EXPECT_TRUE(missing.error().is(Errc::tls_certificate_missing));
  EXPECT_EQ(TlsClient(server.port()).common_name(), "one");
  install("two", "two");
  ASSERT_TRUE(server->reload_tls().ok());
  EXPECT_EQ(TlsClient(server.port()).common_name(), "two");
}

TEST_F(TlsReload, happens_under_load_without_a_failed_request) {
  ServerConfig c = serving(live_);
  LoopbackServer server(std::move(c), hello);
  std::atomic<bool> over{false};
  std::atomic<int> failures{0};
  std::atomic<int> exchanges{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&] {
      while (!over.load()) {
        TlsClient client(server.port());
        if (client.exchange(kGet, "over TLS").find("over TLS") == std::string::npos) ++failures;
        ++exchanges;
      }
    });
  }
  for (int round = 0; round < 6; ++round) {
    const std::string name = round % 2 == 0 ? "two" : "one";
    install(name, name);
    EXPECT_TRUE(server->reload_tls().ok());
    EXPECT_EQ(TlsClient(server.port()).common_name(), name);
  }
  over.store(true);
  for (auto& t : clients) {
    t.join();
  }
  EXPECT_EQ(failures.load(), 0);
  EXPECT_GT(exchanges.load(), 0);
  EXPECT_EQ(server->load().tls_reloads, 6u);
}

}  // namespace
}  // namespace trustee::net
