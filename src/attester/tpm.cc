#include "attester/tpm.h"

#include <charconv>

#include "attester/errors.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "rcar/init_data_binding.h"

namespace trustee::attester {
namespace {

constexpr int kQuoteAttempts = 5;
constexpr std::size_t kQualifyingSize = 32;

}  // namespace

Result<std::string> tpm_tcti(Machine& machine) {
  if (const auto& device = machine.environment.tpm_device) {
    return device->starts_with('/') ? "device:" + *device : *device;
  }
  for (const char* path : {"/dev/tpmrm0", "/dev/tpm0", "/dev/tpm1", "/dev/tpm2"}) {
    if (machine.files.exists(path)) return std::string("device:") + path;
  }
  return Error(Errc::file_missing, "no TPM device");
}

Result<std::uint32_t> tpm_ak_handle(const Environment& environment) {
  if (!environment.tpm_ak_handle) return kDefaultAkHandle;
  std::string_view text = *environment.tpm_ak_handle;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint32_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, 16);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    return Error(Errc::tpm_handle_malformed, "AA_TPM_AK_HANDLE=" + *environment.tpm_ak_handle);
  }
  return out;
}

bool tpm_detected(Machine& machine) {
  return tpm_tcti(machine).ok() && tpm_ak_handle(machine.environment).ok();
}

// Some PCRs may change without the counter, so the values are compared, too.
Result<SettledQuote> settled_quote(Tpm& tpm, std::uint32_t key, Bytes qualifying_data) {
  TRY(PcrBank before, tpm.read_pcrs());
  for (int attempt = 0; attempt < kQuoteAttempts; ++attempt) {
    TRY(TpmSigned quote, tpm.quote(key, qualifying_data));
    TRY(PcrBank after, tpm.read_pcrs());
    if (after == before) return SettledQuote{std::move(quote), after};
    before = after;
  }
  return Errc::pcrs_unsettled;
}

json::Array hex_of(const PcrBank& pcrs) {
  json::Array out;
  for (const auto& value : pcrs.values) {
    out.emplace_back(codec::hex_encode(value));
  }
  return out;
}

Result<json::Value> tpm_evidence(Machine& machine, Bytes report_data) {
  TRY(const std::string tcti, tpm_tcti(machine));
  TRY(const std::uint32_t handle, tpm_ak_handle(machine.environment));
  TRY(const std::unique_ptr<Tpm> tpm, machine.open_tpm(tcti));
  TRY(const crypto::PublicKey key, tpm->public_key(handle));
  TRY(const SettledQuote settled,
      settled_quote(*tpm, handle, regularised<kQualifyingSize>(report_data)));
  json::Object quote;
  quote.append("message", codec::base64_encode(settled.quote.message));
  quote.append("pcrs", hex_of(settled.pcrs));
  quote.append("signature", codec::base64_encode(settled.quote.signature));
  json::Object out;
  out.append("ak_public", codec::base64_encode(key.spki()));
  out.append("tpm_quote", std::move(quote));
  return json::Value(std::move(out));
}

Result<void> bind_init_data_to_pcr8(Tpm& tpm, Bytes digest) {
  TRY(const ByteArray<32> wanted, rcar::pcr8_of_init_data(digest));
  TRY(const PcrBank pcrs, tpm.read_pcrs());
  const ByteArray<32>& held = pcrs.values[kInitDataPcr];
  if (held == wanted) return {};
  if (held != ByteArray<32>{}) return Error(Errc::pcr8_taken, codec::hex_encode(held));
  return tpm.extend_pcr(kInitDataPcr, regularised<32>(digest));
}

}  // namespace trustee::attester
