#include "collateral/document.h"

#include <algorithm>

#include "base/cursor.h"
#include "base/try.h"
#include "collateral/errors.h"

namespace trustee::collateral {

namespace {

constexpr std::string_view kMagic = "TCR1";

bool is_lower_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_kind(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return is_lower_or_digit(c) || c == '-'; });
}

bool is_subject(std::string_view text) {
  char before = '/';
  for (const char c : text) {
    const bool word = is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
    if (!word && (c != '/' || before == '/')) return false;
    before = c;
  }
  return before != '/';
}

void append_big_endian(ByteVec& out, std::uint64_t n, unsigned bytes) {
  for (unsigned i = bytes; i-- > 0;) {
    out.push_back(static_cast<std::uint8_t>(n >> (8 * i)));
  }
}

void append_sized(ByteVec& out, Bytes bytes) {
  append_big_endian(out, bytes.size(), 4);
  out.insert(out.end(), bytes.begin(), bytes.end());
}

std::uint64_t microseconds_of(Time t) {
  return static_cast<std::uint64_t>(std::max<Time::rep>(t.time_since_epoch().count(), 0));
}

/// Dates before 1970 or too large to count with are none.
Result<Time> read_time(Cursor& in) {
  constexpr std::uint64_t kYear10000 = 253402300800ULL * 1000000ULL;
  const std::uint64_t n = in.u64be();
  if (n > kYear10000) return Error(Errc::record_malformed, "a date is out of range");
  return Time(std::chrono::microseconds(static_cast<std::int64_t>(n)));
}

Result<Record> read_record(Cursor& in) {
  Record out;
  if (as_text(in.take(kMagic.size())) != kMagic) return Errc::record_malformed;
  TRY(out.validity.fetched_at, read_time(in));
  TRY(out.validity.valid_until, read_time(in));
  TRY(const std::size_t chain, in.length_u32be(kMaxIssuerChain));
  out.document.issuer_chain = std::string(as_text(in.take(chain)));
  TRY(const std::size_t body, in.length_u32be(kMaxBody));
  out.document.body = to_vec(in.take(body));
  TRY_VOID(in.finish());
  return out;
}

}  // namespace

Result<DocumentId> parse_document_id(std::string_view key) {
  const std::size_t slash = key.find('/');
  if (slash == std::string_view::npos || key.size() > kMaxName || !is_kind(key.substr(0, slash)) ||
      !is_subject(key.substr(slash + 1))) {
    return Error(Errc::document_id_malformed, std::string(key.substr(0, kMaxName)));
  }
  return DocumentId{std::string(key.substr(0, slash)), std::string(key.substr(slash + 1))};
}

Result<ByteVec> encode_record(const Record& record) {
  const RawDocument& document = record.document;
  if (document.body.size() > kMaxBody || document.issuer_chain.size() > kMaxIssuerChain) {
    return Errc::record_too_large;
  }
  ByteVec out = to_vec(as_bytes(kMagic));
  append_big_endian(out, microseconds_of(record.validity.fetched_at), 8);
  append_big_endian(out, microseconds_of(record.validity.valid_until), 8);
  append_sized(out, as_bytes(document.issuer_chain));
  append_sized(out, document.body);
  return out;
}

Result<Record> decode_record(Bytes bytes) {
  Cursor in(bytes);
  auto record = read_record(in);
  if (record.ok() || record.error().is(Errc::record_malformed)) return record;
  return Error(Errc::record_malformed, record.error().to_string());
}

}  // namespace trustee::collateral
