#pragma once

#include <string>

#include "base/bytes.h"
#include "crypto/key.h"
#include "tests/support/tpm_builder.h"

namespace trustee {

/// Writes Azure's HCL reports for tests, valid by default. It knows the layout by offset and shares
/// no code with src/azure.
class HclBuilder {
 public:
  /// With the public part of `ak` as HCLAkPub. An RSA key.
  explicit HclBuilder(const crypto::PublicKey& ak);

  /// The bytes that the guest wrote to the vTPM before: upper-case hex, padded to 64 bytes.
  HclBuilder& with_user_data(Bytes data);
  /// The text of the member as it is.
  HclBuilder& with_user_data_text(const std::string& text);
  HclBuilder& without_user_data();
  HclBuilder& with_ak_name(const std::string& kid);
  HclBuilder& with_hash_type(std::uint32_t type);
  HclBuilder& with_signature(std::uint32_t signature);

  /// The JSON that the hardware report covers.
  std::string variable_data() const;
  /// What the hardware's report data must be: SHA-256 of variable_data() and 32 zero bytes.
  ByteArray<64> report_data() const;
  /// The 2600 bytes around a hardware report of `type`: 2 SNP, 4 TDX.
  ByteVec report(std::uint32_t type, Bytes hardware_report) const;

 private:
  std::string ak_n_;
  std::string ak_name_ = "HCLAkPub";
  std::string user_data_;
  bool has_user_data_ = true;
  std::uint32_t hash_type_ = 1;
  std::uint32_t signature_ = 0x414C4348;
};

/// Evidence JSON of version 1 or 2. `endorsement_name` is `vcek` or `td_quote`.
std::string azure_evidence(unsigned version, const TpmQuoteBuilder& quote,
                           const crypto::PrivateKey& ak, Bytes hcl_report,
                           const std::string& endorsement_name, Bytes endorsement);

}  // namespace trustee
