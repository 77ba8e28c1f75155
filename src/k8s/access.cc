#include "k8s/access.h"

#include <cstdlib>
#include <filesystem>

#include "base/try.h"
#include "k8s/internal/file_text.h"

namespace trustee::k8s {
namespace {

using internal::file_text;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string directory_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

bool exists(const std::string& path) {
  std::error_code ignored;  // what cannot be looked at is reported when it is opened
  return std::filesystem::exists(path, ignored) || ignored;
}

/// Kubeconfig files hold tokens and keys: their texts are wiped.
class KubeconfigTexts {
 public:
  KubeconfigTexts() = default;
  KubeconfigTexts(const KubeconfigTexts&) = delete;
  KubeconfigTexts& operator=(const KubeconfigTexts&) = delete;
  ~KubeconfigTexts() {
    for (KubeconfigFile& file : files_) {
      wipe(file.text.data(), file.text.size());
    }
  }
  Result<void> add(const std::string& path) {
    TRY(std::string text, file_text(path));
    files_.push_back({std::move(text), directory_of(path)});
    return {};
  }
  const std::vector<KubeconfigFile>& files() const { return files_; }

 private:
  std::vector<KubeconfigFile> files_;
};

Result<Access> from_file(const std::string& path) {
  KubeconfigTexts texts;
  TRY_VOID(texts.add(path));
  return access_from_kubeconfig(texts.files()).while_doing("reading " + path);
}

std::vector<std::string> split_paths(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const std::size_t end = list.find(':');
    if (end != 0) out.emplace_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return out;
}

Result<Access> from_list(const std::string& list) {
  KubeconfigTexts texts;
  for (const std::string& path : split_paths(list)) {
    if (!exists(path)) continue;
    TRY_VOID(texts.add(path));
  }
  return access_from_kubeconfig(texts.files()).while_doing("reading KUBECONFIG=" + list);
}

Result<Access> from_service_account(const Places& places) {
  const bool v6 = places.service_host.find(':') != std::string::npos;
  const std::string host = v6 ? '[' + places.service_host + ']' : places.service_host;
  Access out;
  out.server = "https://" + host + ':' + places.service_port;
  out.authority.path = places.account_dir + "/ca.crt";
  out.token.path = places.account_dir + "/token";
  TRY(out.default_ns, file_text(places.account_dir + "/namespace"));
  while (!out.default_ns.empty() && out.default_ns.back() == '\n') {
    out.default_ns.pop_back();
  }
  if (out.default_ns.empty()) {
    return Error(Errc::credentials_unreadable, places.account_dir + "/namespace: empty");
  }
  out.in_cluster = true;
  return out;
}

}  // namespace

Places places_from_environment(std::string kubeconfig_flag) {
  Places out;
  out.kubeconfig_flag = std::move(kubeconfig_flag);
  out.kubeconfig_env = variable("KUBECONFIG");
  out.home = variable("HOME");
  out.service_host = variable("KUBERNETES_SERVICE_HOST");
  out.service_port = variable("KUBERNETES_SERVICE_PORT");
  return out;
}

Result<Access> find_access(const Places& places) {
  if (!places.kubeconfig_flag.empty()) return from_file(places.kubeconfig_flag);
  if (!places.kubeconfig_env.empty()) return from_list(places.kubeconfig_env);
  if (!places.service_host.empty() && !places.service_port.empty()) {
    return from_service_account(places);
  }
  const std::string usual = places.home + "/.kube/config";
  if (!places.home.empty() && exists(usual)) return from_file(usual);
  return Errc::no_cluster;
}

}  // namespace trustee::k8s
