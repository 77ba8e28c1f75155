#include "net/client.h"

#include <curl/curl.h>

#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "base/try.h"
#include "codec/blank.h"
#include "net/internal/header_lines.h"
#include "net/internal/ssl.h"

namespace trustee::net {
namespace {

struct EasyFree {
  void operator()(CURL* c) const { curl_easy_cleanup(c); }
};
using EasyPtr = std::unique_ptr<CURL, EasyFree>;

/// Once per process and never undone, as libcurl asks.
void initialise_library() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
}

/// What libcurl's callbacks fill.
struct Transfer {
  ClientResponse response;
  std::size_t max_bytes = 0;
  bool too_large = false;
};

std::size_t on_body(char* data, std::size_t, std::size_t n, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  if (n > t.max_bytes - t.response.body.size()) {
    t.too_large = true;
    return 0;
  }
  const Bytes bytes = as_bytes({data, n});
  t.response.body.insert(t.response.body.end(), bytes.begin(), bytes.end());
  return n;
}

/// Asked by libcurl once a second at least; other than 0 ends the transfer.
int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const std::stop_token*>(user)->stop_requested() ? 1 : 0;
}

std::size_t on_header(char* data, std::size_t, std::size_t n, void* user) {
  constexpr std::size_t kMaxFields = 256;
  auto& t = *static_cast<Transfer*>(user);
  const std::string_view line(data, n);
  if (line.starts_with("HTTP/")) {  // a further answer: after 100, a redirect, a proxy
    t.response.headers = Headers();
    t.response.body.clear();
    return n;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return n;
  if (t.response.headers.size() >= kMaxFields) {
    t.too_large = true;
    return 0;
  }
  t.response.headers.add(
      std::string(line.substr(0, colon)),
      std::string(codec::trimmed(line.substr(colon + 1), codec::kBlankOrLineEnd)));
  return n;
}

/// Every certificate of a PEM text. Empty when it holds anything unreadable.
std::vector<X509Ptr> read_roots(const std::string& pem) {
  std::vector<X509Ptr> out;
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (bio) {
    X509Ptr cert(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!cert) break;
    out.push_back(std::move(cert));
  }
  const unsigned long last = ERR_peek_last_error();
  ERR_clear_error();
  if (ERR_GET_REASON(last) != PEM_R_NO_START_LINE) out.clear();
  return out;
}

struct UrlFree {
  void operator()(CURLU* u) const { curl_url_cleanup(u); }
};
struct TextFree {
  void operator()(char* text) const { curl_free(text); }
};

/// The host that a new connection is to, as certificates name it: after a redirect the new one.
/// Empty when it cannot be told.
std::string host_of_connection(CURL* c) {
  const char* url = nullptr;
  if (curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url) != CURLE_OK || url == nullptr) return {};
  const std::unique_ptr<CURLU, UrlFree> parsed(curl_url());
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, url, 0) != CURLUE_OK) return {};
  char* text = nullptr;
  if (curl_url_get(parsed.get(), CURLUPART_HOST, &text, 0) != CURLUE_OK) return {};
  const std::unique_ptr<char, TextFree> owned(text);
  std::string host(text);
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  if (host.ends_with('.')) host.pop_back();
  return host;
}

/// Has the handshake refuse a certificate that is not this host's. False when it could not be asked
/// for.
bool expect_host(SSL_CTX* context, const std::string& host) {
  if (host.empty()) return false;  // OpenSSL takes an empty name for any
  X509_VERIFY_PARAM* param = SSL_CTX_get0_param(context);
  if (X509_VERIFY_PARAM_set1_ip_asc(param, host.c_str()) == 1) return true;
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(param, host.c_str(), host.size()) == 1;
}

/// Those of SSL_CERT_FILE, or else Debian's bundle, and its directory. Where there are none nothing
/// is trusted.
void add_system_roots(X509_STORE* store) {
  const char* bundle = std::getenv("SSL_CERT_FILE");
  const bool named = bundle != nullptr && *bundle != '\0';
  X509_STORE_load_file(store, named ? bundle : "/etc/ssl/certs/ca-certificates.crt");
  X509_STORE_load_path(store, "/etc/ssl/certs");
  ERR_clear_error();
}

/// To connect, TLS included: a host that swallows packets is not waited for until the deadline.
constexpr long kConnectSeconds = 20;

/// Whom a client believes.
struct Trust {
  std::vector<X509Ptr> roots;
  bool system_roots = true;
};

/// Has OpenSSL verify the peer of a new connection in the handshake: chain, time, purpose, host.
/// libcurl would do it after the handshake, and refuse a certificate whose issuer has no name, as
/// cert-manager makes them. A proxy that speaks TLS itself is not the host, and is refused.
CURLcode on_ssl_context(CURL* c, void* context, void* user) {
  const auto& trust = *static_cast<const Trust*>(user);
  auto* ssl = static_cast<SSL_CTX*>(context);
  X509_STORE* store = SSL_CTX_get_cert_store(ssl);
  for (const auto& root : trust.roots) {
    if (X509_STORE_add_cert(store, root.get()) != 1) {
      ERR_clear_error();
      return CURLE_SSL_CERTPROBLEM;
    }
  }
  if (trust.system_roots) add_system_roots(store);
  // A server's own certificate, or that of an authority below a root, may be what is trusted.
  X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
  SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  return expect_host(ssl, host_of_connection(c)) ? CURLE_OK : CURLE_PEER_FAILED_VERIFICATION;
}

Errc from_curl(CURLcode rc) {
  switch (static_cast<int>(rc)) {
    case CURLE_URL_MALFORMAT:
      return Errc::url_invalid;
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Errc::scheme_refused;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR:  // no TLS to be had; a certificate has a code of its own
      return Errc::connect_failed;
    case CURLE_OPERATION_TIMEDOUT:
      return Errc::timed_out;
    case CURLE_SSL_CERTPROBLEM:  // of on_ssl_context: a root that the library does not take
      return Errc::trust_roots_invalid;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return Errc::peer_not_trusted;
    case CURLE_TOO_MANY_REDIRECTS:
      return Errc::too_many_redirects;
    case CURLE_FILESIZE_EXCEEDED:
      return Errc::response_too_large;
    default:
      return Errc::transfer_failed;
  }
}

/// Of a peer that was not believed, what is wrong with its certificate.
std::string why_failed(CURL* c, CURLcode rc) {
  long verified = X509_V_OK;
  curl_easy_getinfo(c, CURLINFO_SSL_VERIFYRESULT, &verified);
  if (from_curl(rc) != Errc::peer_not_trusted || verified == X509_V_OK) {
    return curl_easy_strerror(rc);
  }
  return std::string("the server's certificate: ") + X509_verify_cert_error_string(verified);
}

bool has_scheme(std::string_view url, std::string_view scheme) {
  return url.size() > scheme.size() && equal_ignoring_case(url.substr(0, scheme.size()), scheme);
}

/// The host of an `http://` URL, IPv6 literals with their brackets: behind the name and password
/// that may stand before an `@`, before the port.
std::string_view host_of(std::string_view url) {
  url.remove_prefix(std::string_view("http://").size());
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
  if (authority.starts_with('[')) {
    const std::string_view literal = authority.substr(0, authority.find(']') + 1);
    const std::string_view rest = authority.substr(literal.size());
    return rest.empty() || rest.front() == ':' ? literal : std::string_view();
  }
  return authority.substr(0, authority.find(':'));
}

/// Plain HTTP to this machine: private as long as nobody else passes it on.
bool is_loopback_in_the_open(std::string_view url) {
  if (!has_scheme(url, "http://")) return false;
  const std::string_view host = host_of(url);
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return host == "localhost" || host == "[::1]" || (numeric && host.starts_with("127."));
}

}  // namespace

bool is_private_channel(std::string_view url) {
  return has_scheme(url, "https://") || is_loopback_in_the_open(url);
}

struct HttpClient::State {
  ClientConfig config;
  Trust trust;
  std::mutex mutex;
  std::vector<EasyPtr> idle;  ///< each with its open connections; guarded by mutex

  EasyPtr take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return EasyPtr(curl_easy_init());
    EasyPtr out = std::move(idle.back());
    idle.pop_back();
    return out;
  }
  void give_back(EasyPtr easy) {
    curl_easy_reset(easy.get());  // keeps connections, drops every option
    const std::lock_guard lock(mutex);
    if (idle.size() < config.idle_connections) idle.push_back(std::move(easy));
  }

  /// Errors: peer_not_trusted, where libcurl would leave the peer to nobody.
  Result<void> set_trust(CURL* c) {
    curl_easy_setopt(c, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (curl_easy_setopt(c, CURLOPT_SSL_CTX_FUNCTION, on_ssl_context) != CURLE_OK ||
        curl_easy_setopt(c, CURLOPT_SSL_CTX_DATA, &trust) != CURLE_OK) {
      return Error(Errc::peer_not_trusted, "libcurl is not built with OpenSSL");
    }
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);  // on_ssl_context sees to both
    curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
    return {};
  }

  void set_request(CURL* c, const ClientRequest& r) const {
    curl_easy_setopt(c, CURLOPT_URL, r.url.c_str());
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, config.allow_http ? "http,https" : "https");
    curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, config.allow_http ? "http,https" : "https");
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, r.max_redirects > 0 ? 1L : 0L);
    curl_easy_setopt(c, CURLOPT_MAXREDIRS, static_cast<long>(r.max_redirects));
    curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, nullptr);
    if (r.stop.stop_possible()) {
      curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
      curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
      curl_easy_setopt(c, CURLOPT_XFERINFODATA, &r.stop);
    }
    if (!config.user_agent.empty()) {
      curl_easy_setopt(c, CURLOPT_USERAGENT, config.user_agent.c_str());
    }
    set_method(c, r);
    if (!config.use_proxy || is_loopback_in_the_open(r.url)) {
      curl_easy_setopt(c, CURLOPT_PROXY, "");
      return;
    }
    // libcurl reads http_proxy in lower case only, for the sake of CGI programs.
    const char* upper = std::getenv("HTTP_PROXY");
    if (upper != nullptr && std::getenv("http_proxy") == nullptr &&
        std::getenv("REQUEST_METHOD") == nullptr && has_scheme(r.url, "http://")) {
      curl_easy_setopt(c, CURLOPT_PROXY, upper);
    }
  }

  static void set_method(CURL* c, const ClientRequest& r) {
    if (r.method == "HEAD") {
      curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
      return;
    }
    if (!r.body.empty() || r.method == "POST" || r.method == "PUT") {
      curl_easy_setopt(c, CURLOPT_POST, 1L);
      curl_easy_setopt(c, CURLOPT_POSTFIELDS, reinterpret_cast<const char*>(r.body.data()));
      curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(r.body.size()));
      if (r.body.empty()) curl_easy_setopt(c, CURLOPT_POSTFIELDS, "");
      if (r.method == "POST") return;
    }
    if (r.method != "GET" || !r.body.empty()) {
      curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, r.method.c_str());
    }
  }
};

HttpClient::HttpClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(ClientConfig config) {
  initialise_library();
  auto state = std::make_unique<State>();
  if (!config.extra_roots_pem.empty()) {
    state->trust.roots = read_roots(config.extra_roots_pem);
    if (state->trust.roots.empty()) return Errc::trust_roots_invalid;
  }
  state->trust.system_roots = config.system_roots;
  state->config = std::move(config);
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(state)));
}

Result<ClientResponse> HttpClient::perform(const ClientRequest& request, Deadline deadline) {
  const bool https = has_scheme(request.url, "https://");
  if (!https && !has_scheme(request.url, "http://")) return Errc::url_invalid;
  if (!https && !state_->config.allow_http) return Errc::scheme_refused;
  if (!is_sendable_header(request.method, "")) return Error(Errc::header_invalid, "method");
  if (deadline.passed()) return Errc::timed_out;
  TRY(const HeaderLines headers, header_lines(request.headers));
  EasyPtr easy = state_->take();
  if (!easy) return Error(Errc::transfer_failed, "no handle");
  CURL* c = easy.get();
  Transfer transfer;
  transfer.max_bytes = request.max_response_bytes;
  state_->set_request(c, request);
  TRY_VOID(state_->set_trust(c));
  curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(c, CURLOPT_HEADERDATA, &transfer);
  if (!deadline.is_never()) {
    const auto left = std::max<std::int64_t>(1, deadline.left().count());
    curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(left));
  }
  const CURLcode rc = curl_easy_perform(c);
  long status = 0;
  curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
  const char* url = nullptr;
  curl_easy_getinfo(c, CURLINFO_EFFECTIVE_URL, &url);
  transfer.response.status = static_cast<int>(status);
  transfer.response.url = url == nullptr ? request.url : url;
  ERR_clear_error();
  if (rc != CURLE_OK) {  // the handle goes: its connection is in an unknown state
    if (transfer.too_large) return Errc::response_too_large;
    return Error(from_curl(rc), why_failed(c, rc));
  }
  state_->give_back(std::move(easy));
  return std::move(transfer.response);
}

}  // namespace trustee::net
