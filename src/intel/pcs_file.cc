#include "intel/pcs_file.h"

#include <algorithm>

#include "base/try.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/json_compact.h"
#include "crypto/x509.h"
#include "intel/collateral.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

constexpr json::Limits kLimits{.bytes = kMaxPcsFile, .depth = kMaxPcsFileDepth};
using Texts = std::map<std::string, std::string, std::less<>>;

Error malformed(const std::string& what) { return Error(Errc::pcs_file_malformed, what); }
Error missing(const std::string& what) { return Error(Errc::not_in_file, what); }

/// The members of an object as they stand in the text; those that are null are left out.
Result<Texts> texts_of(std::string_view object, const std::string& what) {
  const auto members = json::raw_members(object, kLimits);
  if (!members.ok()) return malformed(what + ": " + members.error().to_string());
  Texts out;
  for (const json::RawMember& member : *members) {
    if (member.value != "null") out.emplace(member.name, std::string(member.value));
  }
  return out;
}

Result<std::string> string_of(std::string_view raw, const std::string& what) {
  const auto value = json::parse(raw, json::Duplicates::refuse, kLimits);
  const std::string* text = value.ok() ? value->as_string() : nullptr;
  if (text == nullptr) return malformed(what + " is no string");
  return *text;
}

/// The same, every value being a string.
Result<Texts> strings_of(std::string_view object, const std::string& what) {
  TRY(Texts members, texts_of(object, what));
  for (auto& [name, value] : members) {
    TRY(value, string_of(value, what + "." + name));
  }
  return members;
}

Result<std::string_view> required(const Texts& members, std::string_view name) {
  const auto it = members.find(name);
  if (it == members.end()) return malformed(std::string(name) + " is missing");
  return std::string_view(it->second);
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

/// The early document where it is wanted and there, else the plain one.
const std::string* chosen(const Texts& documents, const std::string& name, TcbUpdate update) {
  if (update == TcbUpdate::early) {
    if (const auto it = documents.find(name + "_early"); it != documents.end()) return &it->second;
  }
  const auto it = documents.find(name);
  return it == documents.end() ? nullptr : &it->second;
}

}  // namespace

Result<PcsFile> PcsFile::parse(std::string_view text) {
  TRY(const Texts file, texts_of(text, "the file"));
  TRY(const std::string_view inner, required(file, "collaterals"));
  TRY(const Texts parts, texts_of(inner, "collaterals"));
  PcsFile out;
  TRY(const std::string_view infos, required(parts, "tcbinfos"));
  TRY(out.tcb_infos_, read_tcb_infos(infos));
  TRY(const std::string_view lists, required(parts, "pckcacrl"));
  TRY(out.crls_, strings_of(lists, "pckcacrl"));
  TRY(const std::string_view root_list, required(parts, "rootcacrl"));
  TRY(std::string root_text, string_of(root_list, "rootcacrl"));
  out.crls_.insert_or_assign("rootcacrl", std::move(root_text));
  TRY(const std::string_view certificates, required(parts, "certificates"));
  TRY_VOID(out.read_chains(certificates));
  for (const char* name :
       {"qeidentity", "qeidentity_early", "tdqeidentity", "tdqeidentity_early"}) {
    if (const auto it = parts.find(name); it != parts.end()) out.identities_.insert(*it);
  }
  if (const auto it = parts.find("rootcacrl_cdp"); it != parts.end()) {
    TRY(out.distribution_point_, string_of(it->second, "rootcacrl_cdp"));
  }
  return out;
}

Result<std::vector<PcsFile::TcbInfoEntry>> PcsFile::read_tcb_infos(std::string_view array) {
  const auto elements = json::raw_elements(array, kLimits);
  if (!elements.ok()) return malformed("tcbinfos: " + elements.error().to_string());
  if (elements->size() > kMaxPcsFileTcbInfos) return malformed("too many tcbinfos");
  std::vector<TcbInfoEntry> out;
  for (const std::string_view element : *elements) {
    TcbInfoEntry entry;
    TRY(entry.documents, texts_of(element, "tcbinfos"));
    TRY(const std::string_view fmspc, required(entry.documents, "fmspc"));
    TRY(std::string name, string_of(fmspc, "fmspc"));
    entry.fmspc = lower(std::move(name));
    out.push_back(std::move(entry));
  }
  return out;
}

Result<void> PcsFile::read_chains(std::string_view certificates) {
  TRY(const Texts members, texts_of(certificates, "certificates"));
  for (const std::string_view name : {kTcbInfoChainHeader, kQeIdentityChainHeader}) {
    TRY(const std::string_view raw, required(members, name));
    TRY(const std::string encoded, string_of(raw, std::string(name)));
    TRY(chains_[std::string(name)], issuer_chain_of_header(encoded));
  }
  const auto pck = members.find("SGX-PCK-Certificate-Issuer-Chain");
  if (pck == members.end()) return {};
  TRY(pck_chains_, strings_of(pck->second, pck->first));
  for (auto& [ca, chain] : pck_chains_) {
    TRY(chain, issuer_chain_of_header(chain));
  }
  return {};
}

Result<PcsFileDocument> PcsFile::tcb_info(TeeType tee, const Fmspc& fmspc, TcbUpdate update) const {
  const std::string name = codec::hex_encode(fmspc);
  const auto entry = std::find_if(tcb_infos_.begin(), tcb_infos_.end(),
                                  [&](const TcbInfoEntry& e) { return e.fmspc == name; });
  if (entry == tcb_infos_.end()) return missing("TCB info of " + name);
  const std::string member = std::string(to_string(tee)) + "_tcbinfo";
  const std::string* document = chosen(entry->documents, member, update);
  if (document == nullptr) return missing(member + " of " + name);
  return PcsFileDocument{json::compacted(*document), chains_.find(kTcbInfoChainHeader)->second};
}

Result<PcsFileDocument> PcsFile::qe_identity(TeeType tee, TcbUpdate update) const {
  const std::string member = tee == TeeType::tdx ? "tdqeidentity" : "qeidentity";
  const std::string* document = chosen(identities_, member, update);
  if (document == nullptr) return missing(member);
  return PcsFileDocument{json::compacted(*document), chains_.find(kQeIdentityChainHeader)->second};
}

Result<PcsFileDocument> PcsFile::pck_crl(PckCa ca) const {
  const bool platform = ca == PckCa::platform;
  const auto list = crls_.find(platform ? "platformCrl" : "processorCrl");
  const auto chain = pck_chains_.find(platform ? "PLATFORM" : "PROCESSOR");
  if (list == crls_.end() || chain == pck_chains_.end()) {
    return missing("the list of the PCK CA " + std::string(to_string(ca)));
  }
  return PcsFileDocument{list->second, chain->second};
}

Result<PcsFileDocument> PcsFile::root_crl() const {
  if (distribution_point_.has_value()) {
    const std::string& chain = chains_.find(kQeIdentityChainHeader)->second;
    const auto certificates = crypto::Certificate::bundle_from_pem(chain);
    if (!certificates.ok()) return missing("the root certificate of the QE identity's chain");
    TRY(const std::string point, crl_distribution_point(certificates->back()));
    if (point != *distribution_point_) {
      return missing("the list of " + point + ": the file has that of " + *distribution_point_);
    }
  }
  return PcsFileDocument{crls_.find("rootcacrl")->second, {}};
}

std::vector<std::pair<TeeType, Fmspc>> PcsFile::platforms() const {
  std::vector<std::pair<TeeType, Fmspc>> out;
  for (const TcbInfoEntry& entry : tcb_infos_) {
    const auto bytes = codec::hex_decode(entry.fmspc);
    if (!bytes.ok() || bytes->size() != Fmspc{}.size()) continue;
    for (const TeeType tee : {TeeType::sgx, TeeType::tdx}) {
      const std::string member = std::string(to_string(tee)) + "_tcbinfo";
      if (chosen(entry.documents, member, TcbUpdate::early) != nullptr) {
        out.emplace_back(tee, regularised<6>(*bytes));
      }
    }
  }
  return out;
}

}  // namespace trustee::intel
