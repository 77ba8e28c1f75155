#include "amd/roots.h"

#include <string>

#include "amd/errors.h"
#include "amd/internal/root_pems.h"
#include "base/check.h"
#include "base/try.h"
#include "crypto/digest.h"

namespace trustee::amd {

namespace {

ByteArray<32> fingerprint_of(const crypto::Certificate& a, const crypto::Certificate& b,
                             const crypto::Certificate& c) {
  const crypto::Digest d = crypto::digest(crypto::Hash::sha256, {a.der(), b.der(), c.der()});
  return regularised<32>(d.bytes());
}

Result<void> check_anchors(const Roots& roots) {
  TRY_VOID(roots.ark().check_signed_by(roots.ark_key()));
  TRY_VOID(roots.ask().check_signed_by(roots.ark_key()));
  TRY_VOID(roots.asvk().check_signed_by(roots.ark_key()));
  if (roots.ark().is_ca() && roots.ask().is_ca() && roots.asvk().is_ca()) return {};
  return Error(Errc::root_bundle_malformed, "a root is no certificate authority");
}

}  // namespace

Roots::Roots(crypto::Certificate ask, crypto::Certificate ark, crypto::Certificate asvk)
    : ask_(std::move(ask)),
      ark_(std::move(ark)),
      asvk_(std::move(asvk)),
      ark_key_(ark_.public_key()),
      fingerprint_(fingerprint_of(ask_, ark_, asvk_)) {}

Result<Roots> Roots::create(std::string_view pem) {
  auto bundle = crypto::Certificate::bundle_from_pem(pem, 4);
  if (!bundle.ok()) return Error(Errc::root_bundle_malformed, bundle.error().to_string());
  const auto& c = *bundle;
  if (c.size() != 3) {
    return Error(Errc::root_bundle_malformed, std::to_string(c.size()) + " certificates");
  }
  Roots roots(c[0], c[1], c[2]);
  if (auto checked = check_anchors(roots); !checked.ok()) {
    return Error(Errc::root_bundle_malformed, checked.error().to_string());
  }
  return roots;
}

Result<RootSet> RootSet::create(std::string_view milan_pem, std::string_view genoa_pem,
                                std::string_view turin_pem) {
  TRY(auto milan, Roots::create(milan_pem));
  TRY(auto genoa, Roots::create(genoa_pem));
  TRY(auto turin, Roots::create(turin_pem));
  return RootSet(std::move(milan), std::move(genoa), std::move(turin));
}

Result<RootSet> RootSet::built_in() {
  return create(internal::kMilanRoots, internal::kGenoaRoots, internal::kTurinRoots);
}

const Roots& RootSet::of(Product p) const {
  switch (p) {
    case Product::milan:
      return milan_;
    case Product::genoa:
      return genoa_;
    case Product::turin:
      return turin_;
  }
  check_failed("known Product", __FILE__, __LINE__);
}

}  // namespace trustee::amd
