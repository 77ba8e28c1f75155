#include <algorithm>
#include <cmath>

#include "base/try.h"
#include "codec/internal/shortest.h"
#include "codec/json.h"
#include "codec/utf8.h"

namespace trustee::json {
namespace {

using codec::Errc;

/// Source  ECMA-262, Number::toString with radix 10.
std::string ecmascript_text(double d) {
  if (d == 0) return "0";  // -0 as well
  constexpr int kPlainTo = 21;
  constexpr int kPlainFrom = -6;
  const internal::Shortest s = internal::shortest_of(d);
  std::string out = s.negative ? "-" : "";
  if (s.point > 0 && s.point <= kPlainTo) {
    const auto point = static_cast<std::size_t>(s.point);
    if (s.digits.size() <= point) return out + s.digits + std::string(point - s.digits.size(), '0');
    return out + s.digits.substr(0, point) + "." + s.digits.substr(point);
  }
  if (s.point > kPlainFrom && s.point <= 0) {
    return out + "0." + std::string(static_cast<std::size_t>(-s.point), '0') + s.digits;
  }
  out += s.digits.front();
  if (s.digits.size() > 1) out += "." + s.digits.substr(1);
  const int exponent = s.point - 1;
  return out + (exponent < 0 ? "e" : "e+") + std::to_string(exponent);
}

/// Order of UTF-16 code units over UTF-8 text. It differs from byte order in one place only: the
/// surrogates of U+10000 and above (lead bytes F0 to F4) sort below U+E000 to U+FFFF (EE and EF).
bool utf16_less(std::string_view a, std::string_view b) {
  const auto [x, y] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (x == a.end() || y == b.end()) return x == a.end() && y != b.end();
  const auto left = static_cast<std::uint8_t>(*x);
  const auto right = static_cast<std::uint8_t>(*y);
  const bool left_pair = left >= 0xF0;
  if (left >= 0xEE && right >= 0xEE && left_pair != (right >= 0xF0)) return left_pair;
  return left < right;
}

class Canonicaliser {
 public:
  Result<void> value(const Value& v) {
    if (const Object* o = v.as_object(); o != nullptr) return object(*o);
    if (const Array* a = v.as_array(); a != nullptr) return array(*a);
    if (const std::string* s = v.as_string(); s != nullptr) return text(*s);
    if (const Number* n = v.as_number(); n != nullptr) return number(*n);
    if (const bool* b = v.as_bool(); b != nullptr) {
      out_ += *b ? "true" : "false";
    } else {
      out_ += "null";
    }
    return {};
  }
  std::string take() && { return std::move(out_); }

 private:
  Result<void> number(const Number& n) {
    const double d = n.as_double();
    if (!std::isfinite(d)) {
      return Error(Errc::json_not_canonicalisable, "a number beyond the range of a double");
    }
    out_ += ecmascript_text(d);
    return {};
  }

  Result<void> text(std::string_view s) {
    if (!codec::is_utf8(as_bytes(s))) {
      return Error(Errc::json_not_canonicalisable, "a string that is not UTF-8");
    }
    append_quoted(out_, s);
    return {};
  }

  Result<void> array(const Array& a) {
    out_ += '[';
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (i > 0) out_ += ',';
      TRY_VOID(value(a[i]));
    }
    out_ += ']';
    return {};
  }

  Result<void> object(const Object& o) {
    std::vector<const Member*> members;
    members.reserve(o.size());
    for (const Member& m : o) {
      members.push_back(&m);
    }
    std::sort(members.begin(), members.end(),
              [](const Member* a, const Member* b) { return utf16_less(a->name, b->name); });
    out_ += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0 && members[i]->name == members[i - 1]->name) {
        return Error(Errc::json_not_canonicalisable, "a member name is repeated");
      }
      if (i > 0) out_ += ',';
      TRY_VOID(text(members[i]->name));
      out_ += ':';
      TRY_VOID(value(members[i]->value));
    }
    out_ += '}';
    return {};
  }

  std::string out_;
};

}  // namespace

Result<std::string> canonicalise(const Value& value) {
  Canonicaliser canonicaliser;
  TRY_VOID(canonicaliser.value(value));
  return std::move(canonicaliser).take();
}

}  // namespace trustee::json
