#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trustee::apps {

/// Command lines as the Go library `flag` reads them: `-x`, `--x`, `--x=v`, `--x v`; truth values
/// need `=`. Source: operator.md section 6.1.
class GoFlags {
 public:
  GoFlags(std::string program, std::string description)
      : program_(std::move(program)), description_(std::move(description)) {}

  void text(std::string name, std::string& value, std::string help);
  void truth(std::string name, bool& value, std::string help);
  /// One of some words, in any letter case; the value is in small letters, as the words are.
  /// Lifetime: the words are literals.
  void choice(std::string name, std::string& value, std::vector<std::string_view> words,
              std::string help);
  /// The same, or a whole number above 0.
  void level(std::string name, std::string& value, std::vector<std::string_view> words,
             std::string help);

  enum class Reading : std::uint8_t { done, help, wrong };
  /// Reads up to the first word that is no flag. Shape: `problem` holds why it is wrong.
  Reading read(const std::vector<std::string>& words, std::string& problem);
  /// What `--help` prints.
  std::string usage() const;

 private:
  struct Flag {
    std::string name;
    std::string help;
    std::string initial;
    bool is_truth = false;
    std::function<bool(const std::string&)> set;  ///< false: no such value
  };
  Flag* find(std::string_view name);
  bool set(const std::string& word, const std::string* next, bool& took_next, std::string& problem);

  std::string program_;
  std::string description_;
  std::vector<Flag> flags_;
};

}  // namespace trustee::apps
