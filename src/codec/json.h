#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "codec/errors.h"

namespace trustee::json {

class Value;
struct Member;

/// A JSON number as its text, so that `1.00`, 2^63 and 20-digit integers survive a round trip. The
/// text always matches the JSON grammar.
class Number {
 public:
  Number() : text_("0") {}
  explicit(false) Number(std::int64_t n);
  explicit(false) Number(std::uint64_t n);
  explicit(false) Number(int n) : Number(static_cast<std::int64_t>(n)) {}
  /// `d` must be finite; written as serde_json writes an f64: shortest digits, with `.0` or, below
  /// 1e-5 and from 1e16 on, with a signed exponent (`1e+16`, `1e-7`). Errors: json_syntax.
  static Result<Number> from_double(double d);
  /// `text` must match the JSON number grammar. Kept as it is but for the exponent, which is
  /// written `e+2` or `e-2` as serde_json does. Errors: json_syntax.
  static Result<Number> from_text(std::string_view text);

  const std::string& text() const { return text_; }
  bool is_integer() const;                     ///< no fraction and no exponent in the text
  std::optional<std::int64_t> as_i64() const;  ///< only integers in range
  std::optional<std::uint64_t> as_u64() const;
  double as_double() const;  ///< nearest double; may be infinite
  friend bool operator==(const Number&, const Number&) = default;  ///< by text

 private:
  std::string text_;
};

using Array = std::vector<Value>;

/// Members in the order they were read or added. Lookups are linear: fine for wire objects, and
/// `Reader` detects duplicates without being quadratic.
class Object {
 public:
  Object() noexcept;
  Object(std::initializer_list<Member> members);
  Object(const Object& other);
  Object(Object&& other) noexcept;
  Object& operator=(const Object& other);
  Object& operator=(Object&& other) noexcept;
  ~Object();

  /// The value under `key`, or null when there is none.
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  bool contains(std::string_view key) const { return find(key) != nullptr; }
  /// Replaces or appends.
  void set(std::string_view key, Value value);
  /// Appends without looking for the key: O(1). The caller knows that it is new.
  void append(std::string key, Value value);
  /// Removes and returns.
  std::optional<Value> remove(std::string_view key);

  std::size_t size() const;
  bool empty() const;
  auto begin() const { return members_.begin(); }
  auto end() const { return members_.end(); }
  auto begin() { return members_.begin(); }
  auto end() { return members_.end(); }
  /// Sorts the members by the bytes of their names, here and in all nested objects.
  void sort_deep();

 private:
  std::vector<Member> members_;
};

/// A JSON value. What it can hold converts to it, so that objects nest in braces. Copies deeply,
/// compares deeply (object members in any order, numbers by text). Destruction and copying are safe
/// at any depth the reader admits (Limits::depth).
class Value {
 public:
  Value() = default;  ///< null
  explicit(false) Value(std::nullptr_t) {}
  explicit(false) Value(bool b) : v_(b) {}
  explicit(false) Value(Number n) : v_(std::move(n)) {}
  explicit(false) Value(int n) : v_(Number(n)) {}
  explicit(false) Value(std::int64_t n) : v_(Number(n)) {}
  explicit(false) Value(std::uint64_t n) : v_(Number(n)) {}
  explicit(false) Value(std::string s) : v_(std::move(s)) {}
  explicit(false) Value(std::string_view s) : v_(std::string(s)) {}
  explicit(false) Value(const char* s) : v_(std::string(s)) {}
  explicit(false) Value(Array a) : v_(std::move(a)) {}
  explicit(false) Value(Object o) : v_(std::move(o)) {}

  bool is_null() const { return std::holds_alternative<std::monostate>(v_); }
  const bool* as_bool() const { return std::get_if<bool>(&v_); }
  const Number* as_number() const { return std::get_if<Number>(&v_); }
  const std::string* as_string() const { return std::get_if<std::string>(&v_); }
  const Array* as_array() const { return std::get_if<Array>(&v_); }
  const Object* as_object() const { return std::get_if<Object>(&v_); }
  bool* as_bool() { return std::get_if<bool>(&v_); }
  Number* as_number() { return std::get_if<Number>(&v_); }
  std::string* as_string() { return std::get_if<std::string>(&v_); }
  Array* as_array() { return std::get_if<Array>(&v_); }
  Object* as_object() { return std::get_if<Object>(&v_); }

  /// `null`, `boolean`, `number`, `string`, `array` or `object`.
  std::string_view kind() const;
  /// The value at an RFC 6901 JSON pointer, or null (the pointer kind) when there is none.
  const Value* at_pointer(std::string_view pointer) const;

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, Number, std::string, Array, Object> v_;
};

struct Member {
  std::string name;
  Value value;
};

// Here, because only now a Member is complete.
inline Object::Object() noexcept = default;
inline Object::Object(const Object& other) = default;
inline Object::Object(Object&& other) noexcept = default;
inline Object& Object::operator=(const Object& other) = default;
inline Object& Object::operator=(Object&& other) noexcept = default;
inline Object::~Object() = default;
inline std::size_t Object::size() const { return members_.size(); }
inline bool Object::empty() const { return members_.empty(); }

/// Bounds of one document; exceeding one is `json_too_large`, `json_too_deep`.
struct Limits {
  std::size_t bytes = 4U << 20U;
  std::size_t depth = 64;          ///< open arrays and objects; at most kDepthCeiling counts
  std::size_t values = 1U << 20U;  ///< all values, containers included
};

/// No Limits::depth goes beyond this: copying, comparing and destroying a Value recurse.
inline constexpr std::size_t kDepthCeiling = 512;

/// What a repeated member name means.
enum class Duplicates : std::uint8_t {
  refuse,     ///< `json_duplicate_member`: the rule for typed wire objects
  last_wins,  ///< as serde_json's generic value: the rule for free-form values
};

/// Reads one JSON text (RFC 8259), strictly: UTF-8 only, no lone surrogates, no trailing text, no
/// NaN; a number whose magnitude exceeds the range of a double is refused.
/// Errors  json_syntax (detail has the offset), json_too_large, json_too_deep,
///         json_duplicate_member.
Result<Value> parse(std::string_view text, Duplicates duplicates = Duplicates::refuse,
                    Limits limits = {});

/// The exact text of one member's value of a top-level object, e.g. the signed `tcbInfo` of Intel's
/// documents. The whole text is checked as by `parse`. Lifetime: views into `text`.
/// Errors  as parse; json_missing_member.
Result<std::string_view> raw_member(std::string_view text, std::string_view name,
                                    Limits limits = {});

/// A member as it stands in the text.
struct RawMember {
  std::string name;        ///< escapes undone
  std::string_view value;  ///< its exact text
};
/// All members of a top-level object in their order. Lifetime, errors: as raw_member.
Result<std::vector<RawMember>> raw_members(std::string_view text, Limits limits = {});
/// The exact texts of the elements of a top-level array. Lifetime: views into `text`.
/// Errors  as parse; json_wrong_type.
Result<std::vector<std::string_view>> raw_elements(std::string_view text, Limits limits = {});

/// Compact text as serde_json writes it: members in their order, no white space, `"\u00XX"` with
/// lower-case hex for control characters other than \b \t \n \f \r, `/` and non-ASCII not escaped.
std::string write(const Value& value);
/// The same with the members of every object sorted by name (Rust's default map).
std::string write_sorted(const Value& value);
/// For people: two blanks of indentation, `: ` after names, members in their order.
std::string write_pretty(const Value& value);
/// RFC 8785. Numbers are read as doubles and written as ECMAScript does.
/// Errors  json_not_canonicalisable (a number that is no finite double).
Result<std::string> canonicalise(const Value& value);
/// Appends `text`, which is UTF-8, as a JSON string literal, quotes included, escaped as `write`
/// does.
void append_quoted(std::string& out, std::string_view text);

// Typed access with the reason in the error: the member must exist and have the type.
// Errors  json_missing_member, json_wrong_type; the detail names the member.
Result<const Object*> object_of(const Value& value, std::string_view what);
Result<const Value*> member(const Object& object, std::string_view name);
Result<const std::string*> string_member(const Object& object, std::string_view name);
Result<std::uint64_t> u64_member(const Object& object, std::string_view name);
Result<std::int64_t> i64_member(const Object& object, std::string_view name);
Result<bool> bool_member(const Object& object, std::string_view name);
Result<const Object*> object_member(const Object& object, std::string_view name);
Result<const Array*> array_member(const Object& object, std::string_view name);

}  // namespace trustee::json
