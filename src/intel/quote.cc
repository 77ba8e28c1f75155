#include "intel/quote.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <type_traits>
#include <utility>

#include "base/cursor.h"
#include "base/try.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

constexpr std::size_t kTd10Size = 584;
constexpr std::size_t kTd15Size = 648;
constexpr std::size_t kTd15ExtendedSize = 885;

/// Source: Intel SGX ECDSA QuoteLibReference, QE certification data.
enum class CertificationType : std::uint16_t {
  ppid_plain = 1,
  ppid_rsa_2048 = 2,
  ppid_rsa_3072 = 3,
  pck_leaf = 4,
  pem_chain = 5,
  qe_report = 6,
  platform_manifest = 7,
};

std::uint64_t little(Bytes b) {
  Cursor c(b);
  return b.size() == 2 ? c.u16le() : c.u32le();
}

Result<void> in_part(const Cursor& c, const char* otherwise) {
  if (!c.failed()) return {};
  return Error(Errc::quote_malformed, otherwise);
}

QuoteHeader read_header(Cursor& c) {
  QuoteHeader h;
  h.version = c.array<2>();
  h.attestation_key_type = c.array<2>();
  h.tee_type = c.array<4>();
  h.reserved = c.array<4>();
  h.vendor_id = c.array<16>();
  h.user_data = c.array<20>();
  return h;
}

EnclaveReport read_enclave_report(Cursor& c) {
  EnclaveReport r;
  r.cpu_svn = c.array<16>();
  r.misc_select = c.array<4>();
  r.reserved1 = c.array<12>();
  r.isv_ext_prod_id = c.array<16>();
  r.attributes_flags = c.array<8>();
  r.attributes_xfrm = c.array<8>();
  r.mr_enclave = c.array<32>();
  r.reserved2 = c.array<32>();
  r.mr_signer = c.array<32>();
  r.reserved3 = c.array<32>();
  r.config_id = c.array<64>();
  r.isv_prod_id = c.array<2>();
  r.isv_svn = c.array<2>();
  r.config_svn = c.array<2>();
  r.reserved4 = c.array<42>();
  r.isv_family_id = c.array<16>();
  r.report_data = c.array<64>();
  return r;
}

TdReport10 read_td_report_10(Cursor& c) {
  TdReport10 r;
  read_module_info(c, r);
  read_td_info(c, r);
  r.report_data = c.array<64>();
  return r;
}

TdReport15 read_td_report_15(Cursor& c) {
  TdReport15 r;
  r.base = read_td_report_10(c);
  r.tee_tcb_svn2 = c.array<16>();
  r.mr_servicetd = c.array<48>();
  return r;
}

TdReport15Extended read_td_report_15_extended(Cursor& c) {
  TdReport15Extended r;
  r.base = read_td_report_15(c);
  r.vmid = c.array<1>();
  r.td_id = c.array<32>();
  r.dev_info = c.array<48>();
  r.init_servtd_hash = c.array<48>();
  r.init_servtd_attributes = c.array<8>();
  r.init_cpusvn = c.array<16>();
  r.init_tee_tcb_svn = c.array<16>();
  r.init_tee_fmspc = c.array<12>();
  r.cur_servtd_hash = c.array<48>();
  r.cur_servtd_attributes = c.array<8>();
  return r;
}

Result<void> check_attestation_key_type(const QuoteHeader& h) {
  const auto type = little(h.attestation_key_type);
  if (type == kAttestationKeyP256) return {};
  return Error(
      Errc::attestation_key_type_unsupported,
      "unsupported att_key_type " + std::to_string(type) + ", expected 2 (ECDSA-256-with-P-256)");
}

Error unsupported_version(const QuoteHeader& h) {
  std::array<char, 64> text{};
  (void)std::snprintf(text.data(), text.size(), "unsupported quote version %u / tee_type 0x%08x",
                      static_cast<unsigned>(little(h.version)),
                      static_cast<unsigned>(little(h.tee_type)));
  return {Errc::quote_version_unsupported, text.data()};
}

/// Intel's quoting enclaves alone are covered by Intel's identities.
Result<void> check_vendor(const QuoteHeader& h) {
  constexpr ByteArray<16> kIntel = {0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9,
                                    0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07};
  if (h.vendor_id == kIntel) return {};
  return Errc::qe_vendor_unknown;
}

Error body_type_error(Errc code, std::uint64_t type) {
  return {code, "parse QuoteV5 Type failed. " + std::to_string(type) + " not defined."};
}

struct BodyForm {
  std::uint64_t type;
  std::uint64_t tee;
  std::size_t size;
};
constexpr std::array kBodyForms{
    BodyForm{kBodyEnclave, kTeeTypeSgx, kEnclaveReportSize},
    BodyForm{kBodyTd10, kTeeTypeTdx, kTd10Size},
    BodyForm{kBodyTd15, kTeeTypeTdx, kTd15Size},
    BodyForm{kBodyTd15Extended, kTeeTypeTdx, kTd15ExtendedSize},
};

Result<void> check_descriptor(const BodyDescriptor& descriptor, std::uint64_t tee) {
  const auto type = little(descriptor.type);
  const auto* form = std::ranges::find(kBodyForms, type, &BodyForm::type);
  if (form == kBodyForms.end()) return body_type_error(Errc::body_type_unsupported, type);
  if (form->tee != tee) return body_type_error(Errc::body_type_of_other_tee, type);
  if (little(descriptor.size) == form->size) return {};
  return Error(Errc::quote_malformed, "the body's size is not that of its type");
}

Result<BodyDescriptor> read_descriptor(Cursor& c, std::uint64_t tee) {
  BodyDescriptor descriptor;
  descriptor.type = c.array<2>();
  descriptor.size = c.array<4>();
  TRY_VOID(in_part(c, "parse QuoteV5 Type failed: the quote ends before it"));
  TRY_VOID(check_descriptor(descriptor, tee));
  return descriptor;
}

Result<SgxQuoteV5> read_sgx_v5(Cursor& c) {
  SgxQuoteV5 q;
  TRY(q.descriptor, read_descriptor(c, kTeeTypeSgx));
  q.body = read_enclave_report(c);
  TRY_VOID(in_part(c, "parse SGX quote body failed"));
  return q;
}

Result<TdxQuoteV5> read_tdx_v5(Cursor& c) {
  TdxQuoteV5 q;
  TRY(q.descriptor, read_descriptor(c, kTeeTypeTdx));
  const auto type = little(q.descriptor.type);
  if (type == kBodyTd10) {
    q.body = read_td_report_10(c);
    TRY_VOID(in_part(c, "parse TDX quote v5 TDX1.0 body failed"));
  } else if (type == kBodyTd15) {
    q.body = read_td_report_15(c);
    TRY_VOID(in_part(c, "parse TDX quote v5 TDX1.5 body failed"));
  } else {
    q.body = read_td_report_15_extended(c);
    TRY_VOID(in_part(c, "parse TDX quote v5 TDX1.5 body failed"));
  }
  return q;
}

Result<void> read_sgx_body(Cursor& c, Quote& q) {
  const auto version = little(q.header.version);
  if (version == 3) {
    q.versioned = SgxQuoteV3{read_enclave_report(c)};
  } else if (version == 4) {
    q.versioned = SgxQuoteV4{read_enclave_report(c)};
  } else if (version == 5) {
    TRY(q.versioned, read_sgx_v5(c));
  } else {
    return unsupported_version(q.header);
  }
  return in_part(c, "parse SGX quote body failed");
}

Result<void> read_tdx_body(Cursor& c, Quote& q) {
  const auto version = little(q.header.version);
  if (version == 4) {
    q.versioned = TdxQuoteV4{read_td_report_10(c)};
    return in_part(c, "parse TDX quote v4 body failed");
  }
  if (version == 5) {
    TRY(q.versioned, read_tdx_v5(c));
    return {};
  }
  return unsupported_version(q.header);
}

Result<void> read_body(Cursor& c, Quote& q) {
  const auto tee = little(q.header.tee_type);
  if (tee == kTeeTypeSgx) return read_sgx_body(c, q);
  if (tee == kTeeTypeTdx) return read_tdx_body(c, q);
  return unsupported_version(q.header);
}

/// A field of `size` bytes that is kept by its place.
Part take_part(Cursor& c, std::size_t size) {
  const std::size_t offset = c.offset();
  c.skip(size);
  return {offset, size};
}

/// The one kind that can be verified without asking for the PCK certificate. Each other kind has a
/// code of its own, because another thing has to be configured for it.
Result<void> check_certification_type(std::uint16_t type) {
  const auto refused = [type](Errc code) {
    return Error(code, "expected cert chain type 5, got " + std::to_string(type));
  };
  switch (CertificationType{type}) {
    case CertificationType::pem_chain:
      return {};
    case CertificationType::ppid_plain:
    case CertificationType::ppid_rsa_2048:
    case CertificationType::ppid_rsa_3072:
      return refused(Errc::certification_data_ppid);
    case CertificationType::pck_leaf:
      return refused(Errc::certification_data_leaf_only);
    case CertificationType::qe_report:
      return refused(Errc::certification_data_nested);
    case CertificationType::platform_manifest:
      return refused(Errc::certification_data_platform_manifest);
  }
  return refused(Errc::certification_data_unsupported);
}

Result<Part> read_pck_chain(Cursor& c) {
  const std::uint16_t type = c.u16le();
  TRY_VOID(in_part(c, "PCK certificate chain data out of bounds"));
  TRY_VOID(check_certification_type(type));
  const auto size = c.length_u32le(kMaxCertificationData);
  if (!size.ok() || *size > c.remaining()) {
    return Error(Errc::quote_malformed, "PCK certificate chain data out of bounds");
  }
  return take_part(c, *size);
}

Result<void> read_certification(Cursor& c, Quote& q) {
  q.qe_report_part = take_part(c, kEnclaveReportSize);
  q.qe_report_signature = c.array<64>();
  TRY_VOID(in_part(c, "the QE report is out of bounds"));
  const auto auth_size = c.length_u16le(kMaxQeAuthData);
  if (!auth_size.ok() || *auth_size > c.remaining()) {
    return Error(Errc::quote_malformed, "QE authentication data out of bounds");
  }
  q.qe_auth_data_part = take_part(c, *auth_size);
  TRY(q.pck_chain_part, read_pck_chain(c));
  return {};
}

/// From version 4 on, the certification stands inside another one, of type 6.
Result<void> read_outer_certification(Cursor& c) {
  const std::uint16_t type = c.u16le();
  TRY_VOID(in_part(c, "certification data out of bounds"));
  if (CertificationType{type} != CertificationType::qe_report) {
    return Error(Errc::certification_data_unsupported,
                 "expected cert data type 6, got " + std::to_string(type));
  }
  const auto size = c.length_u32le(kMaxQuote);
  if (size.ok() && *size == c.remaining()) return {};
  return Error(Errc::quote_malformed, "the certification data does not fill the signature data");
}

/// `c` covers the bytes up to the end of the signature section.
Result<void> read_signature_section(Cursor& c, Quote& q) {
  q.signature = c.array<64>();
  q.attestation_key = c.array<64>();
  TRY_VOID(in_part(c, "the signature is out of bounds"));
  if (q.version() != 3) TRY_VOID(read_outer_certification(c));
  TRY_VOID(read_certification(c, q));
  if (c.finish().ok()) return {};
  return Error(Errc::quote_malformed, "bytes follow the certification data");
}

Result<std::size_t> read_section_size(Cursor& c) {
  const auto declared = c.length_u32le(kMaxQuote);
  if (!declared.ok()) {
    return Error(Errc::quote_malformed, "quote too short to read signature data length");
  }
  if (*declared > c.remaining()) {
    return Error(Errc::quote_malformed, "quote too short for declared signature data length (" +
                                            std::to_string(*declared) + ")");
  }
  return *declared;
}

}  // namespace

void read_module_info(Cursor& c, TdReport10& into) {
  into.tee_tcb_svn = c.array<16>();
  into.mr_seam = c.array<48>();
  into.mrsigner_seam = c.array<48>();
  into.seam_attributes = c.array<8>();
}

void read_td_info(Cursor& c, TdReport10& into) {
  into.td_attributes = c.array<8>();
  into.xfam = c.array<8>();
  into.mr_td = c.array<48>();
  into.mr_config_id = c.array<48>();
  into.mr_owner = c.array<48>();
  into.mr_owner_config = c.array<48>();
  into.rtmr_0 = c.array<48>();
  into.rtmr_1 = c.array<48>();
  into.rtmr_2 = c.array<48>();
  into.rtmr_3 = c.array<48>();
}

Result<EnclaveReport> parse_enclave_report(Bytes in) {
  Cursor c(in);
  EnclaveReport report = read_enclave_report(c);
  if (c.finish().ok()) return report;
  return Error(Errc::quote_malformed, "an enclave's report has 384 bytes");
}

Result<Quote> parse_quote(Bytes in) {
  if (in.size() > kMaxQuote) return Error(Errc::quote_malformed, "the quote is too large");
  Quote q;
  Cursor head(in);
  q.header = read_header(head);
  TRY_VOID(in_part(head, "parse quote header failed"));
  TRY_VOID(check_attestation_key_type(q.header));
  TRY_VOID(read_body(head, q));
  TRY_VOID(check_vendor(q.header));
  q.signed_part = {0, head.offset()};
  TRY(const std::size_t section, read_section_size(head));
  const Bytes whole = in.first(head.offset() + section);
  Cursor c(whole);
  c.skip(head.offset());
  TRY_VOID(read_signature_section(c, q));
  q.bytes = to_vec(whole);
  TRY(q.qe_report, parse_enclave_report(q.qe_report_bytes()));
  return q;
}

TeeType Quote::tee() const { return enclave_report() != nullptr ? TeeType::sgx : TeeType::tdx; }

std::uint16_t Quote::version() const { return static_cast<std::uint16_t>(little(header.version)); }

const TdReport10* Quote::td_report() const {
  if (const auto* v4 = std::get_if<TdxQuoteV4>(&versioned); v4 != nullptr) return &v4->body;
  if (const auto* newer = td_report_15(); newer != nullptr) return &newer->base;
  const auto* v5 = std::get_if<TdxQuoteV5>(&versioned);
  return v5 == nullptr ? nullptr : std::get_if<TdReport10>(&v5->body);
}

const TdReport15* Quote::td_report_15() const {
  if (const auto* extended = td_report_15_extended(); extended != nullptr) return &extended->base;
  const auto* v5 = std::get_if<TdxQuoteV5>(&versioned);
  return v5 == nullptr ? nullptr : std::get_if<TdReport15>(&v5->body);
}

const TdReport15Extended* Quote::td_report_15_extended() const {
  const auto* v5 = std::get_if<TdxQuoteV5>(&versioned);
  return v5 == nullptr ? nullptr : std::get_if<TdReport15Extended>(&v5->body);
}

const EnclaveReport* Quote::enclave_report() const {
  if (const auto* v3 = std::get_if<SgxQuoteV3>(&versioned); v3 != nullptr) return &v3->body;
  if (const auto* v4 = std::get_if<SgxQuoteV4>(&versioned); v4 != nullptr) return &v4->body;
  const auto* v5 = std::get_if<SgxQuoteV5>(&versioned);
  return v5 == nullptr ? nullptr : &v5->body;
}

const BodyDescriptor* Quote::descriptor() const {
  if (const auto* sgx = std::get_if<SgxQuoteV5>(&versioned); sgx != nullptr) {
    return &sgx->descriptor;
  }
  const auto* tdx = std::get_if<TdxQuoteV5>(&versioned);
  return tdx == nullptr ? nullptr : &tdx->descriptor;
}

}  // namespace trustee::intel
