#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/bytes.h"
#include "base/cursor.h"
#include "base/result.h"
#include "intel/needs.h"

namespace trustee::intel {

/// Bounds of one quote; one past is refused.
inline constexpr std::size_t kMaxQuote = 64U << 10U;         ///< bytes, what follows it included
inline constexpr std::size_t kMaxQeAuthData = 1024;          ///< bytes
inline constexpr std::size_t kMaxCertificationData = 32768;  ///< bytes of the PEM chain

inline constexpr std::size_t kEnclaveReportSize = 384;
inline constexpr std::uint16_t kAttestationKeyP256 = 2;
inline constexpr std::uint32_t kTeeTypeSgx = 0;
inline constexpr std::uint32_t kTeeTypeTdx = 0x81;
inline constexpr std::uint16_t kBodyEnclave = 1;  ///< body types of version 5
inline constexpr std::uint16_t kBodyTd10 = 2;
inline constexpr std::uint16_t kBodyTd15 = 3;
inline constexpr std::uint16_t kBodyTd15Extended = 4;

// Fields are kept as the bytes they are, because claims give them so.

/// The 48 bytes that all versions begin with. Version 3 names the first two bytes of `reserved`
/// qe_svn, the last two pce_svn, and `tee_type` att_key_data_0.
struct QuoteHeader {
  ByteArray<2> version{};
  ByteArray<2> attestation_key_type{};
  ByteArray<4> tee_type{};
  ByteArray<4> reserved{};
  ByteArray<16> vendor_id{};
  ByteArray<20> user_data{};
};

/// REPORT of an enclave: the body of SGX quotes, and the quoting enclave's own.
struct EnclaveReport {
  ByteArray<16> cpu_svn{};
  ByteArray<4> misc_select{};
  ByteArray<12> reserved1{};
  ByteArray<16> isv_ext_prod_id{};
  ByteArray<8> attributes_flags{};
  ByteArray<8> attributes_xfrm{};
  ByteArray<32> mr_enclave{};
  ByteArray<32> reserved2{};
  ByteArray<32> mr_signer{};
  ByteArray<32> reserved3{};
  ByteArray<64> config_id{};
  ByteArray<2> isv_prod_id{};
  ByteArray<2> isv_svn{};
  ByteArray<2> config_svn{};
  ByteArray<42> reserved4{};
  ByteArray<16> isv_family_id{};
  ByteArray<64> report_data{};
};

/// TD report body of TDX 1.0.
struct TdReport10 {
  ByteArray<16> tee_tcb_svn{};
  ByteArray<48> mr_seam{};
  ByteArray<48> mrsigner_seam{};
  ByteArray<8> seam_attributes{};
  ByteArray<8> td_attributes{};
  ByteArray<8> xfam{};
  ByteArray<48> mr_td{};
  ByteArray<48> mr_config_id{};
  ByteArray<48> mr_owner{};
  ByteArray<48> mr_owner_config{};
  ByteArray<48> rtmr_0{};
  ByteArray<48> rtmr_1{};
  ByteArray<48> rtmr_2{};
  ByteArray<48> rtmr_3{};
  ByteArray<64> report_data{};
};

/// The fields of TEE_TCB_INFO (the TDX module) and of TDINFO_STRUCT (the TD) that a quote carries:
/// in quotes and in TDREPORTs they follow each other in the same order. A cursor that ends early
/// keeps its failure. Source  Intel TDX Module architecture specification; DCAP quoting library
/// API, TD quote body.
void read_module_info(Cursor& c, TdReport10& into);
void read_td_info(Cursor& c, TdReport10& into);

/// TD report body of TDX 1.5.
struct TdReport15 {
  TdReport10 base;
  ByteArray<16> tee_tcb_svn2{};  ///< of the TDX module that runs now
  ByteArray<48> mr_servicetd{};
};

/// The extended TD report body of TDX 1.5: what else the TD and its service TDs began with.
struct TdReport15Extended {
  TdReport15 base;
  ByteArray<1> vmid{};
  ByteArray<32> td_id{};
  ByteArray<48> dev_info{};
  ByteArray<48> init_servtd_hash{};
  ByteArray<8> init_servtd_attributes{};
  ByteArray<16> init_cpusvn{};
  ByteArray<16> init_tee_tcb_svn{};
  ByteArray<12> init_tee_fmspc{};
  ByteArray<48> cur_servtd_hash{};
  ByteArray<8> cur_servtd_attributes{};
};

/// What version 5 says of its body in front of it.
struct BodyDescriptor {
  ByteArray<2> type{};
  ByteArray<4> size{};
};

// A version is a type.

struct SgxQuoteV3 {
  EnclaveReport body;
};
struct SgxQuoteV4 {
  EnclaveReport body;
};
struct SgxQuoteV5 {
  BodyDescriptor descriptor;
  EnclaveReport body;
};
struct TdxQuoteV4 {
  TdReport10 body;
};
struct TdxQuoteV5 {
  BodyDescriptor descriptor;
  std::variant<TdReport10, TdReport15, TdReport15Extended> body;
};
using VersionedQuote = std::variant<SgxQuoteV3, SgxQuoteV4, SgxQuoteV5, TdxQuoteV4, TdxQuoteV5>;

/// Where a part of the quote stands in its bytes.
struct Part {
  std::size_t offset = 0;
  std::size_t size = 0;
};

/// A quote as parsed; `bytes` is what it was parsed from, without what followed it.
struct Quote {
  QuoteHeader header;
  VersionedQuote versioned;
  ByteArray<64> signature{};        ///< r || s
  ByteArray<64> attestation_key{};  ///< x || y
  EnclaveReport qe_report;
  ByteArray<64> qe_report_signature{};
  ByteVec bytes;
  Part signed_part;
  Part qe_report_part;
  Part qe_auth_data_part;
  Part pck_chain_part;

  Bytes part(const Part& p) const { return Bytes(bytes).subspan(p.offset, p.size); }
  /// Header, body descriptor and body: what the signature covers. Lifetime: that of the quote.
  Bytes signed_bytes() const { return part(signed_part); }
  Bytes qe_report_bytes() const { return part(qe_report_part); }
  Bytes qe_auth_data() const { return part(qe_auth_data_part); }
  /// Certification data of type 5: a PEM text, unverified.
  Bytes pck_chain() const { return part(pck_chain_part); }

  TeeType tee() const;
  std::uint16_t version() const;
  /// The TD's report; null in SGX quotes.
  const TdReport10* td_report() const;
  /// The 1.5 part of it; null in 1.0 bodies and SGX quotes.
  const TdReport15* td_report_15() const;
  /// The extended part of it; null in other bodies and SGX quotes.
  const TdReport15Extended* td_report_15_extended() const;
  /// The enclave's report; null in TDX quotes.
  const EnclaveReport* enclave_report() const;
  /// How the quote describes its body; null before version 5.
  const BodyDescriptor* descriptor() const;
};

/// Reads a quote: SGX of versions 3 to 5, TDX of version 4, TDX of version 5 with a body of TDX
/// 1.0, 1.5 or extended 1.5; certification data of type 6 around type 5 (version 3: type 5). All
/// inner lengths must fill the outer ones; bytes after the signature section are passed over, as
/// platforms pad quotes.
/// Errors  quote_malformed, quote_version_unsupported, attestation_key_type_unsupported,
///         body_type_unsupported, body_type_of_other_tee, certification_data_*.
/// Source  Intel SGX ECDSA QuoteLibReference and TDX DCAP Quoting Library API, quote format;
///         verifiers specification 5.1.
Result<Quote> parse_quote(Bytes in);

/// Reads the 384 bytes of an enclave's report; nothing in it can be malformed but its size.
/// Errors  quote_malformed.
Result<EnclaveReport> parse_enclave_report(Bytes in);

}  // namespace trustee::intel
