#include "reference/message.h"

#include <array>
#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "reference/errors.h"

namespace trustee::reference {

namespace {

Result<Message> message_of(const json::Value& document) {
  TRY(const json::Object* object, json::object_of(document, "message"));
  Message out;
  if (object->contains("version")) {
    TRY(const std::string* version, json::string_member(*object, "version"));
    out.version = *version;
  }
  TRY(const std::string* type, json::string_member(*object, "type"));
  out.type = *type;
  TRY(const std::string* payload, json::string_member(*object, "payload"));
  out.payload = *payload;
  return out;
}

using Values = std::vector<ReferenceValue>;

/// One reference value for each member of a JSON object; nothing is signed.
Result<Values> extract_sample(const std::string& payload, Time expiration) {
  auto decoded = codec::base64_decode(payload);
  if (!decoded.ok()) return Error(Errc::payload_not_base64, decoded.error().to_string());
  auto document =
      json::parse(as_text(decoded.value()), json::Duplicates::last_wins, {.bytes = kMaxMessage});
  if (!document.ok()) return Error(Errc::payload_not_object, document.error().to_string());
  json::Object* object = document->as_object();
  if (object == nullptr) {
    return Error(Errc::payload_not_object, "it is of kind " + std::string(document->kind()));
  }
  object->sort_deep();
  Values out;
  out.reserve(object->size());
  for (json::Member& member : *object) {
    out.push_back({.name = std::move(member.name),
                   .expiration = expiration,
                   .value = std::move(member.value)});
  }
  return out;
}

struct Extractor {
  std::string_view type;
  /// Null: known by name, read by a later version.
  Result<Values> (*extract)(const std::string& payload, Time expiration);
};

constexpr std::array kExtractors{
    Extractor{"sample", extract_sample},
    Extractor{"swid", nullptr},
    Extractor{"corim", nullptr},
};

}  // namespace

Result<Message> parse_message(std::string_view text) {
  auto document = json::parse(text, json::Duplicates::refuse, {.bytes = kMaxMessage});
  if (!document.ok()) return Error(Errc::message_malformed, document.error().to_string());
  auto message = message_of(document.value());
  if (!message.ok()) return Error(Errc::message_malformed, message.error().to_string());
  if (message->version != kVersion) return Error(Errc::message_version, message->version);
  return message;
}

Result<std::vector<ReferenceValue>> extract(const Message& message, Time now) {
  for (const Extractor& extractor : kExtractors) {
    if (extractor.type != message.type) continue;
    if (extractor.extract == nullptr) return Error(Errc::extractor_later, message.type);
    TRY(const Time expiration, a_year_after(now));
    return extractor.extract(message.payload, expiration);
  }
  return Error(Errc::extractor_unknown, message.type);
}

}  // namespace trustee::reference
