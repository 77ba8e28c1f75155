#include "reference/record.h"

#include <chrono>

#include "base/try.h"
#include "codec/time.h"
#include "reference/errors.h"

namespace trustee::reference {

std::string write_record(const ReferenceValue& value) {
  return json::write(json::Object{{"version", value.version},
                                  {"name", value.name},
                                  {"expiration", codec::rfc3339_seconds(value.expiration)},
                                  {"value", value.value}});
}

namespace {

Error malformed(const Error& why) { return Error(Errc::record_malformed, why.to_string()); }

Result<ReferenceValue> record_of(const json::Value& document) {
  TRY(const json::Object* object, json::object_of(document, "record"));
  ReferenceValue out;
  if (object->contains("version")) {
    TRY(const std::string* version, json::string_member(*object, "version"));
    out.version = *version;
  }
  TRY(const std::string* name, json::string_member(*object, "name"));
  out.name = *name;
  TRY(const std::string* expiration, json::string_member(*object, "expiration"));
  TRY(out.expiration, codec::parse_rfc3339_seconds(*expiration));
  TRY(const json::Value* value, json::member(*object, "value"));
  out.value = *value;
  return out;
}

}  // namespace

Result<ReferenceValue> parse_record(std::string_view text) {
  // Free-form values may repeat members, the record itself may not; a repeated one of its own has
  // the last word, which the released system refuses and never writes.
  auto document = json::parse(text, json::Duplicates::last_wins, {.bytes = kMaxRecord});
  if (!document.ok()) return malformed(document.error());
  auto record = record_of(document.value());
  if (!record.ok()) return malformed(record.error());
  return record;
}

Result<Time> a_year_after(Time t) {
  using std::chrono::days;
  using std::chrono::floor;
  const auto day = floor<days>(t);
  std::chrono::year_month_day date{day};
  date += std::chrono::years{1};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  if (date.year() > std::chrono::year{9999} || date.year() < std::chrono::year{0}) {
    return Error(Errc::expiration_overflow);
  }
  return Time(std::chrono::sys_days{date}) + floor<std::chrono::seconds>(t - day);
}

}  // namespace trustee::reference
