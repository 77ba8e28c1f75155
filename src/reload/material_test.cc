#include "reload/material.h"

#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

#include "authz/errors.h"
#include "codec/base64.h"
#include "codec/pem.h"
#include "kv/memory.h"
#include "reload/errors.h"
#include "reload/files.h"
#include "reload/key_sources.h"
#include "tests/support/case.h"
#include "tests/support/temp_dir.h"

namespace trustee::reload {
namespace {

constexpr Time kNow = Time(std::chrono::seconds(1'795'000'000));
constexpr Time kLater = kNow + std::chrono::minutes(5);

std::unique_ptr<net::HttpClient> client() { return std::move(net::HttpClient::create({})).value(); }

class Material : public ::testing::Test {
 protected:
  std::string file(const std::string& name, std::string_view content) {
    const std::string path = dir_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  /// Whether a cookie of one ring opens with the other.
  static bool share(const authz::CookieKeyRing& a, const authz::CookieKeyRing& b) {
    const auto cookie = a.seal(authz::AttestedSession{"a.b.c", kLater});
    return b.open(*cookie, kNow).ok();
  }
  TempDir dir_;
  std::shared_ptr<kv::Store> memory_ = kv::create_memory_store();
};

/// A store that outlives the process, as far as its kind says.
class LastingStore final : public kv::Store {
 public:
  Result<std::shared_ptr<kv::Namespace>> open(std::string_view name) override {
    return inner_->open(name);
  }
  Result<std::vector<kv::Content>> read_all(std::span<const std::string> names) override {
    return inner_->read_all(names);
  }
  std::string_view kind() const override { return "sqlite"; }

 private:
  std::shared_ptr<kv::Store> inner_ = kv::create_memory_store();
};

TEST_F(Material, a_signing_key_on_another_curve_stops_the_start) {
  CASE("AS-45");
  config::TokenBroker broker;
  broker.signer.emplace();
  broker.signer->key_path = "src/appraise/testdata/p384.key";
  const auto signer = load_signer(broker);
  ASSERT_FALSE(signer.ok());
  EXPECT_NE(
      signer.error().to_string().find("Only P-256 attestation token signing keys are supported"),
      std::string::npos)
      << signer.error().to_string();
  broker.signer->key_path = "src/appraise/testdata/signer.key";
  EXPECT_TRUE(load_signer(broker).ok());
}

TEST_F(Material, session_keys_come_from_files_first) {
  const std::string hex = file("hex", std::string(64, 'a') + "\n");
  const std::string base64 =
      file("base64", "  " + codec::base64_encode(ByteVec(32, 0xAA)) + "\r\n");
  const auto keys = load_session_key_files({hex});
  ASSERT_TRUE(keys.ok()) << keys.error().to_string();
  EXPECT_EQ(session_key_origin({hex}, LastingStore()), "key files");
  EXPECT_TRUE(share(*keys, *load_session_key_files({base64}))) << "the same 32 bytes";
}

TEST_F(Material, the_first_session_key_seals_and_all_open) {
  const std::string a = file("a", std::string(64, 'a'));
  const std::string b = file("b", std::string(64, 'b'));
  const auto old_ring = load_session_key_files({a});
  const auto rotated = load_session_key_files({b, a});
  EXPECT_TRUE(share(*old_ring, *rotated));
  EXPECT_FALSE(share(*rotated, *old_ring));
}

TEST_F(Material, a_session_key_that_is_not_32_bytes_stops_the_start) {
  for (const std::string_view text :
       {"", "\n", "abc", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "not a key at all, but some words"}) {
    const auto keys = load_session_key_files({file("key", text)});
    ASSERT_FALSE(keys.ok()) << text;
    EXPECT_TRUE(keys.error().is(Errc::session_key_invalid)) << text;
  }
  const auto two = load_session_key_files({file("good", std::string(64, 'a')), dir_ / "missing"});
  EXPECT_TRUE(two.error().is(Errc::file_unreadable)) << "one of two is not enough";
}

TEST_F(Material, session_keys_are_made_once_in_a_store_that_lasts) {
  LastingStore store;
  const auto first = load_session_keys(store);
  const auto second = load_session_keys(store);
  EXPECT_EQ(session_key_origin({}, store), "the store");
  EXPECT_TRUE(share(*first, *second));
  EXPECT_TRUE(share(*second, *first));
}

TEST_F(Material, a_damaged_key_in_the_store_stops_the_start) {
  LastingStore store;
  auto ns = store.open(kSessionKeyNamespace).value();
  ASSERT_TRUE(ns->put(kSessionKeyName, as_bytes("short"), kv::Overwrite::yes).ok());
  EXPECT_TRUE(load_session_keys(store).error().is(authz::Errc::cookie_key_invalid));
  EXPECT_EQ(as_text(*ns->get(kSessionKeyName).value()), "short") << "and is not replaced";
}

TEST_F(Material, with_a_store_in_memory_the_session_keys_live_with_the_process) {
  const auto first = load_session_keys(*memory_);
  EXPECT_EQ(session_key_origin({}, *memory_), "this process");
  EXPECT_FALSE(share(*first, *load_session_keys(*memory_)));
}

TEST_F(Material, without_anything_to_trust_tokens_by_there_is_no_start) {
  CASE("KBS-K11");
  const appraise::SignerRing own(std::move(appraise::TokenSigner::ephemeral()).value());
  const auto http = client();
  AskedAnew texts(*http);
  EXPECT_TRUE(load_token_trust({}, own, texts).error().is(authz::Errc::no_trust_material));
  config::AttestationToken own_only;
  own_only.trust_builtin_as = true;
  EXPECT_TRUE(load_token_trust(own_only, own, texts).ok());
}

TEST_F(Material, a_trust_file_that_is_missing_or_holds_no_certificate_stops_the_start) {
  const appraise::SignerRing own(std::move(appraise::TokenSigner::ephemeral()).value());
  const auto http = client();
  AskedAnew texts(*http);
  for (const auto& path : {dir_ / "missing", file("empty", ""), file("junk", "junk")}) {
    config::AttestationToken config;
    config.insecure_header_jwk = true;  // would do without the file
    config.trusted_certs_paths = {path};
    EXPECT_FALSE(load_token_trust(config, own, texts).ok()) << path;
  }
}

TEST_F(Material, administrators_need_providers_whose_keys_load) {
  const auto http = client();
  AskedAnew texts(*http);
  config::Admin admin;
  EXPECT_TRUE(load_admin(admin, texts).ok()) << "DenyAll needs none";
  admin.mode = config::AdminMode::authenticated;
  EXPECT_TRUE(load_admin(admin, texts).error().is(authz::Errc::identity_provider_incomplete));
  config::IdentityProvider provider;
  provider.public_key_uri = file("junk.pem", "junk");
  admin.identity_providers = {provider};
  EXPECT_TRUE(load_admin(admin, texts).error().is(Errc::material_invalid));
  const auto key = std::move(crypto::PrivateKey::generate_ed25519()).value();
  const std::string pem = codec::pem_write("PUBLIC KEY", key.public_key().spki());
  admin.identity_providers[0].public_key_uri = "file://" + file("key.pem", pem);
  EXPECT_TRUE(load_admin(admin, texts).ok());
}

TEST_F(Material, a_key_source_with_another_scheme_or_without_a_file_stops_the_start) {
  CASE("KBS-K8");
  const auto http = client();
  AskedAnew texts(*http);
  const auto refused = [&](const std::string& source) {
    const auto set = load_jwk_set(source, texts);
    return set.ok() ? Code(authz::Errc::token_missing) : set.error().code();
  };
  EXPECT_EQ(refused("https://"), Code(Errc::jwks_unavailable));
  EXPECT_EQ(refused("http://example.com"), Code(Errc::source_scheme));
  EXPECT_EQ(refused("ftp://example.com"), Code(Errc::source_scheme));
  EXPECT_EQ(refused("file:///missing"), Code(Errc::file_unreadable));
  EXPECT_EQ(refused(dir_ / "missing"), Code(Errc::file_unreadable));
  EXPECT_EQ(refused(dir_.path()), Code(Errc::file_unreadable)) << "a directory";
  EXPECT_EQ(refused(file("junk", "junk")), Code(Errc::jwks_malformed));
}

TEST(KeySources, the_provider_document_lies_below_the_whole_base) {
  CASE("KBS-K10");
  const std::string at_realm = "https://host/realms/foo/.well-known/openid-configuration";
  EXPECT_EQ(discovery_url("https://host/realms/foo"), at_realm);
  EXPECT_EQ(discovery_url("https://host/realms/foo/"), at_realm);
  EXPECT_EQ(discovery_url("https://host/realms/foo?x=1"), at_realm);
  EXPECT_EQ(discovery_url("https://host"), "https://host/.well-known/openid-configuration");
}

TEST_F(Material, files_have_a_size_limit) {
  const std::string path = dir_ / "large";
  {
    std::ofstream(path).close();
  }
  ASSERT_EQ(::truncate(path.c_str(), kMaxFile), 0);
  EXPECT_EQ(read_file(path)->size(), kMaxFile);
  ASSERT_EQ(::truncate(path.c_str(), kMaxFile + 1), 0);
  EXPECT_TRUE(read_file(path).error().is(Errc::file_too_large));
}

}  // namespace
}  // namespace trustee::reload
