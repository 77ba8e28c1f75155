#include "tests/support/intel_builder.h"

#include <algorithm>

#include "codec/hex.h"
#include "codec/json.h"
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

QuoteBuilder QuoteBuilder::tdx_v5_15_extended() {
  QuoteBuilder b = tdx_v5_15();
  b.descriptor_ = {4, 0, 0x75, 3, 0, 0};
  b.body_.resize(885, 0);
  b.with_body(648, ByteVec(1, 0x71));         // VMID
  b.with_body(649, ByteVec(32, 0x72));        // TD_ID
  b.with_body(681, ByteVec(48, 0x73));        // DEV_INFO
  b.with_body(729, ByteVec(48, 0x74));        // INIT_SERVTD_HASH
  b.with_body(777, ByteVec(8, 0x75));         // INIT_SERVTD_ATTRIBUTES
  b.with_body(785, ByteVec(16, 0x76));        // INIT_CPUSVN
  b.with_body(801, ByteVec(16, 0x77));        // INIT_TEE_TCB_SVN
  b.with_body(817, ByteVec(12, 0x78));        // INIT_TEE_FMSPC
  b.with_body(829, ByteVec(48, 0x79));        // CUR_SERVTD_HASH
  return b.with_body(877, ByteVec(8, 0x7A));  // CUR_SERVTD_ATTRIBUTES
}

QuoteBuilder QuoteBuilder::sgx_v4() {
  QuoteBuilder b = sgx_v3();
  b.version_ = 4;
  b.header_[0] = 4;
  return b.put(b.header_, 8, ByteVec(4, 0));  // no SVNs there from version 4 on
}

QuoteBuilder QuoteBuilder::sgx_v5() {
  QuoteBuilder b = sgx_v4();
  b.version_ = 5;
  b.header_[0] = 5;
  b.descriptor_ = {1, 0, 0x80, 1, 0, 0};
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
QuoteBuilder& QuoteBuilder::with_descriptor_byte(std::size_t offset, std::uint8_t value) {
  descriptor_.at(offset) = value;
  return *this;
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
QuoteBuilder& QuoteBuilder::with_qe_auth_data(std::size_t size) {
  auth_data_.assign(size, 0xAD);
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

QuoteBuilder& QuoteBuilder::with_certification_of(std::uint16_t type, const IntelPki& pki) {
  certification_type_ = type;
  const auto ppid = [](std::size_t size) {  // PPID, CPUSVN, PCESVN, PCEID
    return std::string(size, 'p') + std::string(16, '\5') + std::string{11, 0, 0, 0};
  };
  const std::string chain = pki.pck_chain();
  const std::string end = "-----END CERTIFICATE-----\n";
  if (type == 1)
    certification_data_ = ppid(16);
  else if (type == 2)
    certification_data_ = ppid(256);
  else if (type == 3)
    certification_data_ = ppid(384);
  else if (type == 4)
    certification_data_ = chain.substr(0, chain.find(end) + end.size());
  else if (type == 5)
    certification_data_ = chain;
  else
    certification_data_ = std::string(128, 'm');
  return *this;
}

ByteVec QuoteBuilder::signed_part() const {
  ByteVec out = header_;
  append(out, descriptor_);
  append(out, body_);
  return out;
}

ByteVec QuoteBuilder::td_report() const {
  ByteVec out(1024, 0);
  const auto copy = [&](std::size_t from, std::size_t size, std::size_t to) {
    std::copy_n(body_.begin() + static_cast<std::ptrdiff_t>(from), size,
                out.begin() + static_cast<std::ptrdiff_t>(to));
  };
  const auto hash = [&](std::size_t from, std::size_t size, std::size_t to) {
    std::ranges::copy(crypto::sha384(Bytes(out).subspan(from, size)),
                      out.begin() + static_cast<std::ptrdiff_t>(to));
  };
  out[0] = 0x81;
  if (!tdx_) return out;
  std::fill_n(out.begin() + 16, 16, 5);   // CPUSVN
  copy(520, 64, 128);                     // REPORTDATA
  std::fill_n(out.begin() + 224, 32, 9);  // MAC
  out[256] = 0xFF;                        // which fields follow
  out[257] = 0x01;
  copy(0, 120, 264);    // TEE_TCB_SVN to the module's ATTRIBUTES
  copy(120, 400, 512);  // ATTRIBUTES to RTMR3
  hash(256, 239, 32);
  hash(512, 512, 80);
  return out;
}

ByteVec QuoteBuilder::sign(const IntelPki& pki) const {
  const ByteVec head = signed_part();
  const ByteVec key = point_of(pki.attestation_key);
  ByteVec report = qe_report_;
  ByteVec hashed = key;
  append(hashed, auth_data_);
  std::ranges::copy(crypto::sha256(hashed), report.begin() + kReportDataOfEnclave);
  ByteVec certification = report;
  append(certification, sign_es256(pki.pck_key, report));
  append(certification, counted(auth_data_, 2));
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

std::string IntelBuilder::documents_file() const {
  const intel::CollateralDocuments d = documents();
  json::Object out;
  const auto add_signed = [&](const char* name, const std::string& answer, const char* member) {
    out.append(name, json::raw_member(answer, member).value());
    const json::Value parsed = json::parse(answer).value();
    out.append(std::string(name) + "_signature", *parsed.at_pointer("/signature"));
  };
  add_signed("tcb_info", d.tcb_info, "tcbInfo");
  add_signed("qe_identity", d.qe_identity, "enclaveIdentity");
  out.append("tcb_info_issuer_chain", d.tcb_info_issuer_chain);
  out.append("qe_identity_issuer_chain", d.qe_identity_issuer_chain);
  out.append("pck_crl_issuer_chain", d.pck_crl_issuer_chain);
  out.append("pck_crl", codec::hex_encode(d.pck_crl));
  out.append("root_ca_crl", codec::hex_encode(d.root_ca_crl));
  return json::write(out);
}

intel::RootKey IntelBuilder::root() const {
  return intel::RootKey::of(crypto::Certificate::from_der(pki.root_der()).value()).value();
}

}  // namespace trustee
