#include "config/internal/section.h"

#include <algorithm>

#include "config/errors.h"

namespace trustee::config::internal {
namespace {

// Levenshtein distance, for "did you mean".
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0U : 1U);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, change});
    }
  }
  return row[b.size()];
}

std::string in_storage(std::string_view what, std::string_view place) {
  return "[storage_backend] storage_type = \"LocalFs\", and put " + std::string(what) + " into " +
         std::string(place) + " of its directory";
}

std::string nearest(std::string_view key, const std::vector<std::string>& known) {
  const std::string* best = nullptr;
  std::size_t best_distance = 4;  // farther names are no help
  for (const auto& k : known) {
    if (const std::size_t d = distance(key, k); d < best_distance) {
      best_distance = d;
      best = &k;
    }
  }
  return best == nullptr ? std::string() : *best;
}

}  // namespace

void Report::moved(std::string_view key, std::string_view what, std::string_view place,
                   std::string_view first) {
  translated(key, std::string(first) + in_storage(what, place));
}

void Report::assumed(std::string_view key, std::string_view meaning, std::string_view what,
                     std::string_view place) {
  warnings.push_back("`" + std::string(key) + "` is absent from this old file: " +
                     std::string(meaning) + "; write " + in_storage(what, place));
}

std::string Section::full(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

const json::Value* Section::take(std::string_view key) {
  known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->find(key);
}

void Section::wrong_type(std::string_view key, std::string_view wanted, const json::Value& got) {
  report_.fail(Error(Errc::wrong_type, full(key) + ": wanted " + std::string(wanted) + ", got " +
                                           std::string(got.kind())));
}

void Section::fail(std::string_view key, Error error) {
  report_.fail(std::move(error).while_doing("reading " + full(key)));
}

void Section::text(std::string_view key, std::string& out) {
  std::optional<std::string> value;
  text(key, value);
  if (value) out = std::move(*value);
}

void Section::text(std::string_view key, std::optional<std::string>& out) {
  const json::Value* value = take(key);
  if (value == nullptr || value->is_null()) return;
  if (const std::string* s = value->as_string()) {
    out = *s;
  } else {
    wrong_type(key, "a string", *value);
  }
}

void Section::boolean(std::string_view key, bool& out) {
  const json::Value* value = take(key);
  if (value == nullptr || value->is_null()) return;
  if (const bool* b = value->as_bool()) {
    out = *b;
  } else {
    wrong_type(key, "true or false", *value);
  }
}

void Section::integer(std::string_view key, std::int64_t& out) {
  const json::Value* value = take(key);
  if (value == nullptr || value->is_null()) return;
  const json::Number* number = value->as_number();
  const auto n = number == nullptr ? std::nullopt : number->as_i64();
  if (n) {
    out = *n;
  } else {
    wrong_type(key, "an integer", *value);
  }
}

void Section::count(std::string_view key, std::uint64_t& out, std::uint64_t min,
                    std::uint64_t max) {
  std::int64_t n = static_cast<std::int64_t>(std::clamp(out, min, max));
  integer(key, n);
  if (n < 0 || static_cast<std::uint64_t>(n) < min || static_cast<std::uint64_t>(n) > max) {
    report_.fail(Error(Errc::invalid_value, full(key) + ": " + std::to_string(n) +
                                                " is not within " + std::to_string(min) + " and " +
                                                std::to_string(max)));
    return;
  }
  out = static_cast<std::uint64_t>(n);
}

void Section::texts(std::string_view key, std::vector<std::string>& out) {
  const json::Value* value = take(key);
  if (value == nullptr || value->is_null()) return;
  const json::Array* array = value->as_array();
  if (array == nullptr) return wrong_type(key, "an array of strings", *value);
  std::vector<std::string> texts;
  for (const auto& item : *array) {
    const std::string* s = item.as_string();
    if (s == nullptr) return wrong_type(key, "an array of strings", item);
    texts.push_back(*s);
  }
  out = std::move(texts);
}

const json::Value* Section::any(std::string_view key) { return take(key); }

Section Section::child(std::string_view key) {
  const json::Value* value = take(key);
  const json::Object* table = nullptr;
  if (value != nullptr && !value->is_null()) {
    table = value->as_object();
    if (table == nullptr) wrong_type(key, "a table", *value);
  }
  return {table, full(key), report_};
}

std::vector<Section> Section::children(std::string_view key) {
  std::vector<Section> out;
  const json::Value* value = take(key);
  if (value == nullptr || value->is_null()) return out;
  const json::Array* array = value->as_array();
  if (array == nullptr) {
    wrong_type(key, "an array of tables", *value);
    return out;
  }
  for (const auto& item : *array) {
    const json::Object* table = item.as_object();
    if (table == nullptr) wrong_type(key, "an array of tables", item);
    out.emplace_back(table, full(key) + "[" + std::to_string(out.size()) + "]", report_);
  }
  return out;
}

void Section::require(std::string_view key) {
  if (has(key) && !table_->find(key)->is_null()) return;
  report_.fail(Error(Errc::missing_key, "missing field `" + std::string(key) + "`" +
                                            (path_.empty() ? "" : " in [" + path_ + "]")));
}

void Section::choice(std::string_view key, std::span<const std::string_view> names,
                     std::size_t& out) {
  std::optional<std::string> value;
  text(key, value);
  if (!value) return;
  std::string allowed;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (*value == names[i]) {
      out = i;
      return;
    }
    allowed += (i == 0 ? "`" : ", `") + std::string(names[i]) + "`";
  }
  report_.fail(Error(Errc::invalid_value,
                     full(key) + ": unknown variant `" + *value + "`, expected one of " + allowed));
}

void Section::finish(bool strict) {
  if (table_ == nullptr) return;
  for (const auto& m : *table_) {
    if (std::find(known_.begin(), known_.end(), m.name) != known_.end()) continue;
    const std::string near = nearest(m.name, known_);
    const std::string hint = near.empty() ? "" : "; did you mean `" + near + "`?";
    if (strict) {
      report_.fail(Error(Errc::unknown_key, "unknown field `" + full(m.name) + "`" + hint));
    } else {
      report_.warnings.push_back("unknown key `" + full(m.name) + "` is ignored" + hint);
    }
  }
}

}  // namespace trustee::config::internal
