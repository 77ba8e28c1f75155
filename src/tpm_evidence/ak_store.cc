#include "tpm_evidence/ak_store.h"

#include <string>

#include "base/cursor.h"
#include "base/try.h"
#include "tpm/public_area.h"
#include "tpm/signature.h"
#include "tpm_evidence/errors.h"

namespace trustee::tpm_evidence {

namespace {

constexpr std::string_view kPemMarker = "-----BEGIN ";

/// The content of a TPM2B_PUBLIC, or the bytes themselves when they have no fitting size in front.
Bytes without_size(Bytes file) {
  Cursor c(file);
  const std::size_t size = c.u16be();
  return !c.failed() && size == c.remaining() ? c.take(size) : file;
}

Result<crypto::PublicKey> key_of(Bytes file, Attributes attributes) {
  if (!as_text(file).starts_with(kPemMarker)) {
    TRY(const tpm::PublicArea area, tpm::parse_public_area(without_size(file)));
    TRY_VOID(tpm::check_attestation_key(area));
    return area.key;
  }
  switch (attributes) {
    case Attributes::required:
      return Errc::trusted_ak_not_restricted;
    case Attributes::as_given:
      break;
  }
  auto key = crypto::PublicKey::from_pem(as_text(file));
  if (key.ok()) return key;
  return Error(Errc::trusted_ak_malformed, key.error().to_string());
}

}  // namespace

Result<void> AkStore::add(Bytes file, Attributes attributes) {
  TRY(const crypto::PublicKey key, key_of(file, attributes));
  TRY_VOID(tpm::check_key_strength(key));
  ByteVec spki = key.spki();
  if (spkis_.size() == capacity_ && !spkis_.contains(spki)) {
    return Error(Errc::too_many_trusted_aks, "more than " + std::to_string(capacity_));
  }
  spkis_.insert(std::move(spki));
  return {};
}

bool AkStore::contains(const crypto::PublicKey& key) const { return spkis_.contains(key.spki()); }

}  // namespace trustee::tpm_evidence
