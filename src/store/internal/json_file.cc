#include "store/internal/json_file.h"

#include "base/secret.h"
#include "base/try.h"
#include "codec/json.h"

namespace trustee::store {
namespace {

Error malformed(std::string_view what) {
  return Error(kv::Errc::malformed, "malformed value: " + std::string(what));
}

}  // namespace

Result<JsonEntries> parse_json_entries(std::string_view text) {
  if (text.size() > kMaxJsonFileBytes) return kv::Errc::too_large;
  // The object is a value, too.
  auto parsed = json::parse(text, json::Duplicates::last_wins,
                            {.bytes = kMaxJsonFileBytes, .values = kMaxJsonEntries + 1});
  if (!parsed.ok()) return malformed(parsed.error().to_string());
  json::Object* const object = parsed.value().as_object();
  if (object == nullptr) return malformed("the file holds no JSON object");
  JsonEntries entries;
  for (json::Member& member : *object) {
    std::string* const value = member.value.as_string();
    if (value == nullptr) return malformed("member `" + member.name + "` is no string");
    entries.insert_or_assign(std::move(member.name), std::move(*value));
  }
  return entries;
}

Result<std::string> write_json_entries(const JsonEntries& entries) {
  if (entries.size() > kMaxJsonEntries) return Error(kv::Errc::too_large, "too many entries");
  std::size_t size = 2;
  for (const auto& [key, value] : entries) {
    size += key.size() + value.size() + 6;
  }
  std::string out;
  out.reserve(size);
  out += '{';
  for (const auto& [key, value] : entries) {
    if (out.size() > 1) out += ',';
    json::append_quoted(out, key);
    out += ':';
    json::append_quoted(out, value);
  }
  out += '}';
  if (out.size() > kMaxJsonFileBytes) {
    wipe(out.data(), out.size());
    return kv::Errc::too_large;
  }
  return out;
}

}  // namespace trustee::store
