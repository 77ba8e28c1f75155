#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace trustee::der {

/// An identifier octet: class, constructed bit and a tag number below 31.
using Tag = std::uint8_t;

inline constexpr Tag kBoolean = 0x01;
inline constexpr Tag kInteger = 0x02;
inline constexpr Tag kBitString = 0x03;
inline constexpr Tag kOctetString = 0x04;
inline constexpr Tag kNull = 0x05;
inline constexpr Tag kOid = 0x06;
inline constexpr Tag kEnumerated = 0x0A;
inline constexpr Tag kUtf8String = 0x0C;
inline constexpr Tag kPrintableString = 0x13;
inline constexpr Tag kIa5String = 0x16;
inline constexpr Tag kSequence = 0x30;
inline constexpr Tag kSet = 0x31;
/// `[number]`, primitive: an IMPLICIT tag on a primitive type.
constexpr Tag context(unsigned number) { return static_cast<Tag>(0x80U | (number & 0x1FU)); }
/// `[number]`, constructed: an EXPLICIT tag, or an IMPLICIT one on a SEQUENCE or SET.
constexpr Tag context_constructed(unsigned number) {
  return static_cast<Tag>(0xA0U | (number & 0x1FU));
}

/// Longest content of an OBJECT IDENTIFIER that is read.
inline constexpr std::size_t kMaxOidBytes = 64;

/// One element as found. Lifetime: views into the input.
struct Element {
  Tag tag = 0;
  Bytes content;
  Bytes whole;  ///< identifier and length included
};

/// Reads DER (X.690) element by element, front to back. Only definite, minimal lengths and tag
/// numbers below 31 exist here; every read that fails leaves the reader where it was. Nesting is
/// the caller's: `sequence()` gives a reader over the content.
/// Lifetime: views into the input.
/// Errors  codec::Errc::der_malformed from every function; the detail names what was expected.
class Reader {
 public:
  explicit Reader(Bytes in) : rest_(in) {}

  bool at_end() const { return rest_.empty(); }
  /// Whether the next element has this tag.
  bool next_is(Tag tag) const { return !rest_.empty() && rest_.front() == tag; }

  /// The next element, whatever it is.
  Result<Element> any();
  /// The content of the next element, which must have this tag.
  Result<Bytes> content(Tag tag);
  /// The same for an OPTIONAL element: nothing when another tag or the end comes next.
  Result<std::optional<Bytes>> optional_content(Tag tag);

  Result<Reader> sequence() { return constructed(kSequence); }
  Result<Reader> set() { return constructed(kSet); }
  /// A reader over the content of a constructed element with this tag.
  Result<Reader> constructed(Tag tag);
  Result<std::optional<Reader>> optional_constructed(Tag tag);

  Result<bool> boolean();
  /// INTEGER within 0 to 255. `tag` is for IMPLICIT tagging, here and below.
  Result<std::uint8_t> u8(Tag tag = kInteger);
  /// INTEGER within 0 to 2^64-1.
  Result<std::uint64_t> u64(Tag tag = kInteger);
  /// The magnitude of a non-negative INTEGER, big-endian, without a leading zero octet.
  Result<Bytes> unsigned_integer(Tag tag = kInteger);
  Result<std::uint64_t> enumerated() { return u64(kEnumerated); }
  Result<Bytes> octet_string() { return content(kOctetString); }
  /// A BIT STRING of whole octets (no unused bits).
  Result<Bytes> bit_string(Tag tag = kBitString);
  Result<void> null();
  /// Dotted text, e.g. `1.3.6.1.4.1.3704.1.3.1`. At most kMaxOidBytes of content, arcs below 2^64.
  Result<std::string> oid();
  Result<std::string_view> ia5_string(Tag tag = kIa5String);
  Result<std::string_view> utf8_string(Tag tag = kUtf8String);

  /// Refuses bytes after the last element.
  [[nodiscard]] Result<void> finish() const;

 private:
  Bytes rest_;
};

}  // namespace trustee::der
