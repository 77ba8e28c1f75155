#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "crypto/key.h"

namespace trustee {

// Certificates and revocation lists of Intel's profile for tests, written as DER by hand; shares no
// code with src/intel.

/// The SGX extension of a PCK certificate; of the Platform CA by default.
struct PckExtensionBuilder {
  ByteVec ppid = ByteVec(16, 0xA1);
  ByteVec components = {5, 5, 2, 2, 3, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0};
  unsigned pcesvn = 11;
  ByteVec cpu_svn = ByteVec(16, 5);
  ByteVec pce_id = {0, 0};
  ByteVec fmspc = {0x10, 0x20, 0x6f, 0, 0, 0};
  unsigned sgx_type = 1;
  std::optional<ByteVec> platform_instance_id =
      ByteVec{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  bool configuration = true;

  /// As the Processor CA writes it.
  static PckExtensionBuilder processor();
  /// The extnValue's content.
  ByteVec der() const;
};

/// Any certificate of the profile.
struct CertificateBuilder {
  std::string subject;
  std::string issuer;
  ByteVec serial = {0x41};
  Time not_before;
  Time not_after;
  bool is_ca = false;
  std::optional<ByteVec> sgx_extension;
  std::string crl_url = "https://crl.example/list.der";
  bool without_key_usage = false;

  ByteVec sign(const crypto::PublicKey& subject_key, const crypto::PrivateKey& issuer_key) const;
};

/// Any revocation list of the profile.
struct CrlBuilder {
  std::string issuer;
  Time this_update;
  Time next_update;
  unsigned number = 1;
  std::vector<ByteVec> revoked;  ///< serial numbers
  bool without_number = false;

  ByteVec sign(const crypto::PrivateKey& issuer_key) const;
};

/// When everything that a builder makes was issued and ends, unless told otherwise.
inline const Time kIntelIssued = from_unix_seconds(1790000000);   // 2026-09-21
inline const Time kIntelNow = from_unix_seconds(1795500000);      // 2026-11-24
inline const Time kIntelExpires = from_unix_seconds(1798000000);  // 2026-12-23

/// A hierarchy as Intel's: root, PCK CA, PCK certificate, TCB signer, and the key of a quoting
/// enclave. Valid by default; members may be changed before the texts are taken.
struct IntelPki {
  IntelPki();
  /// One whose PCK certificate is of the Processor CA.
  static IntelPki processor();

  crypto::PrivateKey root_key;
  crypto::PrivateKey ca_key;
  crypto::PrivateKey pck_key;
  crypto::PrivateKey tcb_key;
  crypto::PrivateKey attestation_key;
  PckExtensionBuilder extension;
  CertificateBuilder root;
  CertificateBuilder ca;
  CertificateBuilder pck;
  CertificateBuilder tcb;

  ByteVec root_der() const;
  /// Leaf, CA, root, and a NUL as in quotes.
  std::string pck_chain() const;
  std::string ca_chain() const;   ///< CA, root
  std::string tcb_chain() const;  ///< TCB signer, root
  CrlBuilder root_crl() const;
  CrlBuilder pck_crl() const;
};

/// r || s of 64 bytes over SHA-256.
ByteVec sign_es256(const crypto::PrivateKey& key, Bytes message);

}  // namespace trustee
