#include "store/internal/json_index.h"

#include <fcntl.h>

#include <utility>

#include "base/secret.h"
#include "base/try.h"

namespace trustee::store {
namespace {

/// Tries when another program rewrites the file in place while we read it.
constexpr int kReadTries = 5;

Result<Stamp> existing_stamp(const std::string& path) {
  TRY(const auto stamp, stamp_at(AT_FDCWD, path));
  if (!stamp.has_value()) return Error(kv::Errc::io, path + " is gone");
  return *stamp;
}

}  // namespace

Result<JsonIndex::State> JsonIndex::load() {
  MutexLock lock(mutex_);
  TRY(const Stamp now, existing_stamp(path_));
  if (state_.entries == nullptr || now != state_.stamp) {
    TRY_VOID(read_again());
  }
  return state_;
}

Result<void> JsonIndex::read_again() {
  for (int i = 1;; ++i) {
    TRY(const Stamp before, existing_stamp(path_));
    TRY(auto text, read_file(AT_FDCWD, path_, kMaxJsonFileBytes));
    if (!text.has_value()) return Error(kv::Errc::io, path_ + " is gone");
    TRY(const Stamp after, existing_stamp(path_));
    if (before != after && i < kReadTries) continue;
    auto entries = parse_json_entries(as_text(*text));
    wipe(text->data(), text->size());
    if (!entries.ok()) return std::move(entries).error().while_doing("reading " + path_);
    // With `before`, a change that came while we read is noticed by the next stat.
    state_ = {std::make_shared<const JsonEntries>(std::move(entries).value()), state_.version + 1,
              before};
    return {};
  }
}

void JsonIndex::replace(JsonEntries entries, const Stamp& stamp) {
  MutexLock lock(mutex_);
  state_ = {std::make_shared<const JsonEntries>(std::move(entries)), state_.version + 1, stamp};
}

}  // namespace trustee::store
