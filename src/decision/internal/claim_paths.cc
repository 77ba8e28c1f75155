#include "decision/internal/claim_paths.h"

#include <algorithm>

#include "codec/printable.h"

namespace trustee::decision::internal {

namespace {

bool is_plain(const std::string& name) {
  return !name.empty() && name.find_first_of(".[]\" ") == std::string::npos &&
         codec::printable(name) == name;
}

void collect_leaves(const json::Value& value, Path& path, std::size_t limit,
                    std::vector<Leaf>& out) {
  if (out.size() >= limit) return;
  if (const json::Object* object = value.as_object(); object != nullptr) {
    for (const json::Member& member : *object) {
      path.emplace_back(member.name);
      collect_leaves(member.value, path, limit, out);
      path.pop_back();
    }
  } else if (const json::Array* array = value.as_array(); array != nullptr) {
    for (std::size_t i = 0; i < array->size(); ++i) {
      path.emplace_back(i);
      collect_leaves((*array)[i], path, limit, out);
      path.pop_back();
    }
  } else if (!value.is_null()) {
    out.push_back({path, value});
  }
}

void collect_members(const json::Value& value, Path& path, std::size_t depth, std::size_t limit,
                     std::vector<Path>& out) {
  const json::Object* object = value.as_object();
  if (object == nullptr || depth == 0) return;
  for (const json::Member& member : *object) {
    if (out.size() >= limit) return;
    path.emplace_back(member.name);
    out.push_back(path);
    collect_members(member.value, path, depth - 1, limit, out);
    path.pop_back();
  }
}

json::Value* child(json::Value& value, const Segment& segment) {
  if (const auto* name = std::get_if<std::string>(&segment); name != nullptr) {
    json::Object* object = value.as_object();
    return object == nullptr ? nullptr : object->find(*name);
  }
  json::Array* array = value.as_array();
  const std::size_t index = *std::get_if<std::size_t>(&segment);
  return array == nullptr || index >= array->size() ? nullptr : &(*array)[index];
}

}  // namespace

std::string to_string(const Path& path) {
  std::string out;
  for (const Segment& segment : path) {
    if (const auto* index = std::get_if<std::size_t>(&segment); index != nullptr) {
      out += "[" + std::to_string(*index) + "]";
      continue;
    }
    const auto& name = *std::get_if<std::string>(&segment);
    if (is_plain(name)) {
      out += (out.empty() ? "" : ".") + name;
    } else {
      out += '[';
      codec::append_printable_quoted(out, name);
      out += ']';
    }
  }
  return out;
}

std::vector<Leaf> leaves_of(const json::Value& document, std::size_t limit) {
  std::vector<Leaf> out;
  Path path;
  collect_leaves(document, path, limit, out);
  return out;
}

std::vector<Path> members_of(const json::Value& document, std::size_t depth, std::size_t limit) {
  std::vector<Path> out;
  Path path;
  collect_members(document, path, depth, limit, out);
  return out;
}

void set_claim(json::Value& document, const Path& path, const json::Value* value) {
  json::Value* at = &document;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    const auto* name = std::get_if<std::string>(&path[i]);
    if (last && value == nullptr && name != nullptr && at->as_object() != nullptr) {
      (void)at->as_object()->remove(*name);
      return;
    }
    at = child(*at, path[i]);
    if (at == nullptr) return;
  }
  *at = value == nullptr ? json::Value() : *value;
}

json::Value with_claim(const json::Value& document, const Path& path, const json::Value* value) {
  json::Value out = document;
  set_claim(out, path, value);
  return out;
}

json::Value another_value(const json::Value& value, bool larger) {
  if (const bool* flag = value.as_bool(); flag != nullptr) return !*flag;
  if (const json::Number* number = value.as_number(); number != nullptr) {
    constexpr std::int64_t kFar = 1'000'003;
    const std::int64_t base = number->as_i64().value_or(0);
    if (base > INT64_MAX / 2 || base < INT64_MIN / 2) return std::int64_t{0};
    return base + (larger ? kFar : -kFar);
  }
  const std::string* text = value.as_string();
  return (larger ? "~" : "!") + (text == nullptr ? std::string() : *text);
}

namespace {

/// Takes the literals out of one policy, front to back.
class LiteralScan {
 public:
  LiteralScan(std::string_view text, std::size_t limit) : text_(text), limit_(limit) {}

  std::vector<json::Value> run() {
    while (at_ < text_.size() && out_.size() < limit_) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.size(), text_.find('\n', at_));
      } else if (c == '"') {
        take_text();
      } else if (is_digit(c) && !in_word_) {
        take_number();
      } else {
        in_word_ = is_word(c);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_word(char c) {
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  void take_text() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '"' && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2U : 1U;
    }
    end = std::min(end + 1, text_.size());
    if (!is_name(at_, end)) add(text_.substr(at_, end - at_));
    at_ = end;
    in_word_ = false;
  }

  /// Whether the text between is a member's name (`x["name"]`) or a reference value's, and so
  /// nothing a claim is compared with. Keys of objects are not names: tables are looked up by
  /// claims.
  bool is_name(std::size_t start, std::size_t end) const {
    const std::string_view before = text_.substr(0, start);
    if (before.ends_with("query_reference_value(")) return true;
    if (!before.ends_with('[') || end >= text_.size() || text_[end] != ']') return false;
    const std::string_view owner = before.substr(0, before.size() - 1);
    const bool is_list =
        owner.ends_with("in") && (owner.size() == 2 || !is_word(owner[owner.size() - 3]));
    return !is_list && !owner.empty() && (is_word(owner.back()) || owner.back() == ']');
  }

  void take_number() {
    const std::size_t start = at_ > 0 && text_[at_ - 1] == '-' ? at_ - 1 : at_;
    while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) {
      ++at_;
    }
    add(text_.substr(start, at_ - start));
  }

  void add(std::string_view literal) {
    auto value = json::parse(literal);
    if (!value.ok()) return;
    if (std::find(out_.begin(), out_.end(), *value) == out_.end()) {
      out_.push_back(std::move(*value));
    }
  }

  std::string_view text_;
  std::size_t limit_;
  std::size_t at_ = 0;
  bool in_word_ = false;
  std::vector<json::Value> out_;
};

}  // namespace

std::vector<json::Value> literals_of(std::string_view policy_text, std::size_t limit) {
  return LiteralScan(policy_text, limit).run();
}

}  // namespace trustee::decision::internal
