#include "k8s/client.h"

#include <algorithm>

#include "k8s/internal/refusal.h"

namespace trustee::k8s {
namespace {

constexpr std::size_t kMaxMessage = 1024;
constexpr int kServerError = 500;
constexpr int kUnprocessable = 422;

std::string text_at(const json::Value& value, std::string_view pointer) {
  const json::Value* at = value.at_pointer(pointer);
  const std::string* text = at == nullptr ? nullptr : at->as_string();
  return text == nullptr ? std::string() : text->substr(0, kMaxMessage);
}

/// `reason: field, field`.
std::string causes_of(const json::Value& status) {
  std::string out = text_at(status, "/reason");
  const json::Value* causes = status.at_pointer("/details/causes");
  const json::Array* list = causes == nullptr ? nullptr : causes->as_array();
  const char* between = ": ";
  for (const json::Value& cause : list == nullptr ? json::Array() : *list) {
    const std::string field = text_at(cause, "/field");
    if (field.empty()) continue;
    out += between + field;
    between = ", ";
  }
  return out.substr(0, kMaxMessage);
}

Errc code_of(int status, std::string_view reason) {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
    case 422:
      return Errc::invalid;
    case 401:
      return Errc::unauthorised;
    case 403:
      return Errc::forbidden;
    case 404:
      return Errc::not_found;
    case 409:
      return reason == "AlreadyExists" ? Errc::already_exists : Errc::conflict;
    case 410:
      return Errc::gone;
    case 429:
      return Errc::too_many_requests;
    case kServerError:
      return reason == "InternalError" ? Errc::internal_error : Errc::unavailable;
    default:
      return status >= 500 ? Errc::unavailable : Errc::answer_malformed;
  }
}

}  // namespace

bool internal::is_schema_refusal(const HttpAnswer& answer) {
  return answer.status == kServerError &&
         answer.body.find("failed to create typed patch object") != std::string::npos;
}

bool internal::is_patch_mismatch(const HttpAnswer& answer) {
  if (answer.status != kUnprocessable) return false;
  const auto parsed = json::parse(answer.body, json::Duplicates::last_wins);
  const json::Value* causes = parsed.ok() ? parsed->at_pointer("/details/causes") : nullptr;
  const json::Array* list = causes == nullptr ? nullptr : causes->as_array();
  return list == nullptr || std::ranges::none_of(*list, [](const json::Value& cause) {
           return !text_at(cause, "/field").empty();
         });
}

Error error_of(const HttpAnswer& answer, bool quote) {
  const auto parsed = json::parse(answer.body, json::Duplicates::last_wins);
  const json::Value status = parsed.ok() ? *parsed : json::Value();
  std::string detail = quote ? text_at(status, "/message") : causes_of(status);
  if (detail.empty()) detail = "HTTP " + std::to_string(answer.status);
  if (internal::is_schema_refusal(answer)) return Error(Errc::invalid, std::move(detail));
  return Error(code_of(answer.status, text_at(status, "/reason")), std::move(detail));
}

}  // namespace trustee::k8s
