#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace trustee::config::internal {

/// What reading a document found: the first error, and warnings for the log.
struct Report {
  /// The file is one of a release before `admin.authorization_mode`: keys that meant something then
  /// mean it still.
  bool old_file = false;
  std::optional<Error> error;
  std::vector<std::string> warnings;

  void fail(Error e) {
    if (!error) error = std::move(e);
  }
  /// `key` is an old form of what `instead` says.
  void translated(std::string_view key, std::string_view instead) {
    warnings.push_back("`" + std::string(key) + "` is an old form; write " + std::string(instead));
  }
  /// `key` gave `what` a place of its own; in the unified storage that is `place`. `first`: what
  /// else to write.
  void moved(std::string_view key, std::string_view what, std::string_view place,
             std::string_view first = "");
  /// An old file lacks `key`, which in its release meant `meaning`.
  void assumed(std::string_view key, std::string_view meaning, std::string_view what,
               std::string_view place);
  /// `key` does nothing; `instead` says what to do.
  void without_effect(std::string_view key, std::string_view instead) {
    warnings.push_back("`" + std::string(key) + "` has no effect; " + std::string(instead));
  }
};

/// Reads one table key by key, in the manner of a sticky cursor: a wrong type is noted in the
/// report and the target keeps its default. `finish` names the keys nobody asked for.
class Section {
 public:
  /// `table` may be null: every key is then absent.
  Section(const json::Object* table, std::string path, Report& report)
      : table_(table), path_(std::move(path)), report_(report) {}

  bool present() const { return table_ != nullptr; }
  bool has(std::string_view key) const { return table_ != nullptr && table_->contains(key); }
  const std::string& path() const { return path_; }

  void text(std::string_view key, std::string& out);
  void text(std::string_view key, std::optional<std::string>& out);
  /// A text that may also be written as a bare TOML integer or float is still a text here: no.
  void boolean(std::string_view key, bool& out);
  void integer(std::string_view key, std::int64_t& out);
  /// Within [min, max], else invalid_value.
  void count(std::string_view key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
  void texts(std::string_view key, std::vector<std::string>& out);
  /// Marks the key as known and returns its value, or null.
  const json::Value* any(std::string_view key);
  /// The sub-table `key`; not present when absent or null.
  Section child(std::string_view key);
  /// The sub-tables of the array `key`.
  std::vector<Section> children(std::string_view key);
  /// Notes missing_key unless the key is there.
  void require(std::string_view key);
  /// One of the `names`; its index goes to `out`. invalid_value lists what is allowed.
  void choice(std::string_view key, std::span<const std::string_view> names, std::size_t& out);
  void fail(std::string_view key, Error error);

  /// Unknown keys become warnings with the nearest known key, or errors when `strict`.
  void finish(bool strict = false);
  /// The path of a key, for texts.
  std::string full(std::string_view key) const;

 private:
  const json::Value* take(std::string_view key);
  void wrong_type(std::string_view key, std::string_view wanted, const json::Value& got);

  const json::Object* table_;
  std::string path_;
  Report& report_;
  std::vector<std::string> known_;
};

}  // namespace trustee::config::internal
