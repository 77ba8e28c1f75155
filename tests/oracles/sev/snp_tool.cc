// Our verdict on SNP reports, for the comparison with an independent implementation. Reads lines
// "ASK.der ARK.der VEK.der REPORT.bin" and prints for each `ok`, or `bad` with our code: chain and
// signature by the rules of src/snp, without claims and bindings.

#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>

#include "amd/chain.h"
#include "amd/errors.h"
#include "amd/roots.h"
#include "base/try.h"
#include "snp/format.h"
#include "snp/verify.h"

namespace trustee {
namespace {

ByteVec read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Result<void> verdict(const std::string& line) {
  std::istringstream words(line);
  std::string ask;
  std::string ark;
  std::string vek;
  std::string report;
  words >> ask >> ark >> vek >> report;
  TRY(const auto ask_certificate, crypto::Certificate::from_der(read(ask)));
  TRY(const auto ark_certificate, crypto::Certificate::from_der(read(ark)));
  // The bundle's third certificate is not asked about; the ASK stands in for the ASVK.
  TRY(const auto roots,
      amd::Roots::create(ask_certificate.pem() + ark_certificate.pem() + ask_certificate.pem()));
  TRY(const auto parsed, snp::parse_report(read(report)));
  TRY(const auto product, snp::product_of(parsed));
  TRY(const auto chain,
      amd::verify_vek_chain({product, amd::VekKind::vcek, read(vek), {}, {}}, roots));
  return snp::check_signature(parsed, (*chain)->key);
}

}  // namespace
}  // namespace trustee

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto result = trustee::verdict(line);
    std::cout << (result.ok() ? "ok" : "bad " + result.error().to_string()) << "\n";
  }
}
