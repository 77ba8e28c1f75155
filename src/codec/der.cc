#include "codec/der.h"

#include <limits>

#include "base/cursor.h"
#include "base/try.h"
#include "codec/errors.h"
#include "codec/utf8.h"

namespace trustee::der {
namespace {

constexpr std::size_t kMaxLengthOctets = 4;

Error malformed(std::string what) { return Error(codec::Errc::der_malformed, std::move(what)); }

std::string tag_text(Tag tag) {
  constexpr std::string_view kHex = "0123456789abcdef";
  return std::string("tag 0x") + kHex[tag >> 4U] + kHex[tag & 15U];
}

/// The length octets: short form below 128, else the fewest octets that hold the value.
Result<std::size_t> read_length(Cursor& c) {
  const std::uint8_t first = c.u8();
  if (c.failed()) return malformed("ends inside a length");
  if (first < 0x80) return std::size_t{first};
  const std::size_t octets = first & 0x7FU;
  if (octets == 0) return malformed("an indefinite length");
  if (octets > kMaxLengthOctets) return malformed("a length beyond 32 bits");
  std::size_t length = 0;
  for (std::size_t i = 0; i < octets; ++i) {
    length = length << 8U | c.u8();
  }
  if (c.failed()) return malformed("ends inside a length");
  if (length < 0x80 || length >> (8 * (octets - 1)) == 0) {
    return malformed("a length that is not minimal");
  }
  return length;
}

/// Checks the content of an INTEGER: at least one octet, minimal, not negative.
Result<Bytes> magnitude(Bytes content) {
  if (content.empty()) return malformed("an empty INTEGER");
  if (content.front() >= 0x80) return malformed("a negative INTEGER");
  if (content.front() != 0) return content;
  if (content.size() == 1) return content;
  if (content[1] < 0x80) return malformed("an INTEGER that is not minimal");
  return content.subspan(1);
}

/// One arc in base 128, the first octet not 0x80.
Result<std::uint64_t> read_arc(Cursor& c) {
  std::uint64_t arc = 0;
  for (bool first = true;; first = false) {
    const std::uint8_t octet = c.u8();
    if (c.failed()) return malformed("an OBJECT IDENTIFIER that ends inside an arc");
    if (first && octet == 0x80) return malformed("an arc that is not minimal");
    if (arc > std::numeric_limits<std::uint64_t>::max() >> 7U) {
      return malformed("an arc beyond 64 bits");
    }
    arc = arc << 7U | (octet & 0x7FU);
    if (octet < 0x80) return arc;
  }
}

/// The first octets hold two arcs: 40 times the first, which is 0 to 2, plus the second.
std::string first_arcs(std::uint64_t both) {
  const std::uint64_t top = both < 80 ? both / 40 : 2;
  return std::to_string(top) + "." + std::to_string(both - top * 40);
}

}  // namespace

Result<Element> Reader::any() {
  Cursor c(rest_);
  Element element;
  element.tag = c.u8();
  if (c.failed()) return malformed("no element left");
  if ((element.tag & 0x1FU) == 0x1FU) return malformed("a tag number above 30");
  if (element.tag == 0) return malformed("an end-of-contents octet");
  TRY(const std::size_t length, read_length(c));
  if (length > c.remaining()) return malformed("a length beyond the input");
  element.content = c.take(length);
  element.whole = rest_.first(c.offset());
  rest_ = rest_.subspan(c.offset());
  return element;
}

Result<Bytes> Reader::content(Tag tag) {
  if (rest_.empty()) return malformed(tag_text(tag) + " expected at the end");
  if (!next_is(tag)) {
    return malformed(tag_text(tag) + " expected, " + tag_text(rest_.front()) + " found");
  }
  TRY(const Element element, any());
  return element.content;
}

Result<std::optional<Bytes>> Reader::optional_content(Tag tag) {
  if (!next_is(tag)) return std::optional<Bytes>();
  TRY(const Bytes found, content(tag));
  return std::optional<Bytes>(found);
}

Result<Reader> Reader::constructed(Tag tag) {
  TRY(const Bytes found, content(tag));
  return Reader(found);
}

Result<std::optional<Reader>> Reader::optional_constructed(Tag tag) {
  TRY(const auto found, optional_content(tag));
  if (!found.has_value()) return std::optional<Reader>();
  return std::optional<Reader>(Reader(*found));
}

Result<bool> Reader::boolean() {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(kBoolean));
  if (found.size() != 1 || (found.front() != 0x00 && found.front() != 0xFF)) {
    return malformed("a BOOLEAN that is neither 00 nor FF");
  }
  *this = ahead;
  return found.front() == 0xFF;
}

Result<Bytes> Reader::unsigned_integer(Tag tag) {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(tag));
  TRY(const Bytes value, magnitude(found));
  *this = ahead;
  return value;
}

Result<std::uint64_t> Reader::u64(Tag tag) {
  Reader ahead = *this;
  TRY(const Bytes octets, ahead.unsigned_integer(tag));
  if (octets.size() > sizeof(std::uint64_t)) return malformed("an INTEGER beyond 64 bits");
  std::uint64_t value = 0;
  for (const std::uint8_t octet : octets) {
    value = value << 8U | octet;
  }
  *this = ahead;
  return value;
}

Result<std::uint8_t> Reader::u8(Tag tag) {
  Reader ahead = *this;
  TRY(const std::uint64_t value, ahead.u64(tag));
  if (value > 0xFF) return malformed("an INTEGER beyond 8 bits");
  *this = ahead;
  return static_cast<std::uint8_t>(value);
}

Result<Bytes> Reader::bit_string(Tag tag) {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(tag));
  if (found.empty() || found.front() != 0) return malformed("a BIT STRING with unused bits");
  *this = ahead;
  return found.subspan(1);
}

Result<void> Reader::null() {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(kNull));
  if (!found.empty()) return malformed("a NULL with content");
  *this = ahead;
  return {};
}

Result<std::string> Reader::oid() {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(kOid));
  if (found.empty()) return malformed("an empty OBJECT IDENTIFIER");
  if (found.size() > kMaxOidBytes) return malformed("an OBJECT IDENTIFIER that is too long");
  Cursor c(found);
  TRY(const std::uint64_t both, read_arc(c));
  std::string text = first_arcs(both);
  while (c.remaining() > 0) {
    TRY(const std::uint64_t arc, read_arc(c));
    text += "." + std::to_string(arc);
  }
  *this = ahead;
  return text;
}

Result<std::string_view> Reader::ia5_string(Tag tag) {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(tag));
  for (const std::uint8_t octet : found) {
    if (octet >= 0x80) return malformed("an IA5String with an octet above 7F");
  }
  *this = ahead;
  return as_text(found);
}

Result<std::string_view> Reader::utf8_string(Tag tag) {
  Reader ahead = *this;
  TRY(const Bytes found, ahead.content(tag));
  if (!codec::is_utf8(found)) return malformed("a UTF8String that is not UTF-8");
  *this = ahead;
  return as_text(found);
}

Result<void> Reader::finish() const {
  if (rest_.empty()) return {};
  return malformed(std::to_string(rest_.size()) + " bytes after the last element");
}

}  // namespace trustee::der
