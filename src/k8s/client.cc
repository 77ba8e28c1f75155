#include "k8s/client.h"

#include <algorithm>
#include <utility>

#include "base/secret.h"
#include "base/try.h"
#include "codec/errors.h"
#include "codec/percent.h"
#include "k8s/internal/refusal.h"
#include "k8s/watch_frames.h"

namespace trustee::k8s {
namespace {

constexpr std::size_t kPage = 100;
constexpr int kListAttempts = 3;
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kApplyPatch = "application/apply-patch+yaml";
constexpr std::string_view kMergePatch = "application/merge-patch+json";
constexpr std::string_view kJsonPatch = "application/json-patch+json";

void add_parameter(std::string& query, std::string_view name, std::string_view value) {
  if (!query.empty()) query += '&';
  query += name;
  query += '=' + codec::percent_encode(value);
}

std::string query_of(const WriteOptions& options) {
  std::string out;
  if (!options.field_manager.empty()) {
    add_parameter(out, "fieldManager", options.field_manager);
  }
  if (options.dry_run) add_parameter(out, "dryRun", "All");
  return out;
}

std::string target_of(std::string path, const std::string& query) {
  return query.empty() ? path : std::move(path) + '?' + query;
}

bool is_success(int status) { return status >= 200 && status < 300; }

/// Whether the server said that it did nothing, so that anything may be sent again.
bool was_refused(const HttpAnswer& answer) {
  return answer.status == kTooManyRequests ||
         (answer.status == kServiceUnavailable && answer.retry_after.has_value());
}

bool is_passing(const Result<HttpAnswer>& answer) {
  if (!answer.ok()) return answer.error().is(Errc::unavailable);
  if (internal::is_schema_refusal(*answer)) return false;
  return answer->status == 500 || answer->status == 502 || answer->status == kServiceUnavailable ||
         answer->status == 504;
}

// As deep as the reader goes: anybody who may write an object decides how deep it is.
Result<json::Object> object_in(const HttpAnswer& answer) {
  auto value = json::parse(answer.body, json::Duplicates::refuse,
                           {.bytes = answer.body.size() + 1, .depth = json::kDepthCeiling});
  if (!value.ok()) {
    const bool large = value.error().is(codec::Errc::json_too_large);
    return Error(large ? Errc::answer_too_large : Errc::answer_malformed,
                 value.error().to_string());
  }
  if (json::Object* object = value->as_object(); object != nullptr) return std::move(*object);
  return Error(Errc::answer_malformed, "no object");
}

Result<json::Object> read_answer(const HttpAnswer& answer, bool quote) {
  if (!is_success(answer.status)) return error_of(answer, quote);
  return object_in(answer);
}

}  // namespace

std::string query_of(const Selection& selection) {
  std::string out;
  if (!selection.field_selector.empty()) {
    add_parameter(out, "fieldSelector", selection.field_selector);
  }
  if (!selection.label_selector.empty()) {
    add_parameter(out, "labelSelector", selection.label_selector);
  }
  return out;
}

std::string accept_of(const Selection& selection, bool list) {
  std::string out(kJson);
  if (!selection.metadata_only) return out;
  out += list ? ";as=PartialObjectMetadataList" : ";as=PartialObjectMetadata";
  return out + ";g=meta.k8s.io;v=v1";
}

struct Client::Call {
  HttpRequest request;
  bool repeatable = true;  ///< doing it twice is doing it once
  bool quote = true;       ///< the server's message may be shown
  bool wiped = false;      ///< what is sent and answered is wiped

  ~Call() {
    if (wiped) wipe(request.body.data(), request.body.size());
  }
};

namespace {

/// Whether objects of this kind hold what nobody else may read.
bool is_secret(const Resource& resource) {
  return resource.kind == kSecrets.kind || resource.kind == kTokenReviews.kind;
}

}  // namespace

Client::Client(Transport& transport, Pace& pace, std::stop_token stop, OnAnswer on_answer,
               RetryRules rules)
    : transport_(transport),
      pace_(pace),
      stop_(std::move(stop)),
      on_answer_(std::move(on_answer)),
      rules_(std::move(rules)) {}

void Client::count(std::string_view method, int status) const {
  if (on_answer_) on_answer_(method, status);
}

// False when a stop or the end of attempts is asked for.
bool Client::wait(std::chrono::milliseconds time) {
  std::stop_source either;
  const auto request = [&either] { either.request_stop(); };
  const std::stop_callback stopped(stop_, request);
  const std::stop_callback ended(rules_.end, request);
  return pace_.sleep(time, either.get_token());
}

Result<HttpAnswer> Client::send(const HttpRequest& request, bool repeatable) {
  for (unsigned attempt = 1;; ++attempt) {
    auto answer = transport_.exchange(request, stop_);
    count(request.method, answer.ok() ? answer->status : 0);
    const bool refused = answer.ok() && was_refused(*answer);
    if (!refused && !(repeatable && is_passing(answer))) return answer;
    const bool last = attempt >= rules_.attempts;
    if (last && !(refused && attempt > 1)) return answer;
    std::chrono::milliseconds time = rules_.backoff.after(attempt, pace_.chance());
    if (answer.ok() && answer->retry_after.has_value()) {
      time = std::min(*answer->retry_after, rules_.longest_wait);
    }
    if (!wait(time)) return Errc::stopped;
    if (last) return answer;
  }
}

Result<json::Object> Client::ask(const Call& call) {
  TRY(HttpAnswer answer, send(call.request, call.repeatable));
  auto out = read_answer(answer, call.quote);
  if (call.wiped) wipe(answer.body.data(), answer.body.size());
  return out;
}

Result<json::Object> Client::get_path(std::string_view path) {
  return ask({.request = {.target = std::string(path)}});
}

Result<json::Object> Client::get(const Resource& resource, const Key& key) {
  return ask(
      {.request = {.target = path_of(resource, key.ns, key.name)}, .wiped = is_secret(resource)});
}

Result<json::Object> Client::create(const Resource& resource, const json::Object& object,
                                    const WriteOptions& options) {
  const Key key = key_of(object);
  return ask({.request = {.method = "POST",
                          .target = target_of(path_of(resource, key.ns), query_of(options)),
                          .content_type = std::string(kJson),
                          .body = json::write(object)},
              .repeatable = false,
              .quote = resource.kind != kSecrets.kind,
              .wiped = is_secret(resource)});
}

Result<json::Object> Client::update(const Resource& resource, const json::Object& object,
                                    const WriteOptions& options) {
  const Key key = key_of(object);
  const std::string path = path_of(resource, key.ns, key.name, options.subresource);
  return ask({.request = {.method = "PUT",
                          .target = target_of(path, query_of(options)),
                          .content_type = std::string(kJson),
                          .body = json::write(object)},
              .quote = resource.kind != kSecrets.kind,
              .wiped = is_secret(resource)});
}

Result<json::Object> Client::apply(const Resource& resource, const json::Object& object,
                                   const WriteOptions& options) {
  const Key key = key_of(object);
  std::string query = query_of(options);
  if (options.force) add_parameter(query, "force", "true");
  const std::string path = path_of(resource, key.ns, key.name, options.subresource);
  return ask({.request = {.method = "PATCH",
                          .target = target_of(path, query),
                          .content_type = std::string(kApplyPatch),
                          .body = json::write(object)},
              .quote = resource.kind != kSecrets.kind,
              .wiped = is_secret(resource)});
}

Result<json::Object> Client::merge_patch(const Resource& resource, const Key& key,
                                         const json::Object& patch, const WriteOptions& options) {
  const std::string path = path_of(resource, key.ns, key.name, options.subresource);
  return ask({.request = {.method = "PATCH",
                          .target = target_of(path, query_of(options)),
                          .content_type = std::string(kMergePatch),
                          .body = json::write(patch)},
              .quote = resource.kind != kSecrets.kind,
              .wiped = is_secret(resource)});
}

Result<json::Object> Client::json_patch(const Resource& resource, const Key& key,
                                        const json::Array& patch, const WriteOptions& options) {
  const std::string path = path_of(resource, key.ns, key.name, options.subresource);
  const Call call{.request = {.method = "PATCH",
                              .target = target_of(path, query_of(options)),
                              .content_type = std::string(kJsonPatch),
                              .body = json::write(patch)},
                  .repeatable = false,
                  .quote = resource.kind != kSecrets.kind,
                  .wiped = is_secret(resource)};
  TRY(const HttpAnswer answer, send(call.request, call.repeatable));
  if (internal::is_patch_mismatch(answer)) {
    return Error(Errc::conflict, error_of(answer, call.quote).detail());
  }
  return read_answer(answer, call.quote);
}

Result<void> Client::remove(const Resource& resource, const Key& key, std::string_view uid) {
  json::Object body{
      {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
  if (!uid.empty()) body.set("preconditions", json::Object{{"uid", uid}});
  TRY_VOID(ask({.request = {.method = "DELETE",
                            .target = path_of(resource, key.ns, key.name),
                            .content_type = std::string(kJson),
                            .body = json::write(body)}}));
  return {};
}

Result<json::Object> Client::page(const Resource& resource, const Selection& selection,
                                  const std::string& continuation, std::size_t limit) {
  std::string query = k8s::query_of(selection);
  add_parameter(query, "limit", std::to_string(limit));
  if (!continuation.empty()) add_parameter(query, "continue", continuation);
  return ask({.request = {.target = target_of(path_of(resource, selection.ns), query),
                          .accept = accept_of(selection, true)}});
}

namespace {

/// Moves the items of one page to `out`. Items come without apiVersion and kind, or with those of
/// their metadata-only form.
Result<void> take_items(const Resource& resource, json::Object& page, const Keep& keep,
                        std::vector<json::Object>& out) {
  json::Value* items = page.find("items");
  if (items != nullptr && items->is_null()) return {};
  if (items == nullptr || items->as_array() == nullptr) {
    return Error(Errc::answer_malformed, "a list without items");
  }
  for (json::Value& item : *items->as_array()) {
    json::Object* object = item.as_object();
    if (object == nullptr) return Error(Errc::answer_malformed, "an item that is no object");
    object->set("apiVersion", resource.api_version());
    object->set("kind", resource.kind);
    if (auto kept = keep(std::move(*object)); kept.has_value()) out.push_back(std::move(*kept));
  }
  return {};
}

}  // namespace

Result<void> Client::collect(const Resource& resource, const Selection& selection, const Keep& keep,
                             Listed& out) {
  std::string continuation;
  std::size_t limit = kPage;
  do {
    auto answer = page(resource, selection, continuation, limit);
    if (!answer.ok() && answer.error().is(Errc::answer_too_large) && limit > 1) {
      limit /= 2;  // large objects: fewer at a time
      continue;
    }
    TRY(json::Object list, std::move(answer));
    TRY_VOID(take_items(resource, list, keep, out.objects));
    out.resource_version = metadata_text(list, "resourceVersion");
    continuation = metadata_text(list, "continue");
    if (continuation.empty()) return {};
  } while (!stop_.stop_requested());
  return Errc::stopped;
}

Result<Listed> Client::list(const Resource& resource, const Selection& selection,
                            const Keep& keep) {
  for (int attempt = 1;; ++attempt) {
    Listed out;
    auto done = collect(resource, selection, keep, out);
    if (done.ok()) return out;
    if (!done.error().is(Errc::gone) || attempt >= kListAttempts) return std::move(done).error();
  }
}

}  // namespace trustee::k8s
