// Writes what the builders of test hardware make, for other implementations to check (check.py).

#include <cstdio>
#include <fstream>
#include <string>

#include "tests/support/hcl_builder.h"
#include "tests/support/intel_builder.h"
#include "tests/support/snp_builder.h"
#include "tests/support/tpm_builder.h"

namespace {

using namespace trustee;

void put(const std::string& path, Bytes bytes) {
  std::ofstream out(path, std::ios::binary);
  out << as_text(bytes);
}

void emit_quote(const std::string& base, const TpmQuoteBuilder& quote,
                const crypto::PrivateKey& ak) {
  put(base + ".msg", quote.message());
  put(base + ".sig", quote.signature(ak));
  const ByteVec area = tpm_public_area(ak.public_key());
  ByteVec sized = {static_cast<std::uint8_t>(area.size() >> 8U),
                   static_cast<std::uint8_t>(area.size())};
  sized.insert(sized.end(), area.begin(), area.end());
  put(base + ".tpm2b_public", sized);
  put(base + ".spki", ak.public_key().spki());
  put(base + ".json", as_bytes(quote.evidence(ak)));
}

/// The evidence, and what is needed to judge the TD's quote in it: root, collateral, time.
void emit_azure_tdx(const std::string& base, const TpmQuoteBuilder& quote, const HclBuilder& hcl) {
  const IntelBuilder intel = IntelBuilder::tdx();
  QuoteBuilder td = QuoteBuilder::tdx_v4();
  td.with_report_data(hcl.report_data());
  put(base + ".json",
      as_bytes(azure_evidence(2, quote, test_rsa_ak(), hcl.report(4, td.td_report()), "td_quote",
                              td.sign(intel.pki))));
  put(base + ".root.der", intel.pki.root_der());
  put(base + ".collateral.json", as_bytes(intel.documents_file()));
  put(base + ".now", as_bytes(std::to_string(unix_seconds(kIntelNow))));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: azure_tool DIRECTORY VCEK\n");
    return 2;
  }
  const std::string directory = std::string(argv[1]) + "/";
  const ByteVec nonce(32, 0xA5);
  const TpmQuoteBuilder quote = TpmQuoteBuilder().with_nonce(nonce);
  emit_quote(directory + "rsa", quote, test_rsa_ak());
  emit_quote(directory + "ecc", quote, test_ecc_ak());

  const HclBuilder hcl = HclBuilder(test_rsa_ak().public_key()).with_user_data(nonce);
  emit_azure_tdx(directory + "az-tdx", quote, hcl);
  SnpBuilder report = SnpBuilder::genoa_v3();
  report.with_report_data(hcl.report_data());
  std::ifstream in(argv[2], std::ios::binary);
  const std::string vcek((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  put(directory + "az-snp.json",
      as_bytes(azure_evidence(2, quote, test_rsa_ak(), hcl.report(2, report.sign(snp_test_key())),
                              "vcek", as_bytes(vcek))));
  return 0;
}
