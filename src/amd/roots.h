#pragma once

#include <string_view>
#include <utility>

#include "amd/product.h"
#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"

namespace trustee::amd {

/// The trust anchors of one product line. The ARK is the root; the ASK signs VCEKs, the ASVK signs
/// VLEKs.
class Roots {
 public:
  /// `pem` holds exactly three certificates: ASK, ARK, ASVK. Their signatures are checked here.
  /// Errors  root_bundle_malformed.
  static Result<Roots> create(std::string_view pem);

  const crypto::Certificate& ask() const { return ask_; }
  const crypto::Certificate& ark() const { return ark_; }
  const crypto::Certificate& asvk() const { return asvk_; }
  const crypto::PublicKey& ark_key() const { return ark_key_; }
  /// SHA-256 over the three certificates: which roots a cached proof was made with.
  const ByteArray<32>& fingerprint() const { return fingerprint_; }

 private:
  Roots(crypto::Certificate ask, crypto::Certificate ark, crypto::Certificate asvk);

  crypto::Certificate ask_;
  crypto::Certificate ark_;
  crypto::Certificate asvk_;
  crypto::PublicKey ark_key_;
  ByteArray<32> fingerprint_;
};

/// The anchors of all product lines. Immutable; share it as a snapshot.
class RootSet {
 public:
  /// AMD's own, embedded in the program (fingerprints: amd/README.md).
  /// Errors  root_bundle_malformed (then the program must not start).
  static Result<RootSet> built_in();
  /// The same from three bundles, for tests with a root of their own.
  static Result<RootSet> create(std::string_view milan_pem, std::string_view genoa_pem,
                                std::string_view turin_pem);

  const Roots& of(Product p) const;

 private:
  RootSet(Roots milan, Roots genoa, Roots turin)
      : milan_(std::move(milan)), genoa_(std::move(genoa)), turin_(std::move(turin)) {}

  Roots milan_;
  Roots genoa_;
  Roots turin_;
};

}  // namespace trustee::amd
