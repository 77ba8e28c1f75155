#include <string>

#include "base/try.h"
#include "codec/json.h"

namespace trustee::json {
namespace {

/// Walks over a text that `parse` has accepted, so the grammar is not checked again.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  void skip(std::string_view any_of) {
    while (!at_end() && any_of.find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }

  /// The text of the value that begins here: a string, a scalar, or a bracketed whole.
  std::string_view value() {
    const std::size_t from = at_;
    std::size_t depth = 0;
    do {
      const char c = peek();
      if (c == '"') {
        string();
        continue;
      }
      if (c == '{' || c == '[') ++depth;
      if (c == '}' || c == ']') --depth;
      ++at_;
    } while (!at_end() && (depth > 0 || !value_ends_before()));
    return text_.substr(from, at_ - from);
  }

 private:
  /// At depth 0, after at least one character: does the value end here?
  bool value_ends_before() const {
    const char last = text_[at_ - 1];
    if (last == '"' || last == '}' || last == ']') return true;
    return std::string_view(" \t\r\n,:}]").find(text_[at_]) != std::string_view::npos;
  }

  void string() {
    ++at_;
    while (!at_end() && text_[at_] != '"') {
      at_ += text_[at_] == '\\' ? 2U : 1U;
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

constexpr std::string_view kSpace = " \t\r\n";

/// Whether the literal `quoted` is the string `name`, escapes undone.
Result<bool> names(std::string_view quoted, std::string_view name) {
  if (quoted.find('\\') == std::string_view::npos) {
    return quoted.substr(1, quoted.size() - 2) == name;
  }
  TRY(const Value literal, parse(quoted));
  return *literal.as_string() == name;
}

}  // namespace

Result<std::string_view> raw_member(std::string_view text, std::string_view name, Limits limits) {
  TRY(const Value whole, parse(text, Duplicates::refuse, limits));
  TRY_VOID(object_of(whole, "the document"));
  Scanner scanner(text);
  scanner.skip(kSpace);
  scanner.skip("{");
  scanner.skip(kSpace);
  while (scanner.peek() == '"') {
    const std::string_view quoted = scanner.value();
    scanner.skip(" \t\r\n:");
    const std::string_view value = scanner.value();
    TRY(const bool found, names(quoted, name));
    if (found) return value;
    scanner.skip(" \t\r\n,");
  }
  return Error(codec::Errc::json_missing_member, std::string(name) + " is missing");
}

}  // namespace trustee::json
