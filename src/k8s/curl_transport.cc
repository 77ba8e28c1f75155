#include "k8s/curl_transport.h"

#include <charconv>
#include <vector>

#include <curl/curl.h>

#include "base/mutex.h"
#include "base/try.h"
#include "k8s/internal/secret_access.h"

namespace trustee::k8s {
namespace {

struct EasyFree {
  void operator()(CURL* c) const { curl_easy_cleanup(c); }
};
struct ListFree {
  void operator()(curl_slist* l) const { curl_slist_free_all(l); }
};
using EasyPtr = std::unique_ptr<CURL, EasyFree>;
using ListPtr = std::unique_ptr<curl_slist, ListFree>;
using TlsPtr = std::shared_ptr<const TlsMaterial>;

constexpr int kOk = 200;
constexpr int kUnauthorised = 401;

/// Once per process and never undone, as libcurl asks.
void initialise_library() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)once;
}

/// What libcurl's callbacks fill.
struct Transfer {
  CURL* curl = nullptr;
  HttpAnswer answer{};
  std::size_t max_bytes = 0;
  bool too_large = false;
  const Transport::Sink* sink = nullptr;  ///< null: the body is collected
  bool sated = false;                     ///< the sink had enough
  std::stop_token stop{};
};

std::size_t on_body(char* data, std::size_t, std::size_t n, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  long status = 0;
  curl_easy_getinfo(t.curl, CURLINFO_RESPONSE_CODE, &status);
  if (t.sink != nullptr && status == kOk) {
    t.sated = !(*t.sink)({data, n});
    return t.sated ? 0 : n;
  }
  if (n > t.max_bytes - t.answer.body.size()) {
    t.too_large = true;
    return 0;
  }
  t.answer.body.append(data, n);
  return n;
}

std::size_t on_header(char* data, std::size_t, std::size_t n, void* user) {
  auto& t = *static_cast<Transfer*>(user);
  if (std::string_view(data, n).starts_with("HTTP/")) t.answer.body.clear();
  return n;
}

int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Transfer*>(user)->stop.stop_requested() ? 1 : 0;
}

/// Whether other certificates may help.
bool is_tls_failure(CURLcode rc) {
  switch (static_cast<int>(rc)) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return true;
    default:
      return false;
  }
}

// A handshake that breaks off says nothing of trust: load balancers without a server end it so.
Errc code_of(CURLcode rc) {
  if (rc == CURLE_SSL_CONNECT_ERROR) return Errc::unavailable;
  return is_tls_failure(rc) ? Errc::peer_not_trusted : Errc::unavailable;
}

/// What came of one try.
struct Tried {
  Result<HttpAnswer> answer;
  bool tls_failed = false;  ///< other certificates may help
};

ListPtr header_list(const HttpRequest& request, const SecretText& authorization) {
  curl_slist* list = nullptr;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list, line.c_str());
    if (longer != nullptr) list = longer;
  };
  add("Accept: " + request.accept);
  if (!request.content_type.empty()) {
    add("Content-Type: " + request.content_type);
  } else {
    add("Content-Type:");
  }
  add("Expect:");
  const std::string& line = SecretAccessForCluster::text(authorization);
  if (!line.empty()) add(line);
  return ListPtr(list);
}

curl_blob blob_of(const std::string& text) {
  return {const_cast<char*>(text.data()), text.size(), CURL_BLOB_NOCOPY};
}

// False when libcurl does not take the authority: it would trust the system's instead.
bool set_trust(CURL* c, const TlsMaterial& tls) {
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, tls.insecure ? 0L : 1L);
  curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, tls.insecure ? 0L : 2L);
  curl_easy_setopt(c, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!tls.authority.empty()) {
    curl_easy_setopt(c, CURLOPT_CAPATH, nullptr);
    curl_blob authority = blob_of(tls.authority);
    if (curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &authority) != CURLE_OK) return false;
  }
  if (!tls.certificate.empty()) {
    curl_blob certificate = blob_of(tls.certificate);
    curl_blob key = blob_of(SecretAccessForCluster::text(tls.key));
    curl_easy_setopt(c, CURLOPT_SSLCERTTYPE, "PEM");
    curl_easy_setopt(c, CURLOPT_SSLCERT_BLOB, &certificate);
    curl_easy_setopt(c, CURLOPT_SSLKEYTYPE, "PEM");
    curl_easy_setopt(c, CURLOPT_SSLKEY_BLOB, &key);
  }
  return true;
}

/// `https://host:port[/path]` taken apart as far as a foreign server name needs it.
struct Authority {
  std::string host;
  std::string port;
};

Authority authority_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  std::string_view rest = url.substr(scheme == std::string_view::npos ? 0 : scheme + 3);
  rest = rest.substr(0, rest.find('/'));
  const std::size_t bracket = rest.rfind(']');
  const std::size_t colon = rest.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  if (!has_port) return {std::string(rest), "443"};
  return {std::string(rest.substr(0, colon)), std::string(rest.substr(colon + 1))};
}

}  // namespace

struct CurlTransport::State {
  Credentials& credentials;
  const std::string user_agent;
  const TransportLimits limits;
  Mutex mutex;
  std::vector<EasyPtr> idle TRUSTEE_GUARDED_BY(mutex);  ///< each with its open connections
  TlsPtr idle_tls TRUSTEE_GUARDED_BY(mutex);            ///< what those were opened with

  State(Credentials& c, std::string agent, TransportLimits l)
      : credentials(c), user_agent(std::move(agent)), limits(l) {}

  EasyPtr take(const TlsPtr& tls) {
    const MutexLock lock(mutex);
    if (idle_tls != tls) idle.clear();
    idle_tls = tls;
    if (idle.empty()) return EasyPtr(curl_easy_init());
    EasyPtr out = std::move(idle.back());
    idle.pop_back();
    return out;
  }

  void give_back(EasyPtr easy, const TlsPtr& tls) {
    curl_easy_reset(easy.get());  // keeps connections, drops every option
    const MutexLock lock(mutex);
    if (idle_tls == tls && idle.size() < limits.idle_connections) idle.push_back(std::move(easy));
  }

  /// With a server name of its own the URL holds that name, and the connection goes to the host.
  ListPtr set_target(CURL* c, const HttpRequest& request, const TlsMaterial& tls) const {
    const std::string& server = credentials.access().server;
    std::string url = server + request.target;
    ListPtr route;
    if (!tls.server_name.empty()) {
      const Authority at = authority_of(server);
      const std::size_t path = server.find('/', server.find("://") + 3);
      const std::string prefix = path == std::string::npos ? std::string() : server.substr(path);
      url = "https://" + tls.server_name + ':' + at.port + prefix + request.target;
      const std::string to = tls.server_name + ':' + at.port + ':' + at.host + ':' + at.port;
      route.reset(curl_slist_append(nullptr, to.c_str()));
      curl_easy_setopt(c, CURLOPT_CONNECT_TO, route.get());
    }
    curl_easy_setopt(c, CURLOPT_URL, url.c_str());
    return route;
  }

  void set_request(CURL* c, const HttpRequest& request) const {
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(c, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(c, CURLOPT_USERAGENT, user_agent.c_str());
    const std::string& proxy = credentials.access().proxy;
    if (!proxy.empty()) curl_easy_setopt(c, CURLOPT_PROXY, proxy.c_str());
    if (!request.body.empty() || request.method == "POST") {
      curl_easy_setopt(c, CURLOPT_POST, 1L);
      curl_easy_setopt(c, CURLOPT_POSTFIELDS, request.body.data());
      curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(request.body.size()));
    }
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  void set_times(CURL* c, bool stream) const {
    curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    if (stream) {
      curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
      curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, static_cast<long>(limits.silence.count()));
    } else {
      curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.exchange.count()));
    }
  }

  static void set_callbacks(CURL* c, Transfer& transfer) {
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(c, CURLOPT_HEADERDATA, &transfer);
    curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(c, CURLOPT_XFERINFODATA, &transfer);
  }

  static Error failure(CURLcode rc, const Transfer& transfer) {
    if (transfer.stop.stop_requested()) return Errc::stopped;
    if (transfer.too_large) return Errc::answer_too_large;
    long status = 0;
    curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
    const char* why = curl_easy_strerror(rc);
    if (transfer.sink != nullptr && status == kOk) return Error(Errc::watch_cut, why);
    return Error(code_of(rc), why);
  }

  Tried perform(const HttpRequest& request, const SecretText& authorization, const TlsPtr& tls,
                const Sink* sink, const std::stop_token& stop) {
    EasyPtr easy = take(tls);
    if (!easy) return {Error(Errc::unavailable, "no handle")};
    CURL* c = easy.get();
    const ListPtr headers = header_list(request, authorization);
    Transfer transfer;
    transfer.curl = c;
    transfer.max_bytes = limits.answer_bytes;
    transfer.sink = sink;
    transfer.stop = stop;
    const ListPtr route = set_target(c, request, *tls);
    set_request(c, request);
    if (!set_trust(c, *tls)) {
      return {Error(Errc::peer_not_trusted, "the authority is not taken"), true};
    }
    set_times(c, sink != nullptr);
    set_callbacks(c, transfer);
    curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers.get());
    const CURLcode rc = curl_easy_perform(c);
    if (headers) wipe_authorization(headers.get(), authorization);
    if (rc != CURLE_OK && !transfer.sated) return {failure(rc, transfer), is_tls_failure(rc)};
    long status = 0;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t wait = 0;
    curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
    transfer.answer.status = static_cast<int>(status);
    if (wait > 0) transfer.answer.retry_after = std::chrono::seconds(wait);
    if (!transfer.sated) give_back(std::move(easy), tls);
    return {std::move(transfer.answer)};
  }

  static void wipe_authorization(curl_slist* list, const SecretText& authorization) {
    for (; list != nullptr; list = list->next) {
      if (list->data == SecretAccessForCluster::text(authorization)) {
        wipe(list->data, authorization.size());
      }
    }
  }

  Result<HttpAnswer> attempt(const HttpRequest& request, const Sink* sink,
                             const std::stop_token& stop) {
    bool renewed_token = false;
    bool renewed_tls = false;
    while (true) {
      const SecretText authorization = credentials.authorization();
      const TlsPtr tls = credentials.tls();
      Tried tried = perform(request, authorization, tls, sink, stop);
      const bool refused = tried.answer.ok() && tried.answer->status == kUnauthorised;
      const bool by_tls = tried.tls_failed || (refused && !tls->certificate.empty());
      if (refused && !renewed_token && credentials.renew_token(authorization)) {
        renewed_token = true;
      } else if (by_tls && !renewed_tls && credentials.renew_tls(tls)) {
        renewed_tls = true;
      } else {
        return std::move(tried.answer);
      }
    }
  }
};

CurlTransport::CurlTransport(Credentials& credentials, std::string user_agent,
                             TransportLimits limits)
    : state_(std::make_unique<State>(credentials, std::move(user_agent), limits)) {
  initialise_library();
}

CurlTransport::~CurlTransport() = default;

Result<HttpAnswer> CurlTransport::exchange(const HttpRequest& request,
                                           const std::stop_token& stop) {
  return state_->attempt(request, nullptr, stop);
}

Result<HttpAnswer> CurlTransport::stream(const HttpRequest& request, const Sink& sink,
                                         const std::stop_token& stop) {
  return state_->attempt(request, &sink, stop);
}

}  // namespace trustee::k8s
