#include "intel/internal/crl.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "codec/der.h"
#include "codec/hex.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

constexpr std::string_view kCrlNumber = "2.5.29.20";
constexpr std::string_view kAuthorityKeyIdentifier = "2.5.29.35";
constexpr std::string_view kCrlDistributionPoints = "2.5.29.31";

Error malformed(std::string what) { return {Errc::crl_malformed, std::move(what)}; }

Result<crypto::Crl> list_of(Bytes text) {
  const std::string_view seen = as_text(text);
  if (seen.starts_with("-----BEGIN X509 CRL-----")) return crypto::Crl::from_pem(seen);
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t end = seen.find_last_not_of(kSpace);
  const std::string_view trimmed = seen.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (const auto der = codec::hex_decode(trimmed); der.ok()) return crypto::Crl::from_der(*der);
  return crypto::Crl::from_der(text);
}

Result<std::uint32_t> number_of(const crypto::Crl& crl) {
  TRY(const ByteVec value, crl.extension(kCrlNumber));
  der::Reader reader(value);
  TRY(const std::uint64_t number, reader.u64());
  TRY_VOID(reader.finish());
  if (number > std::numeric_limits<std::uint32_t>::max())
    return malformed("its number is too large");
  return static_cast<std::uint32_t>(number);
}

/// The first URI of a DistributionPointName. Source: RFC 5280, 4.2.1.13.
Result<std::string> first_uri(Bytes distribution_points) {
  constexpr unsigned kUniformResourceIdentifier = 6;
  der::Reader whole(distribution_points);
  TRY(der::Reader points, whole.sequence());
  TRY(der::Reader point, points.sequence());
  TRY(der::Reader name, point.constructed(der::context_constructed(0)));
  TRY(der::Reader full_name, name.constructed(der::context_constructed(0)));
  TRY(const std::string_view uri, full_name.ia5_string(der::context(kUniformResourceIdentifier)));
  return std::string(uri);
}

}  // namespace

Result<std::string> crl_distribution_point(const crypto::Certificate& certificate) {
  const auto value = certificate.extension(kCrlDistributionPoints);
  if (!value.ok()) return Error(Errc::pck_chain_malformed, value.error().to_string());
  auto uri = first_uri(*value);
  if (uri.ok()) return uri;
  return Error(Errc::pck_chain_malformed, uri.error().to_string());
}

namespace internal {

Result<ParsedCrl> parse_crl(Bytes text) {
  TRY(auto crl, list_of(text));
  TRY(const std::uint32_t number, number_of(crl));
  TRY_VOID(crl.extension(kAuthorityKeyIdentifier));
  const auto next_update = crl.next_update();
  if (!next_update.has_value()) return malformed("it names no next update");
  const Time issued = crl.this_update();
  return ParsedCrl{std::move(crl), number, {issued, issued, *next_update}};
}

Result<void> check_crl_issuer(const crypto::Crl& crl, const crypto::Certificate& issuer) {
  if (!crl.names_as_issuer(issuer)) {
    return Error(Errc::crl_not_trusted, "the list names another issuer");
  }
  auto checked = crl.check_signed_by(issuer.public_key());
  if (checked.ok()) return {};
  return Error(Errc::crl_not_trusted, checked.error().to_string());
}

}  // namespace internal

}  // namespace trustee::intel
