#include "amd/crl.h"

#include <utility>

#include "amd/errors.h"
#include "crypto/errors.h"

namespace trustee::amd {

namespace {

Result<void> check_fresh(const crypto::Crl& crl, Time next_update, Time t) {
  if (crl.this_update() <= t && unix_seconds(t) <= unix_seconds(next_update)) return {};
  return Errc::crl_expired;
}

}  // namespace

Result<ArkCrl> ArkCrl::create(Bytes data, Product product, const Roots& roots, Time t) {
  auto crl = crypto::Crl::from_der(data);
  if (!crl.ok()) return Error(Errc::crl_not_trusted, crl.error().to_string());
  if (auto checked = crl->check(roots.ark_key(), t); !checked.ok()) {
    const bool dates = checked.error().is(crypto::Errc::crl_expired) ||
                       checked.error().is(crypto::Errc::crl_not_yet_valid);
    return Error(dates ? Errc::crl_expired : Errc::crl_not_trusted, checked.error().to_string());
  }
  const auto next_update = crl->next_update();
  if (!next_update.has_value()) return Error(Errc::crl_expired, "it has no next update");
  return ArkCrl(product, std::move(*crl), *next_update);
}

Result<void> ArkCrl::check_not_revoked(const Vek& vek, Time t) const {
  if (vek.product != product_) return Errc::crl_of_other_product;
  if (auto fresh = check_fresh(crl_, next_update_, t); !fresh.ok()) return fresh;
  // The ARK's list names what the ARK issued. VEKs all have serial number 0 and cannot be named;
  // AMD revokes their issuer.
  if (crl_.revokes(vek.issuer)) return Error(Errc::vek_revoked, vek.issuer.subject());
  return {};
}

}  // namespace trustee::amd
