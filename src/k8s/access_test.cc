#include "k8s/access.h"

#include <gtest/gtest.h>

#include "codec/base64.h"
#include "tests/support/secret_access.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_certificates.h"

namespace trustee::k8s {
namespace {

// Shaped as `kubectl config view` writes it.
constexpr std::string_view kYaml = R"(apiVersion: v1
kind: Config
current-context: bed
contexts:
- name: other
  context: {cluster: none, user: none}
- name: bed
  context:
    cluster: local
    user: admin
    namespace: operators
clusters:
- name: local
  cluster:
    server: https://127.0.0.1:6443/
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes
    proxy-url: http://proxy:3128
users:
- name: admin
  user:
    token: "12345"
    client-certificate-data: |
      Q0VS
      VA==
    client-key-data: S0VZ
)";

Result<Access> one(std::string text) {
  return access_from_kubeconfig({{std::move(text), "/etc/kube"}});
}
std::string text(const SecretText& secret) { return secret.reveal(SecretAccessForTest::key()); }
std::string code(const Result<Access>& access) {
  return access.ok() ? "ok" : std::string(access.error().code().name());
}
std::string replaced(std::string_view what, std::string_view with) {
  std::string out(kYaml);
  out.replace(out.find(what), what.size(), with);
  return out;
}

TEST(Kubeconfig, is_read_as_yaml) {
  const auto access = one(std::string(kYaml));
  ASSERT_TRUE(access.ok()) << access.error().to_string();
  EXPECT_EQ(access->server, "https://127.0.0.1:6443");
  EXPECT_EQ(access->authority.path, "/etc/kube/pki/ca.crt");
  EXPECT_EQ(access->authority.text, "");
  EXPECT_EQ(access->server_name, "kubernetes");
  EXPECT_EQ(access->proxy, "http://proxy:3128");
  EXPECT_FALSE(access->insecure);
  EXPECT_EQ(text(access->token.text), "12345");
  EXPECT_EQ(access->certificate.text, "CERT");
  EXPECT_EQ(text(access->key.text), "KEY");
  EXPECT_EQ(access->default_ns, "operators");
  EXPECT_FALSE(access->in_cluster);
}

TEST(Kubeconfig, is_read_as_json) {
  const auto access = one(R"({"current-context":"c",
    "contexts":[{"name":"c","context":{"cluster":"k","user":"u"}}],
    "clusters":[{"name":"k","cluster":{"server":"http://[::1]:80","insecure-skip-tls-verify":true}}],
    "users":[{"name":"u","user":{"username":"me","password":"pw","tokenFile":"/run/token"}}]})");
  ASSERT_TRUE(access.ok()) << access.error().to_string();
  EXPECT_EQ(access->server, "http://[::1]:80");
  EXPECT_TRUE(access->insecure);
  EXPECT_EQ(access->user, "me");
  EXPECT_EQ(text(access->password), "pw");
  EXPECT_EQ(access->token.path, "/run/token");
}

TEST(Kubeconfig, data_goes_before_files_and_digits_may_be_a_token) {
  const auto access =
      one(replaced("token: \"12345\"", "token: 987\n    client-key: /nowhere\n    tokenFile: t"));
  ASSERT_TRUE(access.ok()) << access.error().to_string();
  EXPECT_EQ(text(access->token.text), "987");
  EXPECT_EQ(access->token.path, "/etc/kube/t");
  EXPECT_EQ(access->key.path, "");
  EXPECT_EQ(text(access->key.text), "KEY");
}

TEST(Kubeconfig, of_several_files_the_first_word_counts) {
  const std::string second = R"({"current-context":"other","clusters":
    [{"name":"local","cluster":{"server":"https://wrong"}},
     {"name":"late","cluster":{"server":"https://late"}}]})";
  const auto first_wins = access_from_kubeconfig({{std::string(kYaml), "/a"}, {second, "/b"}});
  ASSERT_TRUE(first_wins.ok());
  EXPECT_EQ(first_wins->server, "https://127.0.0.1:6443");
  EXPECT_EQ(first_wins->authority.path, "/a/pki/ca.crt");
  const auto from_second = access_from_kubeconfig(
      {{replaced("cluster: local\n    u", "cluster: late\n    u"), "/a"}, {second, "/b"}});
  ASSERT_TRUE(from_second.ok()) << from_second.error().to_string();
  EXPECT_EQ(from_second->server, "https://late");
}

TEST(Kubeconfig, refuses_log_ins_that_are_not_built_in) {
  for (const char* plugin : {"exec: {command: x}", "auth-provider: {name: x}", "as: somebody"}) {
    const auto access = one(replaced("token: \"12345\"", plugin));
    EXPECT_EQ(code(access), "kubeconfig_unsupported") << plugin;
  }
}

TEST(Kubeconfig, refuses_what_it_cannot_use) {
  EXPECT_EQ(code(one("")), "kubeconfig_malformed");
  EXPECT_EQ(code(one("- a")), "kubeconfig_malformed");
  EXPECT_EQ(code(one("a: [")), "kubeconfig_malformed");
  EXPECT_EQ(code(one("{\"a\":")), "kubeconfig_malformed");
  const std::pair<const char*, const char*> changes[] = {
      {"current-context: bed", "current-context: missing"},
      {"cluster: local\n", "cluster: missing\n"},
      {"user: admin", "user: missing"},
      {"https://127.0.0.1:6443/", "ftp://x"},
      {"S0VZ", "###"},
      {"client-key-data: S0VZ", "x: y"},
      {"proxy-url: http://proxy:3128", "insecure-skip-tls-verify: true"},
      {"proxy-url: http://proxy:3128", "insecure-skip-tls-verify: maybe"},
      {"token: \"12345\"", "token: [a]"},
      {"- name: admin", "- nothing"},
  };
  for (const auto& [what, with] : changes) {
    EXPECT_EQ(code(one(replaced(what, with))), "kubeconfig_malformed") << with;
  }
}

class FindAccess : public ::testing::Test {
 protected:
  FindAccess() {
    std::filesystem::create_directories(dir_ / "home/.kube");
    std::filesystem::create_directories(dir_ / "account");
    write_file(dir_ / "account/token", "tok");
    write_file(dir_ / "account/namespace", "ns-of-pod\n");
    write_file(dir_ / "account/ca.crt", "ca");
    for (const char* name : {"flag", "env", "home/.kube/config"}) {
      write_file(dir_ / name, replaced("https://127.0.0.1:6443/", "https://" + last(name)));
    }
    places_.kubeconfig_flag = dir_ / "flag";
    places_.kubeconfig_env = ":" + (dir_ / "missing") + ':' + (dir_ / "env");
    places_.service_host = "10.0.0.1";
    places_.service_port = "443";
    places_.account_dir = dir_ / "account";
    places_.home = dir_ / "home";
  }
  static std::string last(std::string path) { return path.substr(path.rfind('/') + 1); }
  std::string server() const {
    const auto access = find_access(places_);
    return access.ok() ? access->server : std::string(access.error().code().name());
  }
  TempDir dir_;
  Places places_;
};

TEST_F(FindAccess, goes_from_flag_to_variable_to_service_account_to_home) {
  EXPECT_EQ(server(), "https://flag");
  places_.kubeconfig_flag.clear();
  EXPECT_EQ(server(), "https://env");
  places_.kubeconfig_env.clear();
  EXPECT_EQ(server(), "https://10.0.0.1:443");
  places_.service_host.clear();
  EXPECT_EQ(server(), "https://config");
  places_.home = dir_.path();
  EXPECT_EQ(server(), "no_cluster");
}

TEST_F(FindAccess, reads_the_namespace_of_the_pod_and_brackets_ipv6) {
  places_.kubeconfig_flag.clear();
  places_.kubeconfig_env.clear();
  places_.service_host = "fd00::1";
  const auto access = find_access(places_);
  ASSERT_TRUE(access.ok());
  EXPECT_EQ(access->server, "https://[fd00::1]:443");
  EXPECT_EQ(access->default_ns, "ns-of-pod");
  EXPECT_TRUE(access->in_cluster);
  EXPECT_EQ(access->token.path, dir_ / "account/token");
}

TEST_F(FindAccess, a_file_is_read_whole_up_to_its_limit) {
  const std::string padding(10000, '#');
  write_file(dir_ / "long", padding + "\n" + std::string(kYaml));
  places_.kubeconfig_flag = dir_ / "long";
  EXPECT_EQ(server(), "https://127.0.0.1:6443");
  write_file(dir_ / "long", std::string((1U << 20U) + 1, '#'));
  EXPECT_EQ(server(), "credentials_unreadable");
}

TEST_F(FindAccess, does_not_go_on_when_the_file_asked_for_is_missing) {
  places_.kubeconfig_flag = dir_ / "missing";
  EXPECT_EQ(server(), "credentials_unreadable");
  places_.kubeconfig_flag.clear();
  places_.kubeconfig_env = dir_ / "missing";
  EXPECT_EQ(server(), "kubeconfig_malformed");
  places_.kubeconfig_env.clear();
  write_file(dir_ / "account/namespace", "\n");
  EXPECT_EQ(server(), "credentials_unreadable");
  std::filesystem::remove(dir_ / "account/namespace");
  EXPECT_EQ(server(), "credentials_unreadable");
}

}  // namespace
}  // namespace trustee::k8s
