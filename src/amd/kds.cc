#include "amd/kds.h"

#include <algorithm>

#include "amd/errors.h"
#include "codec/hex.h"

namespace trustee::amd {

namespace {

/// At least two decimal digits.
std::string two_digits(std::uint8_t n) {
  std::string digits = std::to_string(n);
  return digits.size() < 2 ? "0" + digits : digits;
}

/// Takes `name` and the number behind it off the front; whatever does not fit yields a wrong
/// number.
std::uint8_t take_part(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name)) return 0;
  rest.remove_prefix(name.size());
  unsigned n = 0;
  while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9' && n < 256) {
    n = n * 10 + static_cast<unsigned>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  return static_cast<std::uint8_t>(n);
}

bool all_zero(Bytes b) {
  return std::all_of(b.begin(), b.end(), [](std::uint8_t x) { return x == 0; });
}

}  // namespace

std::string hwid_hex(const VcekRequest& request) {
  return codec::hex_encode(Bytes(request.chip_id).first(hwid_size(request.product)));
}

std::string tcb_prefix(const Tcb& tcb) {
  std::string text = "bl" + two_digits(tcb.bootloader) + "_tee" + two_digits(tcb.tee) + "_snp" +
                     two_digits(tcb.snp) + "_ucode" + two_digits(tcb.microcode);
  if (tcb.fmc.has_value()) text += "_fmc" + two_digits(*tcb.fmc);
  return text;
}

std::string cache_name(const VcekRequest& request) {
  return std::string(to_string(request.product)) + "/" + hwid_hex(request) + "/" +
         tcb_prefix(request.tcb);
}

Result<VcekRequest> parse_cache_name(std::string_view name) {
  const Error malformed(Errc::vcek_name_malformed, std::string(name.substr(0, 256)));
  const std::size_t first = name.find('/');
  const std::size_t last = name.rfind('/');
  if (first == std::string_view::npos || first == last) return malformed;
  VcekRequest out;
  for (const Product product : {Product::milan, Product::genoa, Product::turin}) {
    if (name.substr(0, first) == to_string(product)) out.product = product;
  }
  const auto hwid = codec::hex_decode(name.substr(first + 1, last - first - 1));
  if (!hwid.ok() || hwid->size() != hwid_size(out.product)) return malformed;
  std::copy(hwid->begin(), hwid->end(), out.chip_id.begin());
  std::string_view rest = name.substr(last + 1);
  out.tcb = {std::nullopt, take_part(rest, "bl"), take_part(rest, "_tee"), take_part(rest, "_snp"),
             take_part(rest, "_ucode")};
  if (!rest.empty()) out.tcb.fmc = take_part(rest, "_fmc");
  if (cache_name(out) != name) return malformed;  // everything else that is out of place
  return out;
}

Result<std::string> kds_vcek_url(std::string_view base, const VcekRequest& request) {
  if (all_zero(request.chip_id)) return Errc::hardware_id_zero;
  std::string url(base);
  url += "/vcek/v1/" + std::string(to_string(request.product)) + "/" + hwid_hex(request) + "?";
  if (tcb_layout(request.product) == TcbLayout::turin) {
    if (!request.tcb.fmc.has_value()) return Errc::fmc_missing;
    url += "fmcSPL=" + two_digits(*request.tcb.fmc) + "&";
  }
  url += "blSPL=" + two_digits(request.tcb.bootloader) + "&teeSPL=" + two_digits(request.tcb.tee) +
         "&snpSPL=" + two_digits(request.tcb.snp) +
         "&ucodeSPL=" + two_digits(request.tcb.microcode);
  return url;
}

std::string kds_crl_url(std::string_view base, Product product, VekKind kind) {
  std::string url(base);
  url += kind == VekKind::vlek ? "/vlek/v1/" : "/vcek/v1/";
  return url + std::string(to_string(product)) + "/crl";
}

std::vector<std::string> offline_store_paths(const VcekRequest& request) {
  std::vector<std::string> directories{hwid_hex(request)};
  const std::string full = codec::hex_encode(request.chip_id);
  if (full != directories.front()) directories.push_back(full);
  std::vector<std::string> paths;
  for (const std::string& directory : directories) {
    paths.push_back("vcek/" + directory + "/" + tcb_prefix(request.tcb) + "_vcek.der");
    paths.push_back("vcek/" + directory + "/vcek.der");
  }
  return paths;
}

bool hwid_matches(Bytes hwid, const ByteArray<64>& chip_id) {
  if (hwid.size() > chip_id.size()) return false;
  const Bytes chip(chip_id);
  return equal(chip.first(hwid.size()), hwid) && all_zero(chip.subspan(hwid.size()));
}

Result<void> check_endorses(const Vek& vek, const VcekRequest& request) {
  if (vek.product != request.product || vek.extensions.tcb != request.tcb) {
    return Error(Errc::endorsement_mismatch, "certificate: " + tcb_prefix(vek.extensions.tcb) +
                                                 ", wanted: " + tcb_prefix(request.tcb));
  }
  if (!vek.extensions.hwid.has_value()) return Error(Errc::endorsement_mismatch, "no hardware id");
  if (all_zero(request.chip_id) || hwid_matches(*vek.extensions.hwid, request.chip_id)) return {};
  return Error(Errc::endorsement_mismatch, "the certificate is of another chip");
}

}  // namespace trustee::amd
