#include "intel/collateral_file.h"

#include <string>
#include <utility>

#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

/// Body and signature put together as the service serves them.
Result<std::string> signed_answer(const json::Object& file, std::string_view name,
                                  std::string_view member) {
  TRY(const std::string* body, json::string_member(file, name));
  TRY(const std::string* signature, json::string_member(file, std::string(name) + "_signature"));
  TRY_VOID(codec::hex_decode(*signature));
  return "{\"" + std::string(member) + "\":" + *body + ",\"signature\":\"" + *signature + "\"}";
}

Result<CollateralDocuments> read_file(std::string_view text) {
  json::Limits limits;
  limits.bytes = kMaxCollateralFile;
  TRY(const json::Value value, json::parse(text, json::Duplicates::refuse, limits));
  TRY(const json::Object* file, json::object_of(value, "collateral"));
  CollateralDocuments out;
  TRY(out.tcb_info, signed_answer(*file, "tcb_info", "tcbInfo"));
  TRY(out.qe_identity, signed_answer(*file, "qe_identity", "enclaveIdentity"));
  TRY(const std::string* tcb_chain, json::string_member(*file, "tcb_info_issuer_chain"));
  TRY(const std::string* qe_chain, json::string_member(*file, "qe_identity_issuer_chain"));
  TRY(const std::string* pck_chain, json::string_member(*file, "pck_crl_issuer_chain"));
  TRY(const std::string* pck_crl, json::string_member(*file, "pck_crl"));
  TRY(const std::string* root_crl, json::string_member(*file, "root_ca_crl"));
  out.tcb_info_issuer_chain = *tcb_chain;
  out.qe_identity_issuer_chain = *qe_chain;
  out.pck_crl_issuer_chain = *pck_chain;
  out.pck_crl = to_vec(as_bytes(*pck_crl));
  out.root_ca_crl = to_vec(as_bytes(*root_crl));
  return out;
}

}  // namespace

Result<CollateralDocuments> parse_collateral_file(std::string_view json) {
  auto documents = read_file(json);
  if (documents.ok()) return documents;
  return Error(Errc::collateral_file_malformed, documents.error().to_string());
}

}  // namespace trustee::intel
