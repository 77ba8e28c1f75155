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

  void advance() { ++at_; }

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

/// The string that the literal `quoted` stands for.
Result<std::string> text_of(std::string_view quoted) {
  if (quoted.find('\\') == std::string_view::npos) {
    return std::string(quoted.substr(1, quoted.size() - 2));
  }
  TRY(const Value literal, parse(quoted));
  return *literal.as_string();
}

}  // namespace

Result<std::vector<RawMember>> raw_members(std::string_view text, Limits limits) {
  TRY(const Value whole, parse(text, Duplicates::refuse, limits));
  TRY_VOID(object_of(whole, "the document"));
  std::vector<RawMember> out;
  Scanner scanner(text);
  scanner.skip(kSpace);
  scanner.skip("{");
  scanner.skip(kSpace);
  while (scanner.peek() == '"') {
    TRY(std::string name, text_of(scanner.value()));
    scanner.skip(" \t\r\n:");
    out.push_back({std::move(name), scanner.value()});
    scanner.skip(" \t\r\n,");
  }
  return out;
}

Result<std::string_view> raw_member(std::string_view text, std::string_view name, Limits limits) {
  TRY(const auto members, raw_members(text, limits));
  for (const RawMember& member : members) {
    if (member.name == name) return member.value;
  }
  return Error(codec::Errc::json_missing_member, std::string(name) + " is missing");
}

Result<std::vector<std::string_view>> raw_elements(std::string_view text, Limits limits) {
  TRY(const Value whole, parse(text, Duplicates::refuse, limits));
  if (whole.as_array() == nullptr) {
    return Error(codec::Errc::json_wrong_type, "the document is no array");
  }
  std::vector<std::string_view> out;
  Scanner scanner(text);
  scanner.skip(kSpace);
  scanner.advance();
  for (std::size_t i = 0; i < whole.as_array()->size(); ++i) {
    scanner.skip(" \t\r\n,");
    out.push_back(scanner.value());
  }
  return out;
}

}  // namespace trustee::json
