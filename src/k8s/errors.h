#pragma once

#include "base/error.h"

namespace trustee::k8s {

#define TRUSTEE_K8S_ERRORS(X)                                                                   \
  X(conflict, service, "the object was changed by somebody else meanwhile")                     \
  X(already_exists, service, "an object of that name exists already")                           \
  X(not_found, administrator, "the API server knows no such object or resource")                \
  X(forbidden, administrator, "the role of this program does not allow the request")            \
  X(invalid, administrator, "the API server refuses what the object says")                      \
  X(gone, service, "the resource version is older than what the API server remembers")          \
  X(too_many_requests, service, "the API server asks for fewer requests")                       \
  X(unauthorised, administrator, "the API server does not accept the credentials")              \
  X(unavailable, service, "the API server cannot be reached or cannot answer now")              \
  X(internal_error, service, "the API server, or a webhook that it asks, fails at the request") \
  X(peer_not_trusted, administrator, "the API server's certificate is not trusted")             \
  X(answer_malformed, service, "the answer is not what the Kubernetes API says")                \
  X(answer_too_large, service, "the answer exceeds its size limit")                             \
  X(frame_malformed, service, "a line of the watch is not a watch event")                       \
  X(frame_too_large, service, "a line of the watch exceeds its size limit")                     \
  X(watch_cut, service, "the watch broke off")                                                  \
  X(lease_lost, service, "another process holds the lease, or it could not be renewed in time") \
  X(stopped, service, "the program is stopping")                                                \
  X(kubeconfig_malformed, administrator, "the kubeconfig cannot be used as it stands")          \
  X(kubeconfig_unsupported, administrator,                                                      \
    "the kubeconfig asks for a log-in that is not built in")                                    \
  X(credentials_unreadable, administrator, "a token or certificate file cannot be read")        \
  X(no_cluster, administrator, "neither a kubeconfig nor a service account names an API server")
TRUSTEE_ERROR_CODES(Errc, "k8s", TRUSTEE_K8S_ERRORS)

}  // namespace trustee::k8s
