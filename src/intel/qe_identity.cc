#include "intel/qe_identity.h"

#include <utility>

#include "base/try.h"
#include "intel/errors.h"
#include "intel/internal/fields.h"

namespace trustee::intel {

namespace {

using internal::date_member;
using internal::hex_member;
using internal::uint_member;

Error wrong(std::string what) { return {Errc::qe_identity_malformed, std::move(what)}; }

Result<TeeType> tee_of(const json::Object& object) {
  TRY(const std::string* id, json::string_member(object, "id"));
  if (*id == "QE") return TeeType::sgx;
  if (*id == "TD_QE") return TeeType::tdx;
  return wrong("id is that of no quoting enclave");
}

/// Statuses that say something of the platform are none of an enclave.
Result<void> check_statuses(const std::vector<IsvLevel>& levels) {
  for (const IsvLevel& level : levels) {
    switch (level.verdict.status) {
      case TcbStatus::up_to_date:
      case TcbStatus::out_of_date:
      case TcbStatus::revoked:
      case TcbStatus::configuration_needed:
      case TcbStatus::out_of_date_configuration_needed:
        break;
      case TcbStatus::sw_hardening_needed:
      case TcbStatus::configuration_and_sw_hardening_needed:
        return wrong("the enclave has a status that is none of an enclave");
    }
  }
  return {};
}

Result<QeIdentity> read_document(std::string_view body) {
  TRY(const json::Value value, internal::parse_body(body));
  const json::Object& object = *value.as_object();
  QeIdentity out;
  TRY(const auto version, uint_member<std::uint32_t>(object, "version"));
  if (version != 2) return wrong("version is none that is known");
  TRY(out.tee, tee_of(object));
  TRY(out.issue_date, date_member(object, "issueDate"));
  TRY(out.next_update, date_member(object, "nextUpdate"));
  TRY(out.evaluation_number, uint_member<std::uint32_t>(object, "tcbEvaluationDataNumber"));
  TRY(out.misc_select, hex_member<4>(object, "miscselect"));
  TRY(out.misc_select_mask, hex_member<4>(object, "miscselectMask"));
  TRY(out.attributes, hex_member<16>(object, "attributes"));
  TRY(out.attributes_mask, hex_member<16>(object, "attributesMask"));
  TRY(out.mrsigner, hex_member<32>(object, "mrsigner"));
  TRY(out.isv_prod_id, uint_member<std::uint16_t>(object, "isvprodid"));
  TRY(out.levels, internal::isv_levels_of(object));
  TRY_VOID(check_statuses(out.levels));
  return out;
}

}  // namespace

Result<QeIdentity> parse_qe_identity(std::string_view body) {
  auto identity = read_document(body);
  if (identity.ok() || identity.error().is(Errc::qe_identity_malformed)) return identity;
  return wrong(identity.error().to_string());
}

}  // namespace trustee::intel
