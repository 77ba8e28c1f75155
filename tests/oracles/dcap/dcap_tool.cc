// Our verdict on Intel quotes, for the comparison with an independent implementation. Reads lines
// "ROOT.der QUOTE COLLATERAL.json UNIX-SECONDS" and prints for each `ok STATUS ADVISORIES EXPIRED`,
// or `bad` with our code. With `--layout` it prints what it reads in the quotes, without a verdict.
// With `--emit DIR` it writes what the test builders make instead: for each name NAME.root.der,
// NAME.quote and NAME.collateral.json, and prints the names.

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>

#include "base/try.h"
#include "codec/hex.h"
#include "intel/cache.h"
#include "intel/collateral_file.h"
#include "intel/verify.h"
#include "tests/support/intel_builder.h"

namespace trustee {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Result<std::string> verdict(const std::string& line) {
  std::istringstream words(line);
  std::string root;
  std::string quote;
  std::string file;
  std::int64_t now = 0;
  words >> root >> quote >> file >> now;
  TRY(const auto certificate, crypto::Certificate::from_der(as_bytes(read(root))));
  TRY(const auto anchor, intel::RootKey::of(certificate));
  TRY(const auto parsed, intel::parse_quote(as_bytes(read(quote))));
  TRY(const auto documents, intel::parse_collateral_file(read(file)));
  TRY(auto collateral, intel::verify_collateral(documents, anchor));
  intel::PckCache cache;
  TRY(const auto outcome,
      intel::verify_quote(parsed, {anchor, cache, std::move(collateral)}, from_unix_seconds(now)));
  const auto& attested = std::get<claims::Verified<intel::Attested>>(outcome);
  std::string advisories;
  for (const std::string& one : attested->launch.advisories) {
    advisories += (advisories.empty() ? "" : ",") + one;
  }
  return std::string(to_string(attested->status)) + " " + (advisories.empty() ? "-" : advisories) +
         (attested->expired() ? " expired" : " fresh");
}

Result<std::string> layout(const std::string& line) {
  std::istringstream words(line);
  std::string root;
  std::string file;
  words >> root >> file;
  TRY(const auto quote, intel::parse_quote(as_bytes(read(file))));
  std::string out = std::to_string(quote.version());
  const auto add = [&out](Bytes bytes) { out += " " + codec::hex_encode(bytes); };
  if (const auto* enclave = quote.enclave_report(); enclave != nullptr) {
    add(enclave->mr_enclave);
    add(enclave->report_data);
  } else {
    add(quote.td_report()->mr_td);
    add(quote.td_report()->report_data);
  }
  if (const auto* td = quote.td_report_15(); td != nullptr) add(td->tee_tcb_svn2);
  if (const auto* td = quote.td_report_15_extended(); td != nullptr) {
    add(td->vmid);
    add(td->td_id);
    add(td->dev_info);
    add(td->init_servtd_hash);
    add(td->init_servtd_attributes);
    add(td->init_cpusvn);
    add(td->init_tee_tcb_svn);
    add(td->init_tee_fmspc);
    add(td->cur_servtd_hash);
    add(td->cur_servtd_attributes);
  }
  return out;
}

struct Made {
  QuoteBuilder quote;
  IntelBuilder with;
};

Made tdx(void (*change)(QuoteBuilder&, IntelBuilder&)) {
  Made made{QuoteBuilder::tdx_v4(), IntelBuilder::tdx()};
  change(made.quote, made.with);
  return made;
}

/// One of each kind that the builders can make.
std::map<std::string, Made> all_made() {
  std::map<std::string, Made> out;
  out.emplace("tdx-v4", tdx([](auto&, auto&) {}));
  out.emplace("tdx-v5-10", tdx([](auto& q, auto&) { q = QuoteBuilder::tdx_v5_10(); }));
  out.emplace("tdx-v5-15", tdx([](auto& q, auto&) { q = QuoteBuilder::tdx_v5_15(); }));
  out.emplace("tdx-v5-15-extended",
              tdx([](auto& q, auto&) { q = QuoteBuilder::tdx_v5_15_extended(); }));
  out.emplace("sgx-v3", Made{QuoteBuilder::sgx_v3(), IntelBuilder::sgx()});
  out.emplace("sgx-v4", Made{QuoteBuilder::sgx_v4(), IntelBuilder::sgx()});
  out.emplace("sgx-v5", Made{QuoteBuilder::sgx_v5(), IntelBuilder::sgx()});
  out.emplace("debug", tdx([](auto& q, auto&) { q.with_debug(); }));
  out.emplace("platform-outdated", tdx([](auto&, auto& b) {
                b.tcb_info.levels[0].status = "OutOfDate";
                b.tcb_info.levels[0].advisories = {"INTEL-SA-00002", "INTEL-SA-00001"};
              }));
  out.emplace("platform-configuration", tdx([](auto&, auto& b) {
                b.tcb_info.levels[0].status = "ConfigurationAndSWHardeningNeeded";
              }));
  out.emplace("qe-outdated",
              tdx([](auto&, auto& b) { b.qe_identity.levels[0].status = "OutOfDate"; }));
  out.emplace("module-outdated", tdx([](auto&, auto& b) {
                b.tcb_info.levels[0].status = "ConfigurationNeeded";
                b.tcb_info.modules[0].levels[0].status = "OutOfDate";
              }));
  out.emplace("platform-revoked",
              tdx([](auto&, auto& b) { b.tcb_info.levels[0].status = "Revoked"; }));
  out.emplace("below-every-level", tdx([](auto&, auto& b) { b.tcb_info.levels[0].sgx[3] = 9; }));
  out.emplace("pck-revoked", tdx([](auto&, auto& b) { b.pck_crl.revoked = {b.pki.pck.serial}; }));
  out.emplace("ca-revoked", tdx([](auto&, auto& b) { b.root_crl.revoked = {b.pki.ca.serial}; }));
  out.emplace("tcb-signer-revoked",
              tdx([](auto&, auto& b) { b.root_crl.revoked = {b.pki.tcb.serial}; }));
  out.emplace("other-fmspc", tdx([](auto&, auto& b) { b.tcb_info.fmspc = "10206F000001"; }));
  out.emplace("other-qe", tdx([](auto& q, auto&) { q.with_qe_byte(128, 0); }));
  out.emplace("seam-attribute", tdx([](auto& q, auto&) { q.with_seam_attribute(); }));
  out.emplace("other-module", tdx([](auto& q, auto&) { q.with_body_byte(1, 2); }));
  out.emplace("crl-expired", tdx([](auto&, auto& b) {
                b.pck_crl.next_update = kIntelNow - std::chrono::hours(1);
              }));
  out.emplace("tcb-info-expired",
              tdx([](auto&, auto& b) { b.tcb_info.next_update = "2026-11-20T00:00:00Z"; }));
  return out;
}

void emit(const std::string& directory) {
  for (const auto& [name, made] : all_made()) {
    const std::string base = directory + "/" + name;
    std::ofstream(base + ".root.der", std::ios::binary) << as_text(made.with.pki.root_der());
    std::ofstream(base + ".quote", std::ios::binary) << as_text(made.quote.sign(made.with.pki));
    std::ofstream(base + ".collateral.json") << made.with.documents_file();
    std::cout << name << " " << unix_seconds(kIntelNow) << "\n";
  }
}

}  // namespace
}  // namespace trustee

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--emit") {
    trustee::emit(argv[2]);
    return 0;
  }
  const bool layout = argc == 2 && std::string(argv[1]) == "--layout";
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto result = layout ? trustee::layout(line) : trustee::verdict(line);
    std::cout << (result.ok() ? "ok " + *result : "bad " + result.error().to_string()) << "\n";
  }
}
