#include <array>
#include <cstring>
#include <limits>
#include <span>

#include "snp/internal/evidence_readers.h"

namespace trustee::snp::internal {

namespace {

/// Reads JSON tokens of the plainest form. False means "not that form", nothing else.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool eat(char wanted) {
    skip_white_space();
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }

  bool at_end() {
    skip_white_space();
    return at_ == end_;
  }

  bool null() {
    skip_white_space();
    constexpr std::string_view kNull = "null";
    if (!std::string_view(at_, remaining()).starts_with(kNull)) return false;
    at_ += kNull.size();
    return true;
  }

  /// A string without escapes, of printable ASCII.
  bool text(std::string_view& out) {
    if (!eat('"')) return false;
    const char* const begin = at_;
    while (at_ != end_ && *at_ >= 0x20 && *at_ < 0x7F && *at_ != '"' && *at_ != '\\') ++at_;
    out = std::string_view(begin, static_cast<std::size_t>(at_ - begin));
    return at_ != end_ && *at_++ == '"';
  }

  /// Digits only, no leading zero, in the range of the type.
  template <class Unsigned>
  bool number(Unsigned& out) {
    skip_white_space();
    if (at_ == end_ || !is_digit(*at_)) return false;
    const bool leading_zero = *at_ == '0';
    std::uint64_t n = 0;
    std::size_t digits = 0;
    for (; at_ != end_ && is_digit(*at_); ++at_, ++digits) {
      const auto digit = static_cast<std::uint64_t>(*at_ - '0');
      if (n > (std::numeric_limits<Unsigned>::max() - digit) / 10) return false;
      n = n * 10 + digit;
    }
    out = static_cast<Unsigned>(n);
    return !leading_zero || digits == 1;
  }

  template <class Unsigned>
  bool number(std::optional<Unsigned>& out) {
    if (null()) return true;
    Unsigned n = 0;
    if (!number(n)) return false;
    out = n;
    return true;
  }

  bool bytes(std::span<std::uint8_t> out) {
    if (!eat('[')) return false;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i != 0 && !eat(',')) return false;
      if (!number(out[i])) return false;
    }
    return eat(']');
  }

  bool bytes(ByteVec& out, std::size_t max) {
    if (!eat('[')) return false;
    if (eat(']')) return true;
    out.reserve(1536);  // about what an endorsement key has
    do {
      std::uint8_t b = 0;
      if (out.size() == max || !number(b)) return false;
      out.push_back(b);
    } while (eat(','));
    return eat(']');
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  void skip_white_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  const char* at_;
  const char* end_;
};

/// How one member of a T is read. `optional`: it may be absent.
template <class T>
struct Field {
  std::string_view name;
  bool (*read)(Scanner&, T&);
  bool optional = false;
};

template <class T, std::size_t N>
bool read_object(Scanner& s, T& out, const std::array<Field<T>, N>& fields) {
  if (!s.eat('{')) return false;
  std::array<bool, N> seen{};
  std::size_t next = 0;  // members usually come in the order of the table
  do {
    std::string_view name;
    if (!s.text(name) || !s.eat(':')) return false;
    std::size_t tried = 0;
    while (tried < N && fields[next % N].name != name) {
      ++next;
      ++tried;
    }
    next %= N;
    if (tried == N || seen[next] || !fields[next].read(s, out)) return false;
    seen[next] = true;
    ++next;
  } while (s.eat(','));
  for (std::size_t i = 0; i < N; ++i) {
    if (!seen[i] && !fields[i].optional) return false;
  }
  return s.eat('}');
}

template <class T, auto Member>
bool number(Scanner& s, T& out) {
  return s.number(out.*Member);
}
template <class T, auto Member>
bool bytes(Scanner& s, T& out) {
  return s.bytes(out.*Member);
}

using F = ReportFields;
using V = FirmwareVersion;
using amd::Tcb;

constexpr std::array kTcb{
    Field<Tcb>{"fmc", number<Tcb, &Tcb::fmc>, true},
    Field<Tcb>{"bootloader", number<Tcb, &Tcb::bootloader>},
    Field<Tcb>{"tee", number<Tcb, &Tcb::tee>},
    Field<Tcb>{"snp", number<Tcb, &Tcb::snp>},
    Field<Tcb>{"microcode", number<Tcb, &Tcb::microcode>},
};
constexpr std::array kFirmwareVersion{
    Field<V>{"major", number<V, &V::major>},
    Field<V>{"minor", number<V, &V::minor>},
    Field<V>{"build", number<V, &V::build>},
};
constexpr std::array kSignature{
    Field<F>{"r", bytes<F, &F::signature_r>},
    Field<F>{"s", bytes<F, &F::signature_s>},
};

template <auto Member>
bool tcb(Scanner& s, F& out) {
  return read_object(s, out.*Member, kTcb);
}
template <auto Member>
bool firmware_version(Scanner& s, F& out) {
  return read_object(s, out.*Member, kFirmwareVersion);
}
bool signature(Scanner& s, F& out) { return read_object(s, out, kSignature); }

constexpr std::array kReport{
    Field<F>{"version", number<F, &F::version>},
    Field<F>{"guest_svn", number<F, &F::guest_svn>},
    Field<F>{"policy", number<F, &F::policy>},
    Field<F>{"family_id", bytes<F, &F::family_id>},
    Field<F>{"image_id", bytes<F, &F::image_id>},
    Field<F>{"vmpl", number<F, &F::vmpl>},
    Field<F>{"sig_algo", number<F, &F::signature_algorithm>},
    Field<F>{"current_tcb", tcb<&F::current_tcb>},
    Field<F>{"plat_info", number<F, &F::platform_info>},
    Field<F>{"key_info", number<F, &F::key_info>},
    Field<F>{"report_data", bytes<F, &F::report_data>},
    Field<F>{"measurement", bytes<F, &F::measurement>},
    Field<F>{"host_data", bytes<F, &F::host_data>},
    Field<F>{"id_key_digest", bytes<F, &F::id_key_digest>},
    Field<F>{"author_key_digest", bytes<F, &F::author_key_digest>},
    Field<F>{"report_id", bytes<F, &F::report_id>},
    Field<F>{"report_id_ma", bytes<F, &F::report_id_ma>},
    Field<F>{"reported_tcb", tcb<&F::reported_tcb>},
    Field<F>{"cpuid_fam_id", number<F, &F::cpuid_family>, true},
    Field<F>{"cpuid_mod_id", number<F, &F::cpuid_model>, true},
    Field<F>{"cpuid_step", number<F, &F::cpuid_stepping>, true},
    Field<F>{"chip_id", bytes<F, &F::chip_id>},
    Field<F>{"committed_tcb", tcb<&F::committed_tcb>},
    Field<F>{"current", firmware_version<&F::current>},
    Field<F>{"committed", firmware_version<&F::committed>},
    Field<F>{"launch_tcb", tcb<&F::launch_tcb>},
    Field<F>{"launch_mit_vector", number<F, &F::launch_mit_vector>, true},
    Field<F>{"current_mit_vector", number<F, &F::current_mit_vector>, true},
    Field<F>{"signature", signature},
};

bool certificate_type(Scanner& s, CertificateEntry& out) {
  std::string_view name;
  if (!s.text(name)) return false;
  const auto type = certificate_type_of(name);
  out.type = type.value_or(CertificateType::other);
  return type.has_value();
}
bool certificate_data(Scanner& s, CertificateEntry& out) {
  return s.bytes(out.data, kMaxCertificateSize);
}
constexpr std::array kCertificate{
    Field<CertificateEntry>{"cert_type", certificate_type},
    Field<CertificateEntry>{"data", certificate_data},
};

bool report(Scanner& s, Evidence& out) {
  return read_object(s, out.report.emplace<ReportFields>(), kReport);
}
bool chain(Scanner& s, Evidence& out) {
  if (s.null()) return true;
  if (!s.eat('[')) return false;
  auto& entries = out.cert_chain.emplace();
  if (s.eat(']')) return true;
  do {
    if (entries.size() == kMaxCertificates) return false;
    if (!read_object(s, entries.emplace_back(), kCertificate)) return false;
  } while (s.eat(','));
  return s.eat(']');
}
constexpr std::array kEvidence{
    Field<Evidence>{"attestation_report", report},
    Field<Evidence>{"cert_chain", chain, true},
};

}  // namespace

std::optional<Evidence> read_usual_shape(std::string_view json) {
  if (json.size() > kMaxEvidence) return std::nullopt;
  Scanner s(json);
  std::optional<Evidence> evidence(std::in_place);
  if (!read_object(s, *evidence, kEvidence) || !s.at_end()) return std::nullopt;
  return evidence;
}

}  // namespace trustee::snp::internal
