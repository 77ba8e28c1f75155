#include "operator/internal/toml_scan.h"

#include <algorithm>
#include <utility>

#include "base/try.h"
#include "operator/errors.h"
#include "toml/toml.h"

namespace trustee::operators::internal {
namespace {

using Path = std::vector<std::string>;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  Result<std::vector<TomlItem>> run() {
    while (true) {
      skip_blank_lines();
      if (at_end()) {
        return std::move(items_);
      }
      TRY_VOID(expression());
    }
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  char here() const { return at_end() ? '\0' : text_[at_]; }
  bool starts(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool here_is_one_of(std::string_view characters) const {
    return !at_end() && characters.find(text_[at_]) != std::string_view::npos;
  }
  static Error lost() { return {Errc::toml_not_editable, "unexpected form"}; }

  void skip_blanks() {
    while (here() == ' ' || here() == '\t') {
      ++at_;
    }
  }
  void skip_blank_lines() {
    while (here_is_one_of(" \t\r\n")) {
      ++at_;
    }
  }
  void skip_to_line_end() { at_ = std::min(text_.find('\n', at_), text_.size()); }

  Result<void> expression() {
    TomlItem item;
    const auto line = text_.rfind('\n', at_);
    item.begin = line == std::string_view::npos || at_ == 0 ? 0 : line + 1;
    if (here() == '#') {
      skip_to_line_end();
    } else if (here() == '[') {
      TRY_VOID(header(item));
    } else {
      TRY_VOID(pair(item));
    }
    TRY_VOID(rest_of_line());
    item.end = at_;
    items_.push_back(std::move(item));
    return {};
  }

  Result<void> rest_of_line() {
    skip_blanks();
    if (here() == '#') {
      skip_to_line_end();
    }
    if (here() == '\r') {
      ++at_;
    }
    if (!at_end() && here() != '\n') {
      return lost();
    }
    at_ = std::min(at_ + 1, text_.size());
    return {};
  }

  Result<void> header(TomlItem& item) {
    const bool array = starts("[[");
    at_ += array ? 2 : 1;
    TRY(table_, key_path(']'));
    if (!starts(array ? "]]" : "]")) {
      return lost();
    }
    at_ += array ? 2 : 1;
    if (array) {
      arrays_.push_back(table_);
    }
    in_array_ = std::ranges::any_of(arrays_, [this](const Path& path) {
      return path.size() <= table_.size() && std::equal(path.begin(), path.end(), table_.begin());
    });
    item.kind = array ? TomlItemKind::array_of_tables : TomlItemKind::table;
    item.path = table_;
    item.in_array = in_array_;
    return {};
  }

  Result<void> pair(TomlItem& item) {
    item.kind = TomlItemKind::pair;
    item.in_array = in_array_;
    item.path = table_;
    TRY(auto keys, key_path('='));
    item.path.insert(item.path.end(), keys.begin(), keys.end());
    if (here() != '=') {
      return lost();
    }
    ++at_;
    skip_blanks();
    item.value_begin = at_;
    TRY_VOID(value());
    item.value_end = at_;
    return {};
  }

  /// Dotted keys up to, not over, `stop`.
  Result<Path> key_path(char stop) {
    Path path;
    while (true) {
      skip_blanks();
      TRY(auto part, key());
      path.push_back(std::move(part));
      skip_blanks();
      if (here() == stop) {
        return path;
      }
      if (here() != '.') {
        return lost();
      }
      ++at_;
    }
  }

  Result<std::string> key() {
    const auto begin = at_;
    if (here() == '"' || here() == '\'') {
      TRY_VOID(string());
      return unquoted(text_.substr(begin, at_ - begin));
    }
    while (!at_end() && !here_is_one_of(" \t\r\n.=]\"'#[")) {
      ++at_;
    }
    if (at_ == begin) {
      return lost();
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  static Result<std::string> unquoted(std::string_view quoted) {
    auto read = toml::parse("k = " + std::string(quoted), toml::Foreign::plain);
    const auto* value = read.ok() ? read->find("k") : nullptr;
    if (value == nullptr || value->as_string() == nullptr) {
      return lost();
    }
    return *value->as_string();
  }

  Result<void> string() {
    const char quote = here();
    const std::string triple(3, quote);
    const bool multi = starts(triple);
    at_ += multi ? 3 : 1;
    while (!at_end()) {
      if (quote == '"' && here() == '\\') {
        at_ += 2;
      } else if (multi ? starts(triple) : here() == quote) {
        at_ += multi ? 3 : 1;
        // A multi-line string may end with up to two quotes of its own.
        for (int extra = 0; multi && extra < 2 && here() == quote; ++extra) {
          ++at_;
        }
        return {};
      } else {
        ++at_;
      }
    }
    return lost();
  }

  /// Over one value: strings are followed, brackets are counted, everything else is bytes.
  Result<void> value() {
    std::size_t depth = 0;
    const auto begin = at_;
    while (!at_end()) {
      const char c = here();
      if (c == '"' || c == '\'') {
        TRY_VOID(string());
      } else if (c == '[' || c == '{') {
        ++depth;
        ++at_;
      } else if ((c == ']' || c == '}') && depth > 0) {
        --depth;
        ++at_;
      } else if (c == '#' && depth > 0) {
        skip_to_line_end();
      } else if (depth == 0 && (c == '#' || c == '\n' || c == '\r')) {
        break;
      } else {
        ++at_;
      }
    }
    at_ = std::min(at_, text_.size());
    while (at_ > begin && (text_[at_ - 1] == ' ' || text_[at_ - 1] == '\t')) {
      --at_;
    }
    if (at_ == begin || depth != 0) {
      return lost();
    }
    return {};
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Path table_;
  std::vector<Path> arrays_;
  bool in_array_ = false;
  std::vector<TomlItem> items_;
};

}  // namespace

Result<std::vector<TomlItem>> scan_toml(std::string_view text) { return Scanner(text).run(); }

}  // namespace trustee::operators::internal
