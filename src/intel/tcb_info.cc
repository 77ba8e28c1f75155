#include "intel/tcb_info.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>
#include <utility>

#include "base/try.h"
#include "intel/errors.h"
#include "intel/internal/fields.h"

namespace trustee::intel {

namespace {

using internal::date_member;
using internal::hex_member;
using internal::uint_member;

Error wrong(std::string what) { return {Errc::tcb_info_malformed, std::move(what)}; }

Result<TcbComponents> components_of(const json::Object& tcb, std::string_view name) {
  TRY(const auto items, internal::objects_of(tcb, name, std::tuple_size_v<TcbComponents>));
  TcbComponents out{};
  if (items.size() != out.size()) return wrong(std::string(name) + " must have 16 components");
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(out.at(i), uint_member<std::uint8_t>(*items.at(i), "svn"));
  }
  return out;
}

/// Version 2 names the components one by one: `sgxtcbcomp01svn` to `sgxtcbcomp16svn`.
Result<TcbComponents> components_of_v2(const json::Object& tcb) {
  TcbComponents out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::array<char, 24> name{};
    (void)std::snprintf(name.data(), name.size(), "sgxtcbcomp%02usvn",
                        static_cast<unsigned>(i + 1));
    TRY(out.at(i), uint_member<std::uint8_t>(tcb, name.data()));
  }
  return out;
}

Result<PlatformLevel> level_of(const json::Object& item, const TcbInfo& info) {
  TRY(const json::Object* tcb, json::object_member(item, "tcb"));
  PlatformLevel level;
  if (info.version == 2) {
    TRY(level.sgx, components_of_v2(*tcb));
  } else {
    TRY(level.sgx, components_of(*tcb, "sgxtcbcomponents"));
  }
  if (info.tee == TeeType::tdx) {
    TRY(level.tdx, components_of(*tcb, "tdxtcbcomponents"));
  }
  TRY(level.pcesvn, uint_member<std::uint16_t>(*tcb, "pcesvn"));
  TRY(level.verdict, internal::verdict_of(item));
  return level;
}

auto order_of(const PlatformLevel& level) { return std::tie(level.sgx, level.pcesvn, level.tdx); }

Result<std::vector<PlatformLevel>> levels_of(const json::Object& object, const TcbInfo& info) {
  TRY(const auto items, internal::objects_of(object, "tcbLevels", kMaxTcbLevels));
  std::vector<PlatformLevel> out;
  for (const json::Object* item : items) {
    TRY(PlatformLevel level, level_of(*item, info));
    out.push_back(std::move(level));
  }
  std::ranges::sort(out, [](const auto& a, const auto& b) { return order_of(b) < order_of(a); });
  const auto same = [](const auto& a, const auto& b) { return order_of(a) == order_of(b); };
  if (std::ranges::adjacent_find(out, same) != out.end()) {
    return wrong("tcbLevels has two levels of one TCB");
  }
  return out;
}

Result<TdxModule> module_of(const json::Object& object) {
  TdxModule out;
  TRY(out.mrsigner, hex_member<48>(object, "mrsigner"));
  TRY(out.attributes, hex_member<8>(object, "attributes"));
  TRY(out.attributes_mask, hex_member<8>(object, "attributesMask"));
  return out;
}

/// The status of a module says whether it is current; anything else is no status of a module.
Result<void> check_module_statuses(const std::vector<IsvLevel>& levels) {
  for (const IsvLevel& level : levels) {
    switch (level.verdict.status) {
      case TcbStatus::up_to_date:
      case TcbStatus::out_of_date:
      case TcbStatus::revoked:
        break;
      case TcbStatus::sw_hardening_needed:
      case TcbStatus::configuration_needed:
      case TcbStatus::configuration_and_sw_hardening_needed:
      case TcbStatus::out_of_date_configuration_needed:
        return wrong("a TDX module has a status that is none of a module");
    }
  }
  return {};
}

Result<std::vector<TdxModuleIdentity>> module_identities_of(const json::Object& object) {
  std::vector<TdxModuleIdentity> out;
  if (!object.contains("tdxModuleIdentities")) return out;
  TRY(const json::Array* array, json::array_member(object, "tdxModuleIdentities"));
  if (array->empty()) return out;
  TRY(const auto items,
      internal::objects_of(object, "tdxModuleIdentities", kMaxTdxModuleIdentities));
  for (const json::Object* item : items) {
    TdxModuleIdentity identity;
    TRY(const std::string* id, json::string_member(*item, "id"));
    identity.id = *id;
    TRY(identity.module, module_of(*item));
    TRY(identity.levels, internal::isv_levels_of(*item));
    TRY_VOID(check_module_statuses(identity.levels));
    out.push_back(std::move(identity));
  }
  return out;
}

Result<TeeType> tee_of(const json::Object& object, std::uint32_t version) {
  if (version == 2) return TeeType::sgx;  // it has no id
  TRY(const std::string* id, json::string_member(object, "id"));
  if (*id == "SGX") return TeeType::sgx;
  if (*id == "TDX") return TeeType::tdx;
  return wrong("id is none that is known");
}

Result<void> read_modules(const json::Object& object, TcbInfo& out) {
  if (out.tee == TeeType::sgx) {
    if (object.contains("tdxModule") || object.contains("tdxModuleIdentities")) {
      return wrong("an SGX document names TDX modules");
    }
    return {};
  }
  TRY(const json::Object* module, json::object_member(object, "tdxModule"));
  TRY(out.tdx_module, module_of(*module));
  TRY(out.module_identities, module_identities_of(object));
  return {};
}

Result<TcbInfo> read_document(std::string_view body) {
  TRY(const json::Value value, internal::parse_body(body));
  const json::Object& object = *value.as_object();
  TcbInfo out;
  TRY(out.version, uint_member<std::uint32_t>(object, "version"));
  if (out.version != 2 && out.version != 3) return wrong("version is none that is known");
  TRY(out.tee, tee_of(object, out.version));
  TRY(const auto tcb_type, uint_member<std::uint32_t>(object, "tcbType"));
  if (tcb_type != 0) return wrong("tcbType is none that is known");
  TRY(out.issue_date, date_member(object, "issueDate"));
  TRY(out.next_update, date_member(object, "nextUpdate"));
  TRY(out.fmspc, hex_member<6>(object, "fmspc"));
  TRY(out.pce_id, hex_member<2>(object, "pceId"));
  TRY(out.evaluation_number, uint_member<std::uint32_t>(object, "tcbEvaluationDataNumber"));
  TRY_VOID(read_modules(object, out));
  TRY(out.levels, levels_of(object, out));
  return out;
}

}  // namespace

Result<TcbInfo> parse_tcb_info(std::string_view body) {
  auto info = read_document(body);
  if (info.ok() || info.error().is(Errc::tcb_info_malformed)) return info;
  return wrong(info.error().to_string());
}

}  // namespace trustee::intel
