#include "tests/support/intel_builder.h"

#include <algorithm>

#include "codec/hex.h"
#include "crypto/digest.h"

namespace trustee {

namespace {

constexpr std::size_t kQeIsvSvn = 258;
constexpr std::size_t kReportDataOfEnclave = 320;
constexpr std::size_t kTdReportData = 520;

void append(ByteVec& to, Bytes more) { to.insert(to.end(), more.begin(), more.end()); }

ByteVec little(std::uint64_t n, std::size_t size) {
  ByteVec out;
  for (std::size_t i = 0; i < size; ++i) {
    out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
  }
  return out;
}

ByteVec counted(const ByteVec& content, std::size_t size_of_length) {
  ByteVec out = little(content.size(), size_of_length);
  append(out, content);
  return out;
}

/// The report of a quoting enclave that QeIdentityBuilder names.
ByteVec qe_report(bool tdx) {
  ByteVec r(384, 0);
  std::fill_n(r.begin(), 16, 7);           // CPUSVN
  r[48] = 0x11;                            // ATTRIBUTES: INIT, PROVISIONKEY
  r[56] = 0xE7;                            // XFRM, masked out by the identity
  std::fill_n(r.begin() + 64, 32, 0xE1);   // MRENCLAVE
  std::fill_n(r.begin() + 128, 32, 0xDD);  // MRSIGNER
  r[256] = tdx ? 2 : 1;                    // ISVPRODID
  r[kQeIsvSvn] = 6;
  return r;
}

ByteVec point_of(const crypto::PrivateKey& key) {
  ByteVec out = key.public_key().ec_x().value();
  append(out, key.public_key().ec_y().value());
  return out;
}

std::string advisories_text(const std::vector<std::string>& advisories) {
  if (advisories.empty()) return "";
  std::string out;
  for (const std::string& a : advisories) {
    out += (out.empty() ? "\"" : ",\"") + a + "\"";
  }
  return ",\"advisoryIDs\":[" + out + "]";
}

std::string components_text(const ByteVec& svns) {
  std::string out;
  for (const std::uint8_t svn : svns) {
    out += std::string(out.empty() ? "" : ",") + "{\"svn\":" + std::to_string(svn) + "}";
  }
  return "[" + out + "]";
}

std::string level_text(const std::string& tcb, const LevelText& level) {
  return "{\"tcb\":" + tcb + ",\"tcbDate\":\"" + level.date + "\",\"tcbStatus\":\"" + level.status +
         "\"" + advisories_text(level.advisories) + "}";
}

template <class T, class ToText>
std::string list(const std::vector<T>& all, ToText to_text) {
  std::string out;
  for (const T& one : all) {
    out += (out.empty() ? "" : ",") + to_text(one);
  }
  return "[" + out + "]";
}

std::string isv_levels(const std::vector<LevelText>& levels) {
  return list(levels, [](const LevelText& l) {
    return level_text("{\"isvsvn\":" + std::to_string(l.isvsvn) + "}", l);
  });
}

std::string module_members(const std::string& mrsigner) {
  return "\"mrsigner\":\"" + mrsigner +
         "\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
}

}  // namespace

QuoteBuilder::QuoteBuilder(std::uint16_t version, bool tdx, ByteVec descriptor,
                           std::size_t body_size)
    : tdx_(tdx),
      version_(version),
      header_(little(version, 2)),
      descriptor_(std::move(descriptor)),
      body_(body_size, 0),
      qe_report_(qe_report(tdx)) {
  append(header_, little(2, 2));               // ECDSA P-256
  append(header_, little(tdx ? 0x81 : 0, 4));  // TEE type
  append(header_, little(tdx ? 0 : 0x000D0008, 4));
  append(header_, codec::hex_decode("939a7233f79c4ca9940a0db3957f0607").value());
  append(header_, ByteVec(20, 0x0C));
}

QuoteBuilder QuoteBuilder::tdx_v4() {
  QuoteBuilder b(4, true, {}, 584);
  b.with_tee_tcb_svn(ByteVec{5, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  b.with_body(123, ByteVec{0x10});       // TD_ATTRIBUTES: SEPT_VE_DISABLE
  b.with_body(136, ByteVec(48, 0x3D));   // MRTD
  for (std::size_t i = 0; i < 4; ++i) {  // RTMR
    b.with_body(328 + 48 * i, ByteVec(48, static_cast<std::uint8_t>(0x50 + i)));
  }
  return b;
}

QuoteBuilder QuoteBuilder::tdx_v5_10() {
  QuoteBuilder b = tdx_v4();
  b.version_ = 5;
  b.header_[0] = 5;
  b.descriptor_ = {2, 0, 0x48, 2, 0, 0};
  return b;
}

QuoteBuilder QuoteBuilder::tdx_v5_15() {
  QuoteBuilder b = tdx_v5_10();
  b.descriptor_ = {3, 0, 0x88, 2, 0, 0};
  b.body_.resize(648, 0);
  return b.with_tee_tcb_svn2(ByteVec{5, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

QuoteBuilder QuoteBuilder::sgx_v3() {
  QuoteBuilder b(3, false, {}, 384);
  b.with_body(48, ByteVec{0x05});       // INIT, MODE64
  b.with_body(64, ByteVec(32, 0xEC));   // MRENCLAVE
  b.with_body(128, ByteVec(32, 0x51));  // MRSIGNER
  return b;
}

QuoteBuilder& QuoteBuilder::put(ByteVec& in, std::size_t offset, Bytes data) {
  std::ranges::copy(data, in.begin() + static_cast<std::ptrdiff_t>(offset));
  return *this;
}

QuoteBuilder& QuoteBuilder::with_header_byte(std::size_t offset, std::uint8_t value) {
  header_.at(offset) = value;
  return *this;
}
QuoteBuilder& QuoteBuilder::with_body_byte(std::size_t offset, std::uint8_t value) {
  body_.at(offset) = value;
  return *this;
}
QuoteBuilder& QuoteBuilder::with_body(std::size_t offset, Bytes data) {
  return put(body_, offset, data);
}
QuoteBuilder& QuoteBuilder::with_report_data(Bytes data) {
  return put(body_, tdx_ ? kTdReportData : kReportDataOfEnclave, data);
}
QuoteBuilder& QuoteBuilder::with_init_data(Bytes data) {
  return put(body_, tdx_ ? 184 : 192, data);
}
QuoteBuilder& QuoteBuilder::with_tee_tcb_svn(Bytes svn) { return put(body_, 0, svn); }
QuoteBuilder& QuoteBuilder::with_tee_tcb_svn2(Bytes svn) { return put(body_, 584, svn); }
QuoteBuilder& QuoteBuilder::with_debug() {
  const std::size_t offset = tdx_ ? 120 : 48;
  const unsigned bit = tdx_ ? 1U : 2U;
  return with_body_byte(offset, static_cast<std::uint8_t>(body_.at(offset) | bit));
}
QuoteBuilder& QuoteBuilder::with_seam_attribute() { return with_body_byte(112, 1); }
QuoteBuilder& QuoteBuilder::with_qe_isvsvn(std::uint16_t svn) {
  return put(qe_report_, kQeIsvSvn, little(svn, 2));
}
QuoteBuilder& QuoteBuilder::with_qe_byte(std::size_t offset, std::uint8_t value) {
  qe_report_.at(offset) = value;
  return *this;
}
QuoteBuilder& QuoteBuilder::with_certification_type(std::uint16_t type) {
  certification_type_ = type;
  return *this;
}
QuoteBuilder& QuoteBuilder::with_certification_data(std::string_view data) {
  certification_data_ = std::string(data);
  return *this;
}

ByteVec QuoteBuilder::signed_part() const {
  ByteVec out = header_;
  append(out, descriptor_);
  append(out, body_);
  return out;
}

ByteVec QuoteBuilder::sign(const IntelPki& pki) const {
  const ByteVec head = signed_part();
  const ByteVec key = point_of(pki.attestation_key);
  const ByteVec auth_data(32, 0xAD);
  ByteVec report = qe_report_;
  ByteVec hashed = key;
  append(hashed, auth_data);
  std::ranges::copy(crypto::sha256(hashed), report.begin() + kReportDataOfEnclave);
  ByteVec certification = report;
  append(certification, sign_es256(pki.pck_key, report));
  append(certification, counted(auth_data, 2));
  append(certification, little(certification_type_, 2));
  const std::string chain = certification_data_.empty() ? pki.pck_chain() : certification_data_;
  append(certification, counted(to_vec(as_bytes(chain)), 4));
  ByteVec section = sign_es256(pki.attestation_key, head);
  append(section, key);
  if (version_ > 3) {
    append(section, little(6, 2));
    certification = counted(certification, 4);
  }
  append(section, certification);
  ByteVec out = head;
  append(out, counted(section, 4));
  return out;
}

std::string TcbInfoBuilder::body() const {
  const bool with_tdx = tdx;
  std::string out = std::string(R"({"id":")") + (tdx ? "TDX" : "SGX") +
                    R"(","version":3,"issueDate":")" + issue_date + R"(","nextUpdate":")" +
                    next_update + R"(","fmspc":")" + fmspc + R"(","pceId":")" + pce_id +
                    R"(","tcbType":0,"tcbEvaluationDataNumber":)" +
                    std::to_string(evaluation_number);
  if (tdx) {
    out += ",\"tdxModule\":{" + module_members(std::string(96, '0')) + "}";
    out += ",\"tdxModuleIdentities\":" + list(modules, [](const ModuleText& m) {
             return "{\"id\":\"" + m.id + "\"," + module_members(m.mrsigner) +
                    ",\"tcbLevels\":" + isv_levels(m.levels) + "}";
           });
  }
  return out + ",\"tcbLevels\":" +
         list(levels,
              [with_tdx](const LevelText& l) {
                std::string tcb = "{\"sgxtcbcomponents\":" + components_text(l.sgx) +
                                  ",\"pcesvn\":" + std::to_string(l.pcesvn);
                if (with_tdx) tcb += ",\"tdxtcbcomponents\":" + components_text(l.tdx);
                return level_text(tcb + "}", l);
              }) +
         "}";
}

std::string QeIdentityBuilder::body() const {
  return R"({"id":")" + id + R"(","version":2,"issueDate":")" + issue_date + R"(","nextUpdate":")" +
         next_update + R"(","tcbEvaluationDataNumber":)" + std::to_string(evaluation_number) +
         R"(,"miscselect":"00000000","miscselectMask":"FFFFFFFF",)"
         R"("attributes":"11000000000000000000000000000000",)"
         R"("attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":")" +
         mrsigner + R"(","isvprodid":)" + std::to_string(isvprodid) +
         ",\"tcbLevels\":" + isv_levels(levels) + "}";
}

std::string intel_answer(std::string_view name, const std::string& body,
                         const crypto::PrivateKey& key) {
  return "{\"" + std::string(name) + "\":" + body + ",\"signature\":\"" +
         codec::hex_encode(sign_es256(key, as_bytes(body))) + "\"}";
}

IntelBuilder IntelBuilder::sgx() {
  IntelBuilder b;
  b.pki = IntelPki::processor();
  b.tcb_info.tdx = false;
  b.qe_identity.id = "QE";
  b.qe_identity.isvprodid = 1;
  b.root_crl = b.pki.root_crl();
  b.pck_crl = b.pki.pck_crl();
  return b;
}

intel::CollateralDocuments IntelBuilder::documents() const {
  return {intel_answer("tcbInfo", tcb_info.body(), pki.tcb_key),
          pki.tcb_chain(),
          intel_answer("enclaveIdentity", qe_identity.body(), pki.tcb_key),
          pki.tcb_chain(),
          pck_crl.sign(pki.ca_key),
          pki.ca_chain(),
          root_crl.sign(pki.root_key)};
}

intel::RootKey IntelBuilder::root() const {
  return intel::RootKey::of(crypto::Certificate::from_der(pki.root_der()).value()).value();
}

}  // namespace trustee
