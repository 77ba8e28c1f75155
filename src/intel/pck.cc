#include "intel/pck.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/try.h"
#include "codec/der.h"
#include "codec/hex.h"
#include "intel/errors.h"

namespace trustee::intel {

namespace {

constexpr std::string_view kSgxExtension = "1.2.840.113741.1.13.1";

Error malformed(std::string what) { return {Errc::pck_extension_malformed, std::move(what)}; }

/// What was read so far, with a mark for each member that must stand once.
struct Members {
  PckExtension out;
  std::uint32_t seen = 0;      ///< bit n: member .n
  std::uint32_t tcb_seen = 0;  ///< bit n: member .2.n
  std::uint32_t configuration_seen = 0;
};

Result<void> mark(std::uint32_t& seen, unsigned n) {
  const std::uint32_t bit = 1U << n;
  if ((seen & bit) != 0) return malformed("member " + std::to_string(n) + " is repeated");
  seen |= bit;
  return {};
}

/// The last arc of an OID under `prefix` plus a dot, when it is a number up to `max`; else 0.
unsigned arc_below(std::string_view oid, std::string_view prefix, unsigned max) {
  if (!oid.starts_with(prefix) || oid.size() <= prefix.size() || oid[prefix.size()] != '.') {
    return 0;
  }
  unsigned n = 0;
  for (const char c : oid.substr(prefix.size() + 1)) {
    if (c < '0' || c > '9' || n > max) return 0;
    n = n * 10 + static_cast<unsigned>(c - '0');
  }
  return n <= max ? n : 0;
}

template <std::size_t N>
Result<ByteArray<N>> octets(der::Reader& r) {
  TRY(const Bytes content, r.octet_string());
  if (content.size() != N) return malformed("an octet string has another length");
  return regularised<N>(content);
}

/// Calls `read(member number, reader over the value)` for each (OID, value) pair of a sequence.
template <class Read>
Result<void> each_member(der::Reader sequence, std::string_view prefix, unsigned max, Read read) {
  while (!sequence.at_end()) {
    TRY(der::Reader pair, sequence.sequence());
    TRY(const std::string oid, pair.oid());
    const unsigned n = arc_below(oid, prefix, max);
    if (n == 0) continue;
    TRY_VOID(read(n, pair));
    TRY_VOID(pair.finish());
  }
  return {};
}

constexpr unsigned kPcesvn = 17;
constexpr unsigned kCpusvn = 18;

Result<void> read_tcb_member(Members& m, unsigned n, der::Reader& value) {
  TRY_VOID(mark(m.tcb_seen, n));
  if (n < kPcesvn) {
    TRY(m.out.components.at(n - 1), value.u8());
    return {};
  }
  if (n == kPcesvn) {
    TRY(const std::uint64_t svn, value.u64());
    if (svn > 0xFFFFU) return malformed("PCESVN is out of range");
    m.out.pcesvn = static_cast<std::uint16_t>(svn);
    return {};
  }
  TRY(m.out.cpu_svn, octets<16>(value));
  return {};
}

Result<void> read_configuration_member(Members& m, unsigned n, der::Reader& value) {
  TRY_VOID(mark(m.configuration_seen, n));
  TRY(const bool flag, value.boolean());
  PckConfiguration& c = *m.out.configuration;
  (n == 1 ? c.dynamic_platform : n == 2 ? c.cached_keys : c.smt_enabled) = flag;
  return {};
}

Result<void> read_tcb(Members& m, der::Reader& value) {
  TRY(der::Reader tcb, value.sequence());
  TRY_VOID(each_member(tcb, "1.2.840.113741.1.13.1.2", kCpusvn,
                       [&m](unsigned n, der::Reader& v) { return read_tcb_member(m, n, v); }));
  constexpr std::uint32_t kAll = (1U << (kCpusvn + 1)) - 2;
  if (m.tcb_seen != kAll) return malformed("the TCB lacks a member");
  return {};
}

Result<void> read_configuration(Members& m, der::Reader& value) {
  TRY(der::Reader configuration, value.sequence());
  m.out.configuration.emplace();
  TRY_VOID(
      each_member(configuration, "1.2.840.113741.1.13.1.7", 3,
                  [&m](unsigned n, der::Reader& v) { return read_configuration_member(m, n, v); }));
  constexpr std::uint32_t kAll = 0b1110;
  if (m.configuration_seen != kAll) return malformed("the configuration lacks a member");
  return {};
}

Result<void> read_sgx_type(Members& m, der::Reader& value) {
  TRY(const std::uint64_t type, value.enumerated());
  if (type > 0xFFU) return malformed("the SGX type is out of range");
  m.out.sgx_type = static_cast<std::uint8_t>(type);
  return {};
}

Result<void> read_member(Members& m, unsigned n, der::Reader& value) {
  TRY_VOID(mark(m.seen, n));
  switch (n) {
    case 1: {
      TRY(m.out.ppid, octets<16>(value));
      return {};
    }
    case 2:
      return read_tcb(m, value);
    case 3: {
      TRY(m.out.pce_id, octets<2>(value));
      return {};
    }
    case 4: {
      TRY(m.out.fmspc, octets<6>(value));
      return {};
    }
    case 5:
      return read_sgx_type(m, value);
    case 6: {
      TRY(m.out.platform_instance_id, octets<16>(value));
      return {};
    }
    default:
      return read_configuration(m, value);
  }
}

Result<PckExtension> read_extension(Bytes der) {
  der::Reader whole(der);
  TRY(der::Reader members, whole.sequence());
  TRY_VOID(whole.finish());
  Members m;
  TRY_VOID(each_member(members, kSgxExtension, 7,
                       [&m](unsigned n, der::Reader& v) { return read_member(m, n, v); }));
  constexpr std::uint32_t kAlways = 0b111110;
  if ((m.seen & kAlways) != kAlways) return malformed("the extension lacks a member");
  return std::move(m.out);
}

}  // namespace

Result<PckExtension> parse_pck_extension(Bytes der) {
  if (der.size() > kMaxPckExtension) return malformed("the extension is too large");
  auto extension = read_extension(der);
  if (extension.ok() || extension.error().is(Errc::pck_extension_malformed)) return extension;
  return malformed(extension.error().to_string());
}

Result<PckExtension> pck_extension_of(const crypto::Certificate& leaf, PckCa ca) {
  auto der = leaf.extension(kSgxExtension);
  if (!der.ok()) return malformed(der.error().to_string());
  TRY(PckExtension extension, parse_pck_extension(*der));
  const bool is_platform = ca == PckCa::platform;
  if (extension.platform_instance_id.has_value() != is_platform) {
    return malformed(is_platform ? "Platform PCK cert is missing platform_instance"
                                 : "Processor CA cert unexpectedly contains platform_instance");
  }
  if (extension.configuration.has_value() != is_platform) {
    return malformed(is_platform ? "Platform PCK cert is missing configuration"
                                 : "Processor CA cert unexpectedly contains configuration");
  }
  if (extension.sgx_type > 0 && !is_platform) {
    return malformed("a certificate of the Processor CA names a scalable platform");
  }
  return extension;
}

Result<PckCa> pck_ca_of(const crypto::Certificate& intermediate) {
  const std::string name = intermediate.subject_common_name();
  if (name == "Intel SGX PCK Platform CA") return PckCa::platform;
  if (name == "Intel SGX PCK Processor CA") return PckCa::processor;
  return Error(Errc::pck_ca_unknown, "unexpected PCK intermediate CA CN: " + name);
}

std::string sgx_type_text(std::uint8_t sgx_type) {
  switch (sgx_type) {
    case 0:
      return "Standard";
    case 1:
      return "Scalable";
    case 2:
      return "Scalable with Integrity";
    default:
      return "Unknown (" + std::to_string(sgx_type) + ")";
  }
}

std::string platform_instance_id_text(const ByteArray<16>& id) {
  ByteArray<16> reversed = id;
  std::ranges::reverse(reversed);
  return codec::hex_encode(reversed);
}

}  // namespace trustee::intel
