#include "intel/pcs.h"

#include <algorithm>
#include <cctype>

#include "base/try.h"
#include "codec/hex.h"
#include "codec/percent.h"
#include "codec/utf8.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

constexpr std::string_view kApi = "/sgx/certification/v";
constexpr std::string_view kIntelHost = "api.trustedservices.intel.com";
constexpr std::size_t kMaxChain = 64U << 10U;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

/// The path without query, without the API's own part, without slashes at the end.
std::string_view prefix_of(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  if (const std::size_t api = path.find(kApi); api != std::string_view::npos) {
    path = path.substr(0, api);
  }
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

}  // namespace

std::string_view to_string(TcbUpdate update) {
  switch (update) {
    case TcbUpdate::early:
      return "early";
    case TcbUpdate::standard:
      return "standard";
  }
  return "early";
}

Result<PcsWords> PcsWords::create(std::string_view url) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!url.starts_with(scheme)) continue;
    const std::string_view rest = url.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.empty() || !is_printable(url) || authority.find('@') != std::string_view::npos) {
      break;
    }
    const std::string_view host = authority.substr(0, authority.find(':'));
    std::string base(scheme);
    base.append(authority).append(prefix_of(rest.substr(authority.size())));
    return PcsWords(std::move(base), host == kIntelHost);
  }
  return Error(Errc::service_url_malformed, std::string(url));
}

std::string PcsWords::tcb_info(TeeType tee, const Fmspc& fmspc, TcbUpdate update) const {
  return base_ + "/" + std::string(to_string(tee)) +
         "/certification/v4/tcb?fmspc=" + upper(codec::hex_encode(fmspc)) +
         "&update=" + std::string(to_string(update));
}

std::string PcsWords::qe_identity(TeeType tee, TcbUpdate update) const {
  return base_ + "/" + std::string(to_string(tee)) +
         "/certification/v4/qe/identity?update=" + std::string(to_string(update));
}

std::string PcsWords::pck_crl(PckCa ca) const {
  return base_ + "/sgx/certification/v4/pckcrl?ca=" + std::string(to_string(ca)) + "&encoding=der";
}

std::string PcsWords::root_crl() const {
  if (is_intel_) return std::string(kRootCrlUrl);
  return base_ + "/sgx/certification/v4/rootcacrl";
}

Result<std::string> issuer_chain_of_header(std::string_view value) {
  if (value.size() > kMaxChain) return Error(Errc::issuer_chain_malformed, "it is too large");
  std::string chain = codec::percent_decode(value);
  if (!codec::is_utf8(as_bytes(chain)) || chain.find('\0') != std::string::npos) {
    return Error(Errc::issuer_chain_malformed, "it is no text");
  }
  return chain;
}

}  // namespace trustee::intel
