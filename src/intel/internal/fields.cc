#include "intel/internal/fields.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trustee::intel {

namespace {

struct StatusName {
  TcbStatus status;
  std::string_view name;
};
constexpr std::array kStatusNames{
    StatusName{TcbStatus::up_to_date, "UpToDate"},
    StatusName{TcbStatus::sw_hardening_needed, "SWHardeningNeeded"},
    StatusName{TcbStatus::configuration_needed, "ConfigurationNeeded"},
    StatusName{TcbStatus::configuration_and_sw_hardening_needed,
               "ConfigurationAndSWHardeningNeeded"},
    StatusName{TcbStatus::out_of_date, "OutOfDate"},
    StatusName{TcbStatus::out_of_date_configuration_needed, "OutOfDateConfigurationNeeded"},
    StatusName{TcbStatus::revoked, "Revoked"},
};

}  // namespace

std::string_view to_string(TcbStatus status) {
  for (const StatusName& row : kStatusNames) {
    if (row.status == status) return row.name;
  }
  return "";
}

namespace internal {

namespace {

Error wrong(std::string what) { return {codec::Errc::json_wrong_type, std::move(what)}; }

Result<TcbStatus> status_member(const json::Object& level) {
  TRY(const std::string* text, json::string_member(level, "tcbStatus"));
  for (const StatusName& row : kStatusNames) {
    if (row.name == *text) return row.status;
  }
  return wrong("tcbStatus is none that is known");
}

Result<std::vector<std::string>> advisories_of(const json::Object& level) {
  std::vector<std::string> out;
  if (!level.contains("advisoryIDs")) return out;
  TRY(const json::Array* ids, json::array_member(level, "advisoryIDs"));
  if (ids->size() > kMaxAdvisories) return wrong("advisoryIDs is too long");
  for (const json::Value& id : *ids) {
    if (id.as_string() == nullptr) return wrong("advisoryIDs has something else than texts");
    out.push_back(*id.as_string());
  }
  return out;
}

}  // namespace

Result<json::Value> parse_body(std::string_view body) {
  json::Limits limits;
  limits.bytes = kMaxDocument;
  limits.depth = kMaxDocumentDepth;
  TRY(json::Value value, json::parse(body, json::Duplicates::refuse, limits));
  TRY_VOID(json::object_of(value, "the document"));
  return value;
}

Result<Time> date_member(const json::Object& object, std::string_view name) {
  TRY(const std::string* text, json::string_member(object, name));
  return codec::parse_rfc3339_seconds(*text);
}

Result<TcbVerdict> verdict_of(const json::Object& level) {
  TcbVerdict out;
  TRY(out.status, status_member(level));
  TRY(out.date, date_member(level, "tcbDate"));
  TRY(out.advisories, advisories_of(level));
  return out;
}

Result<std::vector<const json::Object*>> objects_of(const json::Object& object,
                                                    std::string_view name, std::size_t max) {
  TRY(const json::Array* array, json::array_member(object, name));
  if (array->empty() || array->size() > max) return wrong(std::string(name) + " has a bad length");
  std::vector<const json::Object*> out;
  out.reserve(array->size());
  for (const json::Value& item : *array) {
    TRY(const json::Object* o, json::object_of(item, name));
    out.push_back(o);
  }
  return out;
}

Result<std::vector<IsvLevel>> isv_levels_of(const json::Object& object) {
  TRY(const auto items, objects_of(object, "tcbLevels", kMaxTcbLevels));
  std::vector<IsvLevel> out;
  for (const json::Object* item : items) {
    TRY(const json::Object* tcb, json::object_member(*item, "tcb"));
    IsvLevel level;
    TRY(level.isvsvn, uint_member<std::uint16_t>(*tcb, "isvsvn"));
    TRY(level.verdict, verdict_of(*item));
    out.push_back(std::move(level));
  }
  std::ranges::sort(out, std::ranges::greater{}, &IsvLevel::isvsvn);
  if (std::ranges::adjacent_find(out, {}, &IsvLevel::isvsvn) != out.end()) {
    return wrong("tcbLevels has two levels of one isvsvn");
  }
  return out;
}

}  // namespace internal

}  // namespace trustee::intel
