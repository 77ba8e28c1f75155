#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include "amd/chain.h"
#include "amd/product.h"
#include "amd/roots.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/x509.h"

namespace trustee::amd {

/// Whether an endorsement chain must be checked against the ARK's revocation list.
enum class Revocation : std::uint8_t {
  not_checked,  ///< and the claims say so where asked for (snp::verification_claims)
  required,     ///< no list at hand is a reason to ask for one, never a reason to pass
};

/// A revocation list signed by the ARK of one product line, checked once. KDS serves it as
/// `/{vcek,vlek}/v1/{product}/crl`.
class ArkCrl {
 public:
  /// `data` is DER. Errors: crl_not_trusted, crl_expired (at `t`).
  static Result<ArkCrl> create(Bytes data, Product product, const Roots& roots, Time t);

  Product product() const { return product_; }
  Time this_update() const { return crl_.this_update(); }
  /// The end of its validity.
  Time next_update() const { return next_update_; }
  /// Signature was checked by create; this looks at the dates and the entries only.
  /// Errors  crl_of_other_product, crl_expired, vek_revoked.
  Result<void> check_not_revoked(const Vek& vek, Time t) const;

 private:
  ArkCrl(Product product, crypto::Crl crl, Time next_update)
      : product_(product), crl_(std::move(crl)), next_update_(next_update) {}

  Product product_;
  crypto::Crl crl_;
  Time next_update_;
};

}  // namespace trustee::amd
