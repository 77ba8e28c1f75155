#include "snp/evidence.h"

#include <limits>
#include <string>
#include <utility>

#include "base/try.h"
#include "codec/base64.h"
#include "snp/errors.h"
#include "snp/internal/evidence_readers.h"

namespace trustee::snp {

namespace {

Error malformed(std::string detail) { return {Errc::evidence_malformed, std::move(detail)}; }

/// Reads members of one object. The first failure sticks; afterwards everything reads as zero.
class FieldReader {
 public:
  FieldReader(const json::Object& object, Result<void>& status)
      : object_(object), status_(status) {}

  template <class Unsigned>
  Unsigned number(std::string_view name) {
    const json::Value* value = required(name);
    return value == nullptr ? Unsigned{0} : to_number<Unsigned>(name, *value);
  }

  template <class Unsigned>
  std::optional<Unsigned> optional_number(std::string_view name) {
    const json::Value* value = object_.find(name);
    if (value == nullptr || value->is_null()) return std::nullopt;
    return to_number<Unsigned>(name, *value);
  }

  template <std::size_t N>
  ByteArray<N> bytes(std::string_view name) {
    ByteArray<N> out{};
    const json::Value* value = required(name);
    if (value == nullptr) return out;
    const json::Array* array = value->as_array();
    if (array == nullptr || array->size() != N) {
      fail(name, "is not an array of " + std::to_string(N) + " bytes");
      return out;
    }
    for (std::size_t i = 0; i < N; ++i) {
      out[i] = to_number<std::uint8_t>(name, (*array)[i]);
    }
    return out;
  }

  amd::Tcb tcb(std::string_view name) {
    amd::Tcb t;
    const json::Object* inner = object(name);
    if (inner == nullptr) return t;
    FieldReader r(*inner, status_);
    t.fmc = r.optional_number<std::uint8_t>("fmc");
    t.bootloader = r.number<std::uint8_t>("bootloader");
    t.tee = r.number<std::uint8_t>("tee");
    t.snp = r.number<std::uint8_t>("snp");
    t.microcode = r.number<std::uint8_t>("microcode");
    return t;
  }

  FirmwareVersion firmware_version(std::string_view name) {
    FirmwareVersion v;
    const json::Object* inner = object(name);
    if (inner == nullptr) return v;
    FieldReader r(*inner, status_);
    v.major = r.number<std::uint8_t>("major");
    v.minor = r.number<std::uint8_t>("minor");
    v.build = r.number<std::uint8_t>("build");
    return v;
  }

  const json::Object* object(std::string_view name) {
    const json::Value* value = required(name);
    if (value == nullptr) return nullptr;
    if (value->as_object() == nullptr) fail(name, "is not an object");
    return value->as_object();
  }

 private:
  const json::Value* required(std::string_view name) {
    const json::Value* value = object_.find(name);
    if (value == nullptr) fail(name, "is missing");
    return value;
  }

  template <class Unsigned>
  Unsigned to_number(std::string_view name, const json::Value& value) {
    const json::Number* n = value.as_number();
    const auto u = n == nullptr ? std::nullopt : n->as_u64();
    if (!u.has_value() || *u > std::numeric_limits<Unsigned>::max()) {
      fail(name, "is not a number in range");
      return 0;
    }
    return static_cast<Unsigned>(*u);
  }

  void fail(std::string_view name, std::string_view what) {
    if (!status_.ok()) return;
    status_ = malformed("`" + std::string(name) + "` " + std::string(what));
  }

  const json::Object& object_;
  Result<void>& status_;
};

Result<ReportFields> read_fields(const json::Object& object) {
  Result<void> status;
  FieldReader r(object, status);
  ReportFields f;
  f.version = r.number<std::uint32_t>("version");
  f.guest_svn = r.number<std::uint32_t>("guest_svn");
  f.policy = r.number<std::uint64_t>("policy");
  f.family_id = r.bytes<16>("family_id");
  f.image_id = r.bytes<16>("image_id");
  f.vmpl = r.number<std::uint32_t>("vmpl");
  f.signature_algorithm = r.number<std::uint32_t>("sig_algo");
  f.current_tcb = r.tcb("current_tcb");
  f.platform_info = r.number<std::uint64_t>("plat_info");
  f.key_info = r.number<std::uint32_t>("key_info");
  f.report_data = r.bytes<64>("report_data");
  f.measurement = r.bytes<48>("measurement");
  f.host_data = r.bytes<32>("host_data");
  f.id_key_digest = r.bytes<48>("id_key_digest");
  f.author_key_digest = r.bytes<48>("author_key_digest");
  f.report_id = r.bytes<32>("report_id");
  f.report_id_ma = r.bytes<32>("report_id_ma");
  f.reported_tcb = r.tcb("reported_tcb");
  f.cpuid_family = r.optional_number<std::uint8_t>("cpuid_fam_id");
  f.cpuid_model = r.optional_number<std::uint8_t>("cpuid_mod_id");
  f.cpuid_stepping = r.optional_number<std::uint8_t>("cpuid_step");
  f.chip_id = r.bytes<64>("chip_id");
  f.committed_tcb = r.tcb("committed_tcb");
  f.current = r.firmware_version("current");
  f.committed = r.firmware_version("committed");
  f.launch_tcb = r.tcb("launch_tcb");
  f.launch_mit_vector = r.optional_number<std::uint64_t>("launch_mit_vector");
  f.current_mit_vector = r.optional_number<std::uint64_t>("current_mit_vector");
  if (const json::Object* signature = r.object("signature"); signature != nullptr) {
    FieldReader s(*signature, status);
    f.signature_r = s.bytes<kScalarSize>("r");
    f.signature_s = s.bytes<kScalarSize>("s");
  }
  if (!status.ok()) return std::move(status).error();
  return f;
}

Result<std::variant<ReportFields, ByteVec>> read_report(const json::Object& object) {
  const json::Value* report = object.find("attestation_report");
  if (report == nullptr) return malformed("`attestation_report` is missing");
  if (const std::string* text = report->as_string(); text != nullptr) {
    auto raw = codec::base64_decode(*text);
    if (!raw.ok()) return malformed("`attestation_report` is not base64");
    return std::variant<ReportFields, ByteVec>(std::move(*raw));
  }
  if (report->as_object() == nullptr) return malformed("`attestation_report` is not an object");
  TRY(auto fields, read_fields(*report->as_object()));
  return std::variant<ReportFields, ByteVec>(std::move(fields));
}

Result<CertificateType> read_certificate_type(const json::Value& value) {
  if (const json::Object* object = value.as_object(); object != nullptr) {
    const json::Value* other = object->find("OTHER");
    if (object->size() == 1 && other != nullptr && other->as_string() != nullptr) {
      return CertificateType::other;
    }
  } else if (const std::string* name = value.as_string(); name != nullptr) {
    if (const auto type = certificate_type_of(*name); type.has_value()) return *type;
  }
  return malformed("`cert_type` is unknown");
}

Result<ByteVec> read_certificate_data(const json::Value& value) {
  const json::Array* array = value.as_array();
  if (array == nullptr) return malformed("`data` is not an array");
  if (array->size() > kMaxCertificateSize) return malformed("`data` is too long");
  ByteVec data;
  data.reserve(array->size());
  for (const json::Value& element : *array) {
    const json::Number* n = element.as_number();
    const auto u = n == nullptr ? std::nullopt : n->as_u64();
    if (!u.has_value() || *u > 0xFF) return malformed("`data` has an element that is no byte");
    data.push_back(static_cast<std::uint8_t>(*u));
  }
  return data;
}

Result<CertificateEntry> read_certificate(const json::Value& value) {
  const json::Object* object = value.as_object();
  if (object == nullptr) return malformed("an entry of `cert_chain` is not an object");
  const json::Value* type = object->find("cert_type");
  const json::Value* data = object->find("data");
  if (type == nullptr || data == nullptr) {
    return malformed("an entry of `cert_chain` lacks `cert_type` or `data`");
  }
  CertificateEntry entry;
  TRY(entry.type, read_certificate_type(*type));
  TRY(entry.data, read_certificate_data(*data));
  return entry;
}

Result<std::optional<std::vector<CertificateEntry>>> read_chain(const json::Object& object) {
  std::optional<std::vector<CertificateEntry>> chain;
  const json::Value* value = object.find("cert_chain");
  if (value == nullptr || value->is_null()) return chain;
  const json::Array* array = value->as_array();
  if (array == nullptr) return malformed("`cert_chain` is not an array");
  if (array->size() > kMaxCertificates) return malformed("`cert_chain` has too many entries");
  chain.emplace();
  for (const json::Value& element : *array) {
    TRY(auto entry, read_certificate(element));
    chain->push_back(std::move(entry));
  }
  return chain;
}

}  // namespace

std::optional<CertificateType> certificate_type_of(std::string_view name) {
  if (name == "VCEK") return CertificateType::vcek;
  if (name == "VLEK") return CertificateType::vlek;
  if (name == "ASK") return CertificateType::ask;
  if (name == "ARK") return CertificateType::ark;
  if (name == "Empty" || name == "CRL") return CertificateType::other;
  return std::nullopt;
}

Result<Evidence> internal::read_any_shape(std::string_view json) {
  auto document = json::parse(json, json::Duplicates::refuse, {.bytes = kMaxEvidence});
  if (!document.ok()) return malformed(document.error().to_string());
  const json::Object* object = document->as_object();
  if (object == nullptr) return malformed("not an object");
  Evidence evidence;
  TRY(evidence.report, read_report(*object));
  TRY(evidence.cert_chain, read_chain(*object));
  return evidence;
}

Result<Evidence> parse_evidence(std::string_view json) {
  if (auto evidence = internal::read_usual_shape(json); evidence.has_value()) {
    return std::move(*evidence);
  }
  return internal::read_any_shape(json);
}

}  // namespace trustee::snp
