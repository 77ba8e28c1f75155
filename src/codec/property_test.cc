#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <string>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/pem.h"
#include "codec/percent.h"
#include "codec/utf8.h"

namespace trustee::codec {
namespace {

using json::Value;

/// Any text, made well-formed.
std::string any_text() { return utf8_lossy(*rc::gen::arbitrary<std::string>()); }

json::Number any_number() {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  const double d = std::bit_cast<double>(bits);
  return std::isfinite(d) ? *json::Number::from_double(d) : json::Number(bits);
}

Value any_value(int depth) {
  const int kind = *rc::gen::inRange(0, depth > 0 ? 6 : 4);
  if (kind == 0) return nullptr;
  if (kind == 1) return *rc::gen::arbitrary<bool>();
  if (kind == 2) return any_number();
  if (kind == 3) return any_text();
  const int count = *rc::gen::inRange(0, 5);
  json::Array array;
  json::Object object;
  for (int i = 0; i < count; ++i) {
    if (kind == 4) array.push_back(any_value(depth - 1));
    if (kind == 5) object.set(any_text(), any_value(depth - 1));
  }
  return kind == 4 ? Value(std::move(array)) : Value(std::move(object));
}

/// The same text in a heap block of exactly its size, so that ASan sees a read past its end.
struct Tight {
  explicit Tight(std::string_view text) : bytes(new char[text.size()]), size(text.size()) {
    if (size > 0) std::memcpy(bytes.get(), text.data(), size);
  }
  std::string_view view() const { return {bytes.get(), size}; }
  std::unique_ptr<char[]> bytes;
  std::size_t size;
};

RC_GTEST_PROP(CodecProperty, JsonSurvivesARoundTripInEveryForm, ()) {
  const Value value = any_value(4);
  RC_ASSERT(*json::parse(json::write(value)) == value);
  RC_ASSERT(*json::parse(json::write_sorted(value)) == value);
  RC_ASSERT(*json::parse(json::write_pretty(value)) == value);
  RC_ASSERT(json::write(*json::parse(json::write(value))) == json::write(value));
}

RC_GTEST_PROP(CodecProperty, CanonicalFormIsIdempotentAndBlindToOrder, ()) {
  const Value value = any_value(4);
  const std::string canonical = *json::canonicalise(value);
  RC_ASSERT(*json::canonicalise(*json::parse(canonical)) == canonical);
  RC_ASSERT(*json::canonicalise(*json::parse(json::write_sorted(value))) == canonical);
}

RC_GTEST_PROP(CodecProperty, EveryPrefixOfADocumentIsReadWithinItsBytes, ()) {
  const std::string text = json::write(json::Array{any_value(3)});
  for (std::size_t n = 0; n < text.size(); ++n) {
    RC_ASSERT(!json::parse(Tight(text.substr(0, n)).view()).ok());
  }
  RC_ASSERT(json::parse(Tight(text).view()).ok());
}

RC_GTEST_PROP(CodecProperty, RawMemberReadsBackAsTheMember, ()) {
  json::Object object;
  const int count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) {
    object.set(any_text(), any_value(2));
  }
  const std::string text = json::write_pretty(object);
  for (const json::Member& m : object) {
    RC_ASSERT(*json::parse(*json::raw_member(text, m.name)) == m.value);
  }
}

RC_GTEST_PROP(CodecProperty, TextCodecsRoundTrip, (const ByteVec& bytes)) {
  RC_ASSERT(*base64_decode(base64_encode(bytes)) == bytes);
  RC_ASSERT(*base64url_decode(base64url_encode(bytes)) == bytes);
  RC_ASSERT(*base64url_padded_decode(base64url_padded_encode(bytes)) == bytes);
  RC_ASSERT(*hex_decode(hex_encode(bytes)) == bytes);
  RC_ASSERT(equal(as_bytes(percent_decode(percent_encode(as_text(bytes)))), bytes));
  if (!bytes.empty()) RC_ASSERT(*pem_read_single(pem_write("X", bytes), "X") == bytes);
}

RC_GTEST_PROP(CodecProperty, LossyTextIsUtf8AndLeavesGoodTextAlone, (const std::string& any)) {
  const std::string text = utf8_lossy(any);
  RC_ASSERT(is_utf8(as_bytes(text)));
  RC_ASSERT(utf8_lossy(text) == text);
  RC_ASSERT((text == any) == is_utf8(as_bytes(any)));
}

}  // namespace
}  // namespace trustee::codec
