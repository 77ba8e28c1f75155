#include "apps/trustee/init_data.h"

#include <cstdio>

#include "as/errors.h"
#include "as/init_data.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "intel/quote.h"
#include "net/content_coding.h"
#include "rcar/init_data_binding.h"
#include "reload/errors.h"
#include "reload/files.h"
#include "snp/evidence.h"
#include "tdx/evidence.h"
#include "tdx/verify.h"

namespace trustee::apps {
namespace {

using rcar::Tee;

constexpr int kNotBound = 4;
constexpr std::size_t kInitDataPcr = 8;

struct Document {
  std::string text;
  as::InitDataDocument parsed;
  crypto::Digest digest;
};

Result<Document> read_document(const InitDataOptions& o) {
  TRY(std::string text, reload::read_file(o.file));
  auto parsed = as::parse_init_data(text);
  if (!parsed.ok()) {
    return Error(parsed.error().code(), o.file + " is no initdata: " + parsed.error().to_string());
  }
  const crypto::Digest digest = crypto::digest(parsed->hash, as_bytes(text));
  return Document{std::move(text), std::move(*parsed), digest};
}

Result<Tee> tee_of(const std::string& name) {
  const auto tee = rcar::tee_from_name(name);
  if (!tee) return Error(reload::Errc::material_invalid, "unknown TEE " + name);
  return *tee;
}

// The entries that guests read as TOML must be TOML.
Result<void> check_entries(const as::InitDataDocument& document) {
  const json::Object claims = as::claims_of_init_data(document);
  for (const char* name : {"aa.toml", "cdh.toml"}) {
    const json::Value* entry = claims.find(name);
    if (entry == nullptr || entry->as_object() != nullptr) continue;
    return Error(as::Errc::init_data_malformed, std::string("`data.") + name + "` is not TOML");
  }
  return {};
}

// What evidence of vTPMs says PCR 8 holds.
Result<ByteVec> pcr8_in(const std::string& evidence) {
  TRY(const json::Value value, json::parse(evidence, json::Duplicates::last_wins));
  const json::Value* pcr = value.at_pointer("/tpm_quote/pcrs/" + std::to_string(kInitDataPcr));
  const std::string* text = pcr == nullptr ? nullptr : pcr->as_string();
  if (text == nullptr) return Error(reload::Errc::material_invalid, "the evidence has no PCR 8");
  return codec::hex_decode(*text);
}

Result<ByteVec> config_id_in(const std::string& text) {
  TRY(const tdx::Evidence evidence, tdx::parse_evidence(text));
  TRY(const intel::Quote quote, intel::parse_quote(evidence.quote));
  TRY(const intel::TdReport10* report, tdx::td_report_of(quote));
  return to_vec(report->mr_config_id);
}

Result<ByteVec> host_data_in(const std::string& text) {
  TRY(const snp::Evidence evidence, snp::parse_evidence(text));
  TRY(const snp::Report report, snp::report_of(evidence));
  return to_vec(report.host_data);
}

Result<ByteVec> bound_in(Tee tee, const std::string& evidence) {
  if (tee == Tee::snp) return host_data_in(evidence);
  if (tee == Tee::tdx) return config_id_in(evidence);
  if (tee == Tee::tpm || tee == Tee::az_snp_vtpm || tee == Tee::az_tdx_vtpm) {
    return pcr8_in(evidence);
  }
  return Error(reload::Errc::material_invalid,
               "evidence of " + std::string(rcar::to_string(tee)) + " is not compared here");
}

void print_binding(Tee tee, const Document& document) {
  const std::string name(rcar::to_string(tee));
  const auto binding = rcar::init_data_binding(tee, document.digest.bytes());
  if (binding.ok()) {
    std::printf("  %-12s %s %s\n", name.c_str(), std::string(binding->field).c_str(),
                codec::hex_encode(binding->value).c_str());
  } else {
    std::printf("  %-12s cannot carry it: %s\n", name.c_str(),
                std::string(binding.error().code().text()).c_str());
  }
}

void print_document(const InitDataOptions& o, const Document& document) {
  std::printf("%s: version %s, %s %s\n", o.file.c_str(), document.parsed.version.c_str(),
              std::string(crypto::to_string(document.parsed.hash)).c_str(),
              codec::hex_encode(document.digest.bytes()).c_str());
  for (const json::Member& entry : document.parsed.data) {
    std::printf("  data.%s, %zu bytes\n", entry.name.c_str(), entry.value.as_string()->size());
  }
}

Result<int> compare(Tee tee, const Document& document, const std::string& path) {
  TRY(const rcar::InitDataBinding wanted, rcar::init_data_binding(tee, document.digest.bytes()));
  TRY(const std::string evidence, reload::read_file(path));
  TRY(const ByteVec seen, bound_in(tee, evidence));
  const std::string field(wanted.field);
  if (equal(seen, wanted.value)) {
    std::printf("%s is bound to it by %s; the evidence itself was not verified\n", path.c_str(),
                field.c_str());
    return 0;
  }
  std::printf("%s is NOT bound to it: %s is %s, not %s\n", path.c_str(), field.c_str(),
              codec::hex_encode(seen).c_str(), codec::hex_encode(wanted.value).c_str());
  return kNotBound;
}

}  // namespace

Result<void> run_init_data_digest(const InitDataOptions& o) {
  TRY(const Document document, read_document(o));
  ByteVec out = to_vec(document.digest.bytes());
  if (o.tee) {
    TRY(const Tee tee, tee_of(*o.tee));
    TRY(rcar::InitDataBinding binding, rcar::init_data_binding(tee, out));
    out = std::move(binding.value);
  }
  std::printf("%s\n", codec::hex_encode(out).c_str());
  return {};
}

Result<void> run_init_data_pcr8(const InitDataOptions& o) {
  TRY(const Document document, read_document(o));
  TRY(const ByteArray<32> pcr8, rcar::pcr8_of_init_data(document.digest.bytes()));
  std::printf("%s\n", codec::hex_encode(pcr8).c_str());
  return {};
}

Result<void> run_init_data_encode(const InitDataOptions& o) {
  TRY(const Document document, read_document(o));
  TRY(const ByteVec packed, net::gzip(as_bytes(document.text)));
  std::printf("%s\n", codec::base64_encode(packed).c_str());
  return {};
}

Result<int> run_init_data_check(const InitDataOptions& o) {
  TRY(const Document document, read_document(o));
  TRY_VOID(check_entries(document.parsed));
  print_document(o, document);
  if (!o.tee) {
    for (const Tee tee :
         {Tee::snp, Tee::tdx, Tee::az_snp_vtpm, Tee::az_tdx_vtpm, Tee::tpm, Tee::sgx, Tee::cca}) {
      print_binding(tee, document);
    }
    return 0;
  }
  TRY(const Tee tee, tee_of(*o.tee));
  if (o.evidence) return compare(tee, document, *o.evidence);
  TRY_VOID(rcar::init_data_binding(tee, document.digest.bytes()));
  print_binding(tee, document);
  return 0;
}

}  // namespace trustee::apps
