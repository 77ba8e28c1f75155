#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "k8s/errors.h"

namespace trustee::k8s {

/// A text that stands in the configuration or in a file, which somebody may replace. The file wins.
struct TextSource {
  std::string path{};
  std::string text{};
  bool empty() const { return path.empty() && text.empty(); }
};

/// The same for what is secret.
struct SecretSource {
  std::string path{};
  SecretText text{};
  bool empty() const { return path.empty() && text.empty(); }
};

/// Where an API server is and who we are to it.
struct Access {
  std::string server;         ///< `https://host:port[/path]`, or `http://` for tests
  TextSource authority{};     ///< PEM; empty for the system's
  std::string server_name{};  ///< expected in its certificate instead of the host
  bool insecure = false;      ///< its certificate is not checked, as the kubeconfig demands
  std::string proxy{};        ///< URL; empty for what the environment says
  SecretSource token{};       ///< bearer token
  TextSource certificate{};   ///< PEM, ours
  SecretSource key{};         ///< PEM, its private key
  std::string user{};         ///< for basic authentication
  SecretText password{};
  std::string default_ns{};  ///< namespace of the context or of the pod; may be empty
  bool in_cluster = false;   ///< read from a pod's service account
};

/// One file of a kubeconfig list.
struct KubeconfigFile {
  std::string text;       ///< YAML or JSON
  std::string directory;  ///< what relative paths in it are relative to
};

/// Reads kubeconfig files as one: of contexts, clusters and users of the same name, and of
/// `current-context`, the first counts.
/// Errors  kubeconfig_malformed; kubeconfig_unsupported (exec and auth-provider plug-ins,
///         impersonation).
/// Source  operator.md section 11.1; "Organizing Cluster Access Using kubeconfig Files".
Result<Access> access_from_kubeconfig(const std::vector<KubeconfigFile>& files);

/// What a process knows of its surroundings.
struct Places {
  std::string kubeconfig_flag{};  ///< path; empty when not given
  std::string kubeconfig_env{};   ///< `KUBECONFIG`: paths joined by `:`
  std::string home{};             ///< `HOME`
  std::string service_host{};     ///< `KUBERNETES_SERVICE_HOST`
  std::string service_port{};     ///< `KUBERNETES_SERVICE_PORT`
  std::string account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";
};

/// From this process's environment.
Places places_from_environment(std::string kubeconfig_flag);

/// The first that is there: the flag's file, the files of `KUBECONFIG` (missing ones are passed
/// over), the pod's service account, `~/.kube/config`.
/// Errors  those of access_from_kubeconfig; credentials_unreadable; no_cluster.
/// Source  operator.md section 6.1.
Result<Access> find_access(const Places& places);

}  // namespace trustee::k8s
