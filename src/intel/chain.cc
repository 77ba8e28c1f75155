#include "intel/chain.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/try.h"
#include "intel/errors.h"

namespace trustee::claims {

template <>
struct VerifierOf<intel::PckChain> {
  static intel::VerifiedPckChain seal(intel::PckChain chain) {
    return std::make_shared<const Verified<intel::PckChain>>(
        Verified<intel::PckChain>(std::move(chain)));
  }
};

}  // namespace trustee::claims

namespace trustee::intel {

namespace {

/// Names of RFC 5280 extensions that every certificate of the profile carries.
constexpr std::array<std::string_view, 5> kDemandedExtensions = {
    "2.5.29.35",  // authorityKeyIdentifier
    "2.5.29.31",  // cRLDistributionPoints
    "2.5.29.14",  // subjectKeyIdentifier
    "2.5.29.15",  // keyUsage
    "2.5.29.19",  // basicConstraints
};
constexpr std::size_t kMaxCertificates = 16;

Error not_trusted(const crypto::Certificate& subject, const std::string& why) {
  return {Errc::pck_chain_not_trusted, subject.subject() + ": " + why};
}

Result<void> check_profile(const crypto::Certificate& certificate) {
  for (const std::string_view oid : kDemandedExtensions) {
    if (auto value = certificate.extension(oid); !value.ok()) {
      return not_trusted(certificate, value.error().to_string());
    }
  }
  return {};
}

Result<void> check_name(const crypto::Certificate& certificate, std::string_view phrase) {
  if (certificate.subject_common_name().find(phrase) != std::string::npos) return {};
  return not_trusted(certificate, "its name does not contain " + std::string(phrase));
}

Result<void> check_signed_by(const crypto::Certificate& subject, const crypto::PublicKey& key) {
  if (auto checked = subject.check_signed_by(key); !checked.ok()) {
    return not_trusted(subject, checked.error().to_string());
  }
  return {};
}

Result<void> check_key_type(const crypto::PublicKey& key) {
  const auto curve = key.curve();
  if (curve.ok() && *curve == crypto::Curve::p256) return {};
  return Errc::pck_key_unsupported;
}

Result<void> check_chain(const std::vector<crypto::Certificate>& chain, const RootKey& anchor) {
  const auto& leaf = chain.at(0);
  const auto& intermediate = chain.at(1);
  const auto& root = chain.at(2);
  TRY_VOID(check_is_root(root, anchor));
  TRY_VOID(check_issued_by(intermediate, root));
  TRY_VOID(check_issued_by(leaf, intermediate));
  TRY_VOID(check_name(leaf, "SGX PCK Certificate"));
  for (const auto& certificate : chain) {
    TRY_VOID(check_profile(certificate));
  }
  return {};
}

}  // namespace

Result<void> check_issued_by(const crypto::Certificate& subject,
                             const crypto::Certificate& issuer) {
  if (!subject.names_as_issuer(issuer)) return not_trusted(subject, "it names another issuer");
  if (!issuer.is_ca()) return not_trusted(issuer, "it is no certificate authority");
  return check_signed_by(subject, issuer.public_key());
}

Result<void> check_is_root(const crypto::Certificate& root, const RootKey& anchor) {
  if (!(root.public_key() == anchor.key())) return not_trusted(root, "it is not the trusted root");
  if (!root.is_self_issued()) return not_trusted(root, "it is not self-issued");
  TRY_VOID(check_name(root, "SGX Root CA"));
  return check_signed_by(root, anchor.key());
}

Lifespan lifespan_of(const crypto::Certificate& certificate) {
  return {certificate.not_before(), certificate.not_before(), certificate.not_after()};
}

Result<std::vector<crypto::Certificate>> read_pck_chain(std::string_view pem) {
  constexpr std::string_view kMarker = "-----BEGIN CERTIFICATE-----";
  const auto wrong_number = [](std::size_t n) {
    return Error(Errc::pck_chain_size,
                 "PCK cert chain must contain exactly 3 certificates (leaf, intermediate, root), "
                 "got " +
                     std::to_string(n));
  };
  if (pem.find(kMarker) == std::string_view::npos) return wrong_number(0);
  auto chain = crypto::Certificate::bundle_from_pem(pem, kMaxCertificates);
  if (!chain.ok()) return Error(Errc::pck_chain_malformed, chain.error().to_string());
  if (chain->size() != 3) return wrong_number(chain->size());
  return chain;
}

Result<VerifiedPckChain> verify_pck_chain(std::string_view pem, const RootKey& anchor) {
  TRY(const auto chain, read_pck_chain(pem));
  TRY(const PckCa ca, pck_ca_of(chain.at(1)));
  TRY_VOID(check_chain(chain, anchor));
  crypto::PublicKey key = chain.front().public_key();
  TRY_VOID(check_key_type(key));
  TRY(PckExtension extension, pck_extension_of(chain.front(), ca));
  Lifespan lifespan = lifespan_of(chain.front());
  for (const auto& certificate : chain) {
    lifespan = merged(lifespan, lifespan_of(certificate));
  }
  return claims::VerifierOf<PckChain>::seal(PckChain{
      chain.at(0), chain.at(1), chain.at(2), std::move(key), ca, std::move(extension), lifespan});
}

}  // namespace trustee::intel
