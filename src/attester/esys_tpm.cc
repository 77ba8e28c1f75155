#include "attester/esys_tpm.h"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include <algorithm>
#include <cstdlib>

#include "attester/errors.h"
#include "base/try.h"

namespace trustee::attester {
namespace {

constexpr std::uint16_t kNvChunk = 512;  // every TPM takes that much at once
constexpr int kPcrAttempts = 5;

struct EsysFree {
  void operator()(void* p) const { Esys_Free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, EsysFree>;

Error failed(TSS2_RC rc, std::string_view command) {
  return Error(Errc::tpm_failed, std::string(command) + ": " + Tss2_RC_Decode(rc));
}

std::string hex_of(std::uint32_t handle) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", handle);
  return text;
}

template <class Buffer>
Result<void> fill(Buffer& out, Bytes data) {
  if (data.size() > sizeof out.buffer) {
    return Error(Errc::tpm_failed, std::to_string(data.size()) + " bytes are too many");
  }
  std::copy(data.begin(), data.end(), std::begin(out.buffer));
  out.size = static_cast<UINT16>(data.size());
  return {};
}

TPML_PCR_SELECTION sha256_pcrs(std::uint32_t mask) {
  TPML_PCR_SELECTION out{};
  out.count = 1;
  TPMS_PCR_SELECTION& bank = out.pcrSelections[0];
  bank.hash = TPM2_ALG_SHA256;
  bank.sizeofSelect = 3;
  for (unsigned i = 0; i < 3; ++i) {
    bank.pcrSelect[i] = static_cast<BYTE>(mask >> (8 * i));
  }
  return out;
}

std::uint32_t mask_of(const TPML_PCR_SELECTION& selection) {
  if (selection.count != 1 || selection.pcrSelections[0].hash != TPM2_ALG_SHA256) return 0;
  std::uint32_t out = 0;
  for (unsigned i = 0; i < 3 && i < selection.pcrSelections[0].sizeofSelect; ++i) {
    out |= static_cast<std::uint32_t>(selection.pcrSelections[0].pcrSelect[i]) << (8 * i);
  }
  return out;
}

// The key's own scheme; for keys without one, PKCS#1 v1.5 or ECDSA with SHA-256.
Result<TPMT_SIG_SCHEME> scheme_for(const TPMT_PUBLIC& key) {
  TPMT_SIG_SCHEME out{};
  out.scheme = TPM2_ALG_NULL;
  if (key.type == TPM2_ALG_RSA) {
    if (key.parameters.rsaDetail.scheme.scheme != TPM2_ALG_NULL) return out;
    out.scheme = TPM2_ALG_RSASSA;
    out.details.rsassa.hashAlg = TPM2_ALG_SHA256;
    return out;
  }
  if (key.type != TPM2_ALG_ECC) return Errc::tpm_key_unsupported;
  if (key.parameters.eccDetail.scheme.scheme != TPM2_ALG_NULL) return out;
  out.scheme = TPM2_ALG_ECDSA;
  out.details.ecdsa.hashAlg = TPM2_ALG_SHA256;
  return out;
}

ByteVec left_padded(const TPM2B_ECC_PARAMETER& in, std::size_t size) {
  ByteVec out(size);
  const std::size_t n = std::min<std::size_t>(in.size, size);
  std::copy_n(in.buffer + (in.size - n), n, out.end() - static_cast<std::ptrdiff_t>(n));
  return out;
}

Result<crypto::PublicKey> rsa_key(const TPMT_PUBLIC& key) {
  const std::uint32_t e =
      key.parameters.rsaDetail.exponent == 0 ? 65537 : key.parameters.rsaDetail.exponent;
  const ByteArray<4> exponent = {static_cast<std::uint8_t>(e >> 24U),
                                 static_cast<std::uint8_t>(e >> 16U),
                                 static_cast<std::uint8_t>(e >> 8U), static_cast<std::uint8_t>(e)};
  return crypto::PublicKey::from_rsa(Bytes(key.unique.rsa.buffer, key.unique.rsa.size), exponent);
}

Result<crypto::PublicKey> ecc_key(const TPMT_PUBLIC& key) {
  const TPMI_ECC_CURVE curve = key.parameters.eccDetail.curveID;
  if (curve != TPM2_ECC_NIST_P256 && curve != TPM2_ECC_NIST_P384) return Errc::tpm_key_unsupported;
  const auto ours = curve == TPM2_ECC_NIST_P256 ? crypto::Curve::p256 : crypto::Curve::p384;
  const std::size_t size = crypto::field_size(ours);
  return crypto::PublicKey::from_ec_point(ours, left_padded(key.unique.ecc.x, size),
                                          left_padded(key.unique.ecc.y, size));
}

class EsysTpm final : public Tpm {
 public:
  static Result<std::unique_ptr<Tpm>> open(const std::string& tcti) {
    auto out = std::make_unique<EsysTpm>();
    if (const TSS2_RC rc = Tss2_TctiLdr_Initialize(tcti.c_str(), &out->tcti_); rc != 0) {
      return Error(Errc::tpm_unavailable, tcti + ": " + Tss2_RC_Decode(rc));
    }
    if (const TSS2_RC rc = Esys_Initialize(&out->esys_, out->tcti_, nullptr); rc != 0) {
      return Error(Errc::tpm_unavailable, tcti + ": " + Tss2_RC_Decode(rc));
    }
    return std::unique_ptr<Tpm>(std::move(out));
  }
  EsysTpm() = default;
  ~EsysTpm() override {
    if (esys_ != nullptr) Esys_Finalize(&esys_);
    if (tcti_ != nullptr) Tss2_TctiLdr_Finalize(&tcti_);
  }
  EsysTpm(const EsysTpm&) = delete;
  EsysTpm& operator=(const EsysTpm&) = delete;

  Result<ByteVec> nv_read(std::uint32_t index) override;
  Result<void> nv_write(std::uint32_t index, Bytes data) override;
  Result<PcrBank> read_pcrs() override;
  Result<TpmSigned> quote(std::uint32_t key, Bytes qualifying_data) override;
  Result<crypto::PublicKey> public_key(std::uint32_t key) override;
  Result<void> extend_pcr(std::uint32_t index, const ByteArray<32>& digest) override;

 private:
  // Asked first, because the library writes to standard error about handles that are not there.
  Result<bool> has(std::uint32_t handle);
  Result<ESYS_TR> object(std::uint32_t handle);
  Result<ESYS_TR> key_object(std::uint32_t handle);
  Result<TPMT_PUBLIC> public_area(ESYS_TR key);
  Result<ESYS_TR> nv_defined(std::uint32_t index, std::size_t size);
  Result<std::uint32_t> read_round(std::uint32_t wanted, PcrBank& out);

  TSS2_TCTI_CONTEXT* tcti_ = nullptr;
  ESYS_CONTEXT* esys_ = nullptr;
};

Result<bool> EsysTpm::has(std::uint32_t handle) {
  TPMI_YES_NO more = 0;
  TPMS_CAPABILITY_DATA* raw = nullptr;
  const TSS2_RC rc = Esys_GetCapability(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                        TPM2_CAP_HANDLES, handle, 1, &more, &raw);
  if (rc != 0) return failed(rc, "TPM2_GetCapability");
  const Owned<TPMS_CAPABILITY_DATA> data(raw);
  const TPML_HANDLE& handles = data->data.handles;
  return handles.count > 0 && handles.handle[0] == handle;
}

Result<ESYS_TR> EsysTpm::object(std::uint32_t handle) {
  ESYS_TR out = ESYS_TR_NONE;
  const TSS2_RC rc =
      Esys_TR_FromTPMPublic(esys_, handle, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &out);
  if (rc != 0) return failed(rc, "TPM2_ReadPublic");
  return out;
}

Result<ESYS_TR> EsysTpm::key_object(std::uint32_t handle) {
  TRY(const bool there, has(handle));
  if (!there) return Error(Errc::tpm_key_missing, "no key at handle " + hex_of(handle));
  return object(handle);
}

Result<TPMT_PUBLIC> EsysTpm::public_area(ESYS_TR key) {
  TPM2B_PUBLIC* raw = nullptr;
  const TSS2_RC rc =
      Esys_ReadPublic(esys_, key, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &raw, nullptr, nullptr);
  if (rc != 0) return failed(rc, "TPM2_ReadPublic");
  const Owned<TPM2B_PUBLIC> area(raw);
  return area->publicArea;
}

Result<crypto::PublicKey> EsysTpm::public_key(std::uint32_t key) {
  TRY(const ESYS_TR handle, key_object(key));
  TRY(const TPMT_PUBLIC area, public_area(handle));
  if (area.type == TPM2_ALG_RSA) return rsa_key(area);
  if (area.type == TPM2_ALG_ECC) return ecc_key(area);
  return Errc::tpm_key_unsupported;
}

Result<TpmSigned> EsysTpm::quote(std::uint32_t key, Bytes qualifying_data) {
  TRY(const ESYS_TR handle, key_object(key));
  TRY(const TPMT_PUBLIC area, public_area(handle));
  TRY(const TPMT_SIG_SCHEME scheme, scheme_for(area));
  TPM2B_DATA data{};
  TRY_VOID(fill(data, qualifying_data));
  const TPML_PCR_SELECTION selection = sha256_pcrs((1U << kPcrCount) - 1);
  TPM2B_ATTEST* raw_message = nullptr;
  TPMT_SIGNATURE* raw_signature = nullptr;
  TSS2_RC rc = Esys_Quote(esys_, handle, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, &data,
                          &scheme, &selection, &raw_message, &raw_signature);
  if (rc != 0) return failed(rc, "TPM2_Quote");
  const Owned<TPM2B_ATTEST> message(raw_message);
  const Owned<TPMT_SIGNATURE> signature(raw_signature);
  TpmSigned out;
  out.message.assign(message->attestationData, message->attestationData + message->size);
  out.signature.resize(sizeof(TPMT_SIGNATURE));
  std::size_t size = 0;
  rc = Tss2_MU_TPMT_SIGNATURE_Marshal(signature.get(), out.signature.data(), out.signature.size(),
                                      &size);
  if (rc != 0) return failed(rc, "marshalling the signature");
  out.signature.resize(size);
  return out;
}

// One command; the mask of what it read.
Result<std::uint32_t> EsysTpm::read_round(std::uint32_t wanted, PcrBank& out) {
  const TPML_PCR_SELECTION selection = sha256_pcrs(wanted);
  TPML_PCR_SELECTION* raw_read = nullptr;
  TPML_DIGEST* raw_values = nullptr;
  const TSS2_RC rc = Esys_PCR_Read(esys_, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &selection,
                                   &out.update_counter, &raw_read, &raw_values);
  if (rc != 0) return failed(rc, "TPM2_PCR_Read");
  const Owned<TPML_PCR_SELECTION> read(raw_read);
  const Owned<TPML_DIGEST> values(raw_values);
  const std::uint32_t mask = mask_of(*read) & wanted;
  std::uint32_t next = 0;
  for (std::size_t pcr = 0; pcr < kPcrCount; ++pcr) {
    if ((mask >> pcr & 1U) == 0) continue;
    if (next >= values->count || values->digests[next].size != 32) {
      return Error(Errc::tpm_failed, "TPM2_PCR_Read: a value is missing");
    }
    std::copy_n(values->digests[next++].buffer, 32, out.values[pcr].begin());
  }
  if (mask == 0) return Error(Errc::tpm_failed, "the TPM has no SHA-256 bank");
  return mask;
}

Result<PcrBank> EsysTpm::read_pcrs() {
  for (int attempt = 0; attempt < kPcrAttempts; ++attempt) {
    PcrBank out;
    std::uint32_t wanted = (1U << kPcrCount) - 1;
    std::optional<std::uint32_t> counter;
    while (wanted != 0 && (!counter || *counter == out.update_counter)) {
      TRY(const std::uint32_t read, read_round(wanted, out));
      wanted &= ~read;
      if (!counter) counter = out.update_counter;
    }
    if (wanted == 0 && counter == out.update_counter) return out;
  }
  return Errc::pcrs_unsettled;
}

Result<ByteVec> EsysTpm::nv_read(std::uint32_t index) {
  TRY(const bool there, has(index));
  if (!there) return Error(Errc::file_missing, "NV index " + hex_of(index));
  TRY(const ESYS_TR nv, object(index));
  TPM2B_NV_PUBLIC* raw_public = nullptr;
  TSS2_RC rc =
      Esys_NV_ReadPublic(esys_, nv, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &raw_public, nullptr);
  if (rc != 0) return failed(rc, "TPM2_NV_ReadPublic");
  const std::uint16_t size = Owned<TPM2B_NV_PUBLIC>(raw_public)->nvPublic.dataSize;
  ByteVec out;
  while (out.size() < size) {
    const auto offset = static_cast<std::uint16_t>(out.size());
    const auto chunk = std::min<std::uint16_t>(kNvChunk, static_cast<std::uint16_t>(size - offset));
    TPM2B_MAX_NV_BUFFER* raw = nullptr;
    rc = Esys_NV_Read(esys_, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                      chunk, offset, &raw);
    if (rc != 0) return failed(rc, "TPM2_NV_Read");
    const Owned<TPM2B_MAX_NV_BUFFER> part(raw);
    if (part->size != chunk) return Error(Errc::tpm_failed, "TPM2_NV_Read: short answer");
    out.insert(out.end(), part->buffer, part->buffer + part->size);
  }
  return out;
}

Result<ESYS_TR> EsysTpm::nv_defined(std::uint32_t index, std::size_t size) {
  TRY(const bool there, has(index));
  if (there) return object(index);
  TPM2B_NV_PUBLIC area{};
  area.nvPublic.nvIndex = index;
  area.nvPublic.nameAlg = TPM2_ALG_SHA256;
  area.nvPublic.attributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD;
  area.nvPublic.dataSize = static_cast<UINT16>(size);
  const TPM2B_AUTH none{};
  ESYS_TR out = ESYS_TR_NONE;
  const TSS2_RC rc = Esys_NV_DefineSpace(esys_, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                         ESYS_TR_NONE, &none, &area, &out);
  if (rc != 0) return failed(rc, "TPM2_NV_DefineSpace");
  return out;
}

Result<void> EsysTpm::nv_write(std::uint32_t index, Bytes data) {
  TPM2B_MAX_NV_BUFFER buffer{};
  TRY_VOID(fill(buffer, data));
  TRY(const ESYS_TR nv, nv_defined(index, data.size()));
  const TSS2_RC rc = Esys_NV_Write(esys_, ESYS_TR_RH_OWNER, nv, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                   ESYS_TR_NONE, &buffer, 0);
  if (rc != 0) return failed(rc, "TPM2_NV_Write");
  return {};
}

Result<void> EsysTpm::extend_pcr(std::uint32_t index, const ByteArray<32>& digest) {
  if (index >= kPcrCount) return Error(Errc::register_unknown, "PCR " + std::to_string(index));
  TPML_DIGEST_VALUES values{};
  values.count = 1;
  values.digests[0].hashAlg = TPM2_ALG_SHA256;
  std::copy(digest.begin(), digest.end(), std::begin(values.digests[0].digest.sha256));
  const TSS2_RC rc = Esys_PCR_Extend(esys_, ESYS_TR_PCR0 + index, ESYS_TR_PASSWORD, ESYS_TR_NONE,
                                     ESYS_TR_NONE, &values);
  if (rc != 0) return failed(rc, "TPM2_PCR_Extend");
  return {};
}

}  // namespace

Result<std::unique_ptr<Tpm>> open_esys_tpm(const std::string& tcti) {
  // The library logs to standard error on its own, unless told not to; what failed is in our error.
  ::setenv("TSS2_LOG", "all+NONE", 0);
  return EsysTpm::open(tcti);
}

}  // namespace trustee::attester
