#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "k8s/pace.h"
#include "k8s/resource.h"
#include "k8s/transport.h"

namespace trustee::k8s {

/// What of an object stays in memory: the object, less, or nothing at all.
using Keep = std::function<std::optional<json::Object>(json::Object object)>;

/// Which objects of a kind.
struct Selection {
  std::string ns{};              ///< empty for all namespaces
  std::string field_selector{};  ///< e.g. `metadata.name=kbs-service`
  std::string label_selector{};
  /// Only `metadata` is asked for, so that contents never come here (PartialObjectMetadata).
  bool metadata_only = false;
};

/// All objects of one moment.
struct Listed {
  std::vector<json::Object> objects;  ///< what `keep` left, with apiVersion and kind
  std::string resource_version;       ///< where a watch goes on
};

/// How a write is meant.
struct WriteOptions {
  std::string field_manager{};
  bool dry_run = false;       ///< checked and answered, not stored
  bool force = true;          ///< apply only: takes fields over from other managers
  std::string subresource{};  ///< e.g. `status`
};

/// Counts requests for the metrics. Called on the caller's thread; status 0 for no answer.
using OnAnswer = std::function<void(std::string_view method, int status)>;

/// How often and how patiently a request is tried.
struct RetryRules {
  /// After the last one a refusal (429, 503 with Retry-After) is waited out, too, so that whoever
  /// asks next does not come sooner than the server said. With one only, every answer is told at
  /// once, and the caller does the waiting.
  unsigned attempts = 5;
  Backoff backoff{std::chrono::milliseconds(200), std::chrono::milliseconds(5000)};
  std::chrono::seconds longest_wait{30};  ///< a Retry-After beyond this is cut to it
  /// From then on no attempt is repeated: waits between attempts end. One under way is finished.
  std::stop_token end{};
};

/// Talks to an API server in JSON trees, so that fields nobody here knows survive. Blocking, any
/// thread. Tried again: 429 and 503 after their Retry-After; what nobody answered, 500, 502 and 504
/// with growing waits unless the request creates something.
/// Errors of every function: conflict, already_exists, not_found, forbidden, invalid, gone,
///         too_many_requests, unauthorised, unavailable, internal_error, peer_not_trusted,
///         answer_malformed, answer_too_large, credentials_unreadable, stopped. The detail holds
///         the server's message; for Secrets only its reason and fields.
/// Source  operator.md sections 11.1 to 11.5.
class Client {
 public:
  /// Lifetime  `transport` and `pace` outlive it. `stop` ends waits and exchanges.
  Client(Transport& transport, Pace& pace, std::stop_token stop, OnAnswer on_answer = {},
         RetryRules rules = {});

  Result<json::Object> get(const Resource& resource, const Key& key);
  /// Page by page (`limit`, `continue`); starts again when the server forgot the continuation.
  /// Cost  memory for what `keep` leaves and one page.
  Result<Listed> list(const Resource& resource, const Selection& selection, const Keep& keep);

  /// Errors  already_exists among those above.
  Result<json::Object> create(const Resource& resource, const json::Object& object,
                              const WriteOptions& options);
  /// Replaces an object whose `metadata.resourceVersion` is the one read. Errors: conflict.
  Result<json::Object> update(const Resource& resource, const json::Object& object,
                              const WriteOptions& options);
  /// Server-side apply: `object` holds the owned fields only.
  Result<json::Object> apply(const Resource& resource, const json::Object& object,
                             const WriteOptions& options);
  Result<json::Object> merge_patch(const Resource& resource, const Key& key,
                                   const json::Object& patch, const WriteOptions& options);
  /// RFC 6902. Errors: conflict when a `test` fails or a path is gone.
  Result<json::Object> json_patch(const Resource& resource, const Key& key,
                                  const json::Array& patch, const WriteOptions& options);
  /// In the background; only the object with this uid unless it is empty.
  /// Errors  conflict (another uid), not_found.
  Result<void> remove(const Resource& resource, const Key& key, std::string_view uid);
  /// Any path, e.g. `/apis/config.openshift.io/v1` for discovery.
  Result<json::Object> get_path(std::string_view path);

  Transport& transport() { return transport_; }
  Pace& pace() { return pace_; }
  /// Whether RetryRules::end was requested.
  bool ending() const { return rules_.end.stop_requested(); }
  void count(std::string_view method, int status) const;

 private:
  struct Call;
  Result<json::Object> ask(const Call& call);
  Result<json::Object> page(const Resource& resource, const Selection& selection,
                            const std::string& continuation, std::size_t limit);
  Result<void> collect(const Resource& resource, const Selection& selection, const Keep& keep,
                       Listed& out);
  Result<HttpAnswer> send(const HttpRequest& request, bool repeatable);
  bool wait(std::chrono::milliseconds time);

  Transport& transport_;
  Pace& pace_;
  const std::stop_token stop_;
  const OnAnswer on_answer_;
  const RetryRules rules_;
};

/// The code for an answer that is no success, from its status and its body, a `Status` object.
/// `quote` false leaves the server's message out, which may quote what was sent.
Error error_of(const HttpAnswer& answer, bool quote);

/// The query of a list or watch, without `?`.
std::string query_of(const Selection& selection);

/// The media type for objects or, with metadata_only, for their metadata.
std::string accept_of(const Selection& selection, bool list);

}  // namespace trustee::k8s
