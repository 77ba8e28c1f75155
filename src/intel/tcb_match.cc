#include "intel/tcb_match.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <set>

#include "base/try.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

/// From this index on TDX components are compared: where the module has a version of its own, the
/// first two say which module it is and are matched by its identity.
std::size_t first_tdx_component(const TcbComponents& tdx) { return tdx[1] > 0 ? 2 : 0; }

bool covers(const TcbComponents& have, const TcbComponents& want, std::size_t from) {
  for (std::size_t i = from; i < have.size(); ++i) {
    if (have.at(i) < want.at(i)) return false;
  }
  return true;
}

bool matches(const PlatformLevel& level, const PlatformTcb& tcb) {
  if (!covers(tcb.sgx, level.sgx, 0) || tcb.pcesvn < level.pcesvn) return false;
  return !tcb.tdx.has_value() || covers(*tcb.tdx, level.tdx, first_tdx_component(*tcb.tdx));
}

Result<const TcbVerdict*> platform_level(const TcbInfo& info, const PlatformTcb& tcb) {
  const auto it = std::ranges::find_if(info.levels, [&](const auto& l) { return matches(l, tcb); });
  if (it == info.levels.end()) {
    return Error(Errc::tcb_not_supported, "no level of the platform matches");
  }
  return &it->verdict;
}

Result<const TcbVerdict*> isv_level(const std::vector<IsvLevel>& levels, std::uint16_t isvsvn,
                                    const char* of) {
  const auto it = std::ranges::find_if(levels, [&](const auto& l) { return isvsvn >= l.isvsvn; });
  if (it == levels.end()) {
    return Error(Errc::tcb_not_supported, std::string("no level of the ") + of + " matches");
  }
  return &it->verdict;
}

/// Null: the module has no version of its own.
Result<const TcbVerdict*> module_level(const TcbInfo& info, const PlatformTcb& tcb) {
  if (!tcb.tdx.has_value() || (*tcb.tdx)[1] == 0) return static_cast<const TcbVerdict*>(nullptr);
  const TdxModuleIdentity* module = find_module(info, (*tcb.tdx)[1]);
  if (module == nullptr) {
    return Error(Errc::tcb_not_supported, "no identity of the TDX module's version");
  }
  return isv_level(module->levels, (*tcb.tdx)[0], "TDX module");
}

std::vector<std::string> advisories_of(std::initializer_list<const TcbVerdict*> verdicts) {
  std::set<std::string> all;
  for (const TcbVerdict* v : verdicts) {
    if (v != nullptr) all.insert(v->advisories.begin(), v->advisories.end());
  }
  return {all.begin(), all.end()};
}

TcbStatus outdated(TcbStatus platform) {
  switch (platform) {
    case TcbStatus::up_to_date:
    case TcbStatus::sw_hardening_needed:
      return TcbStatus::out_of_date;
    case TcbStatus::configuration_needed:
    case TcbStatus::configuration_and_sw_hardening_needed:
      return TcbStatus::out_of_date_configuration_needed;
    case TcbStatus::out_of_date:
    case TcbStatus::out_of_date_configuration_needed:
    case TcbStatus::revoked:
      return platform;
  }
  return TcbStatus::revoked;
}

bool is_outdated(TcbStatus s) {
  return s == TcbStatus::out_of_date || s == TcbStatus::out_of_date_configuration_needed;
}

bool wants_configuration(TcbStatus s) {
  return s == TcbStatus::configuration_needed ||
         s == TcbStatus::configuration_and_sw_hardening_needed ||
         s == TcbStatus::out_of_date_configuration_needed;
}

Result<QuoteStatus> plain_status(TcbStatus status) {
  switch (status) {
    case TcbStatus::up_to_date:
      return QuoteStatus::up_to_date;
    case TcbStatus::sw_hardening_needed:
      return QuoteStatus::sw_hardening_needed;
    case TcbStatus::configuration_needed:
      return QuoteStatus::configuration_needed;
    case TcbStatus::configuration_and_sw_hardening_needed:
      return QuoteStatus::configuration_and_sw_hardening_needed;
    case TcbStatus::out_of_date:
      return QuoteStatus::out_of_date;
    case TcbStatus::out_of_date_configuration_needed:
      return QuoteStatus::out_of_date_configuration_needed;
    case TcbStatus::revoked:
      break;
  }
  return Errc::tcb_revoked;
}

}  // namespace

const TdxModuleIdentity* find_module(const TcbInfo& info, std::uint8_t major) {
  std::array<char, 8> id{};
  (void)std::snprintf(id.data(), id.size(), "TDX_%02X", static_cast<unsigned>(major));
  const std::string_view wanted(id.data());
  const auto same = [&](const TdxModuleIdentity& m) {
    return std::ranges::equal(m.id, wanted, [](char a, char b) {
      return (a >= 'a' && a <= 'z' ? static_cast<char>(a - 'a' + 'A') : a) == b;
    });
  };
  const auto it = std::ranges::find_if(info.module_identities, same);
  return it == info.module_identities.end() ? nullptr : &*it;
}

TcbStatus converged(TcbStatus platform, std::span<const TcbStatus> components) {
  TcbStatus out = platform;
  for (const TcbStatus c : components) {
    if (c == TcbStatus::out_of_date) out = outdated(out);
  }
  for (const TcbStatus c : components) {
    if (c == TcbStatus::revoked) out = TcbStatus::revoked;
  }
  return out;
}

Result<TcbOutcome> match_tcb(const TcbInfo& info, const QeIdentity& qe, const PlatformTcb& tcb) {
  TRY(const TcbVerdict* platform, platform_level(info, tcb));
  TRY(const TcbVerdict* module, module_level(info, tcb));
  TRY(const TcbVerdict* enclave, isv_level(qe.levels, tcb.qe_isvsvn, "quoting enclave"));
  TcbOutcome out;
  out.platform = platform->status;
  out.qe = enclave->status;
  out.date = std::min(platform->date, enclave->date);
  std::vector<TcbStatus> components{enclave->status};
  if (module != nullptr) {
    out.tdx_module = module->status;
    out.date = std::min(out.date, module->date);
    components.push_back(module->status);
  }
  out.status = converged(platform->status, components);
  out.advisories = advisories_of({platform, module, enclave});
  return out;
}

std::string_view to_string(QuoteStatus status) {
  switch (status) {
    case QuoteStatus::up_to_date:
      return to_string(TcbStatus::up_to_date);
    case QuoteStatus::sw_hardening_needed:
      return to_string(TcbStatus::sw_hardening_needed);
    case QuoteStatus::configuration_needed:
      return to_string(TcbStatus::configuration_needed);
    case QuoteStatus::configuration_and_sw_hardening_needed:
      return to_string(TcbStatus::configuration_and_sw_hardening_needed);
    case QuoteStatus::out_of_date:
      return to_string(TcbStatus::out_of_date);
    case QuoteStatus::out_of_date_configuration_needed:
      return to_string(TcbStatus::out_of_date_configuration_needed);
    case QuoteStatus::td_relaunch_advised:
      return "TDRelaunchAdvised";
    case QuoteStatus::td_relaunch_advised_configuration_needed:
      return "TDRelaunchAdvisedConfigurationNeeded";
  }
  return "";
}

Result<QuoteStatus> quote_status(TcbStatus launch, TcbStatus current) {
  if (current == TcbStatus::revoked) return Errc::tcb_revoked;
  const bool relaunch_helps = is_outdated(launch) && !is_outdated(current);
  if (!relaunch_helps) return plain_status(launch);
  return wants_configuration(launch) || wants_configuration(current)
             ? QuoteStatus::td_relaunch_advised_configuration_needed
             : QuoteStatus::td_relaunch_advised;
}

}  // namespace trustee::intel
