#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "intel/collateral.h"
#include "tests/support/intel_pki.h"

namespace trustee {

/// Writes quotes for tests, valid by default. It knows the layouts by offset and shares no code
/// with src/intel, so that a wrong offset there is seen here.
class QuoteBuilder {
 public:
  static QuoteBuilder tdx_v4();
  static QuoteBuilder tdx_v5_10();
  static QuoteBuilder tdx_v5_15();
  static QuoteBuilder tdx_v5_15_extended();
  static QuoteBuilder sgx_v3();
  static QuoteBuilder sgx_v4();
  static QuoteBuilder sgx_v5();

  QuoteBuilder& with_header_byte(std::size_t offset, std::uint8_t value);
  /// Any byte of the body (TD report or enclave report).
  QuoteBuilder& with_body_byte(std::size_t offset, std::uint8_t value);
  QuoteBuilder& with_body(std::size_t offset, Bytes data);
  /// Any byte of version 5's descriptor: type and size.
  QuoteBuilder& with_descriptor_byte(std::size_t offset, std::uint8_t value);
  QuoteBuilder& with_report_data(Bytes data);
  QuoteBuilder& with_init_data(Bytes data);    ///< MRCONFIGID, CONFIGID
  QuoteBuilder& with_tee_tcb_svn(Bytes svn);   ///< TDX
  QuoteBuilder& with_tee_tcb_svn2(Bytes svn);  ///< TDX 1.5
  QuoteBuilder& with_debug();                  ///< of TD or enclave
  QuoteBuilder& with_seam_attribute();         ///< TDX
  QuoteBuilder& with_qe_isvsvn(std::uint16_t svn);
  QuoteBuilder& with_qe_byte(std::size_t offset, std::uint8_t value);
  QuoteBuilder& with_qe_auth_data(std::size_t size);  ///< of so many bytes
  QuoteBuilder& with_certification_type(std::uint16_t type);
  QuoteBuilder& with_certification_data(std::string_view data);
  /// Data of the type's own form: 1 to 3 PPID, CPUSVN, PCESVN and PCEID; 4 the PCK certificate
  /// alone; 5 its chain; 7 a platform manifest; others some bytes.
  QuoteBuilder& with_certification_of(std::uint16_t type, const IntelPki& pki);

  /// Header, body descriptor and body.
  ByteVec signed_part() const;
  /// The TDREPORT that a quote of this body is made of; of an enclave's nothing but its type.
  ByteVec td_report() const;
  /// The whole quote, signed by the hierarchy's keys.
  ByteVec sign(const IntelPki& pki) const;

 private:
  QuoteBuilder(std::uint16_t version, bool tdx, ByteVec descriptor, std::size_t body_size);
  QuoteBuilder& put(ByteVec& in, std::size_t offset, Bytes data);

  bool tdx_;
  std::uint16_t version_;
  ByteVec header_;
  ByteVec descriptor_;
  ByteVec body_;
  ByteVec qe_report_;
  ByteVec auth_data_ = ByteVec(32, 0xAD);
  std::uint16_t certification_type_ = 5;
  std::string certification_data_;  ///< empty: the hierarchy's chain
};

/// A level of TCB info, of a TDX module, or of an identity, as document text.
struct LevelText {
  ByteVec sgx = {5, 5, 2, 2, 3, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0};
  ByteVec tdx = {0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  unsigned pcesvn = 11;
  unsigned isvsvn = 4;
  std::string status = "UpToDate";
  std::string date = "2026-03-11T00:00:00Z";
  std::vector<std::string> advisories;
};

struct ModuleText {
  std::string id = "TDX_01";
  std::string mrsigner = std::string(96, '0');
  std::vector<LevelText> levels = {LevelText{}};
};

/// TCB info of the hierarchy's platform, version 3.
struct TcbInfoBuilder {
  bool tdx = true;
  std::string fmspc = "10206F000000";
  std::string pce_id = "0000";
  std::string issue_date = "2026-11-01T00:00:00Z";
  std::string next_update = "2026-12-01T00:00:00Z";
  unsigned evaluation_number = 18;
  std::vector<ModuleText> modules = {ModuleText{}};
  std::vector<LevelText> levels = {LevelText{}};

  std::string body() const;
};

/// The identity of the quoting enclave that QuoteBuilder writes.
struct QeIdentityBuilder {
  std::string id = "TD_QE";
  std::string issue_date = "2026-11-01T00:00:00Z";
  std::string next_update = "2026-12-02T00:00:00Z";
  unsigned evaluation_number = 19;
  std::string mrsigner = std::string(64, 'D');
  unsigned isvprodid = 2;
  std::vector<LevelText> levels = {LevelText{}};

  std::string body() const;
};

/// `{"NAME":body,"signature":"…"}` as a service serves it.
std::string intel_answer(std::string_view name, const std::string& body,
                         const crypto::PrivateKey& key);

/// A hierarchy with documents that call its platform up to date; change members, then take the set.
struct IntelBuilder {
  IntelPki pki;
  TcbInfoBuilder tcb_info;
  QeIdentityBuilder qe_identity;
  CrlBuilder root_crl = pki.root_crl();
  CrlBuilder pck_crl = pki.pck_crl();

  static IntelBuilder tdx() { return {}; }
  /// For SGX quotes; of the Processor CA.
  static IntelBuilder sgx();

  intel::CollateralDocuments documents() const;
  /// The documents as one file, in the form of tests/vectors/dcap-sets.
  std::string documents_file() const;
  intel::RootKey root() const;
};

}  // namespace trustee
