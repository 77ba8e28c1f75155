#pragma once

#include "base/error.h"

namespace trustee::net {

// What can be wrong with sockets and TLS files, requests from the network, pools, and exchanges
// with other servers.
#define TRUSTEE_NET_ERRORS(X)                                                                 \
  X(address_invalid, administrator, "the socket address is not IP:port")                      \
  X(bind_failed, administrator, "the socket address cannot be bound")                         \
  X(no_socket, administrator, "no socket address is configured")                              \
  X(tls_certificate_missing, administrator, "the TLS certificate file cannot be read")        \
  X(tls_key_missing, administrator, "the TLS private key file cannot be read")                \
  X(tls_certificate_invalid, administrator, "the TLS certificate file holds no PEM chain")    \
  X(tls_key_invalid, administrator, "the TLS private key file holds no PEM key")              \
  X(tls_key_mismatch, administrator, "the TLS private key is not the certificate's")          \
  X(tls_versions_conflict, administrator, "the TLS version bounds leave no version")          \
  X(tls_ciphers_invalid, administrator, "the TLS cipher list leaves no usable cipher")        \
  X(tls_groups_invalid, administrator, "the TLS group list holds an unknown group")           \
  X(tls_library, service, "the TLS library failed")                                           \
  X(pool_full, service, "the compute pool and its queue are full")                            \
  X(peer_share_exceeded, guest, "this peer already uses its share of the compute pool")       \
  X(pool_stopped, service, "the compute pool is stopping")                                    \
  X(job_failed, service, "a job on the compute pool ended in an exception")                   \
  X(pool_config_invalid, administrator, "a pool needs at least one thread")                   \
  X(head_malformed, guest, "the request head is not HTTP/1.1")                                \
  X(header_count_exceeded, guest, "the request has too many header fields")                   \
  X(framing_ambiguous, guest, "the request has more than one reading of where its body ends") \
  X(transfer_coding_unsupported, guest, "the transfer coding is not chunked")                 \
  X(chunk_malformed, guest, "the chunked body is malformed")                                  \
  X(body_too_large, guest, "the request body exceeds its size limit")                         \
  X(content_coding_malformed, guest, "the body does not decode by its content coding")        \
  X(content_coding_nested, guest, "the body has more than one content coding")                \
  X(decoder_unavailable, service, "a decoder of content codings lacks memory")                \
  X(url_invalid, administrator, "the URL cannot be parsed")                                   \
  X(scheme_refused, administrator, "the URL scheme is not allowed here")                      \
  X(header_invalid, service, "a field's name is no token or its value holds CR, LF or NUL")   \
  X(trust_roots_invalid, administrator, "the extra certificate authorities cannot be used")   \
  X(connect_failed, vendor, "the server cannot be reached or speaks no TLS of ours")          \
  X(peer_not_trusted, vendor, "the server's certificate is not trusted")                      \
  X(timed_out, vendor, "the exchange did not finish within its deadline")                     \
  X(response_too_large, vendor, "the answer exceeds its size limit")                          \
  X(too_many_redirects, vendor, "the answer redirects too often")                             \
  X(transfer_failed, vendor, "the exchange broke off")
TRUSTEE_ERROR_CODES(Errc, "net", TRUSTEE_NET_ERRORS)

}  // namespace trustee::net
