#include "apps/operator/go_flags.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace trustee::apps {
namespace {

/// The words that the library takes for truth values.
std::optional<bool> truth_in(std::string_view text) {
  constexpr std::array<std::string_view, 6> kTrue{"1", "t", "T", "true", "TRUE", "True"};
  constexpr std::array<std::string_view, 6> kFalse{"0", "f", "F", "false", "FALSE", "False"};
  if (std::ranges::find(kTrue, text) != kTrue.end()) return true;
  if (std::ranges::find(kFalse, text) != kFalse.end()) return false;
  return std::nullopt;
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// Whether `given` is one of the words, whatever its letter case; if so, `value` is that word.
bool is_choice(const std::string& given, const std::vector<std::string_view>& words,
               std::string& value) {
  std::string word = given;
  std::ranges::transform(word, word.begin(), small);
  if (std::ranges::find(words, word) == words.end()) return false;
  value = word;
  return true;
}

/// A whole number above 0 as the library's language reads them.
bool is_positive(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number > 0;
}

}  // namespace

void GoFlags::text(std::string name, std::string& value, std::string help) {
  flags_.push_back(
      {std::move(name), std::move(help), value, false, [&value](const std::string& given) {
         value = given;
         return true;
       }});
}

void GoFlags::truth(std::string name, bool& value, std::string help) {
  flags_.push_back({std::move(name), std::move(help), value ? "true" : "false", true,
                    [&value](const std::string& given) {
                      const auto read = truth_in(given);
                      if (read.has_value()) value = *read;
                      return read.has_value();
                    }});
}

void GoFlags::choice(std::string name, std::string& value, std::vector<std::string_view> words,
                     std::string help) {
  flags_.push_back({std::move(name), std::move(help), value, false,
                    [&value, words = std::move(words)](const std::string& given) {
                      return is_choice(given, words, value);
                    }});
}

void GoFlags::level(std::string name, std::string& value, std::vector<std::string_view> words,
                    std::string help) {
  flags_.push_back({std::move(name), std::move(help), value, false,
                    [&value, words = std::move(words)](const std::string& given) {
                      if (is_choice(given, words, value)) return true;
                      if (!is_positive(given)) return false;
                      value = given;
                      return true;
                    }});
}

GoFlags::Flag* GoFlags::find(std::string_view name) {
  const auto found = std::ranges::find(flags_, name, &Flag::name);
  return found == flags_.end() ? nullptr : &*found;
}

bool GoFlags::set(const std::string& word, const std::string* next, bool& took_next,
                  std::string& problem) {
  const std::string body = word.substr(word.starts_with("--") ? 2 : 1);
  const std::size_t equals = body.find('=');
  const std::string name = body.substr(0, equals);
  if (name.empty() || name.starts_with('-')) {
    problem = "bad flag syntax: " + word;
    return false;
  }
  Flag* flag = find(name);
  if (flag == nullptr) {
    problem = "flag provided but not defined: -" + name;
    return false;
  }
  std::string value = "true";
  if (equals != std::string::npos) {
    value = body.substr(equals + 1);
  } else if (!flag->is_truth) {
    if (next == nullptr) {
      problem = "flag needs an argument: -" + name;
      return false;
    }
    value = *next;
    took_next = true;
  }
  if (flag->set(value)) return true;
  problem = flag->is_truth
                ? "invalid boolean value \"" + value + "\" for -" + name + ": parse error"
                : "invalid value \"" + value + "\" for flag -" + name;
  return false;
}

GoFlags::Reading GoFlags::read(const std::vector<std::string>& words, std::string& problem) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word.front() != '-' || word == "--") return Reading::done;
    if (word == "-h" || word == "--h" || word == "-help" || word == "--help") {
      return Reading::help;
    }
    bool took_next = false;
    const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
    if (!set(word, next, took_next, problem)) return Reading::wrong;
    if (took_next) ++i;
  }
  return Reading::done;
}

std::string GoFlags::usage() const {
  constexpr std::size_t kColumn = 40;
  std::string out = description_ + "\nUsage: " + program_ + " [OPTIONS]\n\nOptions:\n";
  for (const Flag& flag : flags_) {
    std::string line = "  --" + flag.name + (flag.is_truth ? "[=BOOL]" : " TEXT");
    if (!flag.initial.empty()) line += " [" + flag.initial + ']';
    line.resize(std::max(line.size() + 2, kColumn), ' ');
    out += line + flag.help + '\n';
  }
  return out;
}

}  // namespace trustee::apps
