#include "store/internal/json_index.h"

#include <fcntl.h>

#include <utility>

#include "base/secret.h"
#include "base/try.h"

namespace trustee::store {
namespace {

/// Tries when another program rewrites the file in place while we read it.
constexpr int kReadTries = 5;

}  // namespace

void JsonIndex::may_be_absent() {
  MutexLock lock(mutex_);
  may_be_absent_ = true;
}

Result<Stamp> JsonIndex::stamp() {
  TRY(const auto stamp, stamp_at(AT_FDCWD, path_));
  if (!stamp.has_value() && !may_be_absent_) return Error(kv::Errc::io, path_ + " is gone");
  return stamp.value_or(Stamp{});
}

Result<JsonIndex::State> JsonIndex::load() {
  MutexLock lock(mutex_);
  TRY(const Stamp now, stamp());
  if (state_.entries == nullptr || now != state_.stamp) {
    TRY_VOID(read_again());
  }
  return state_;
}

Result<void> JsonIndex::read_again() {
  for (int i = 1;; ++i) {
    TRY(const Stamp before, stamp());
    TRY(auto text, read_file(AT_FDCWD, path_, kMaxJsonFileBytes));
    if (!text.has_value() && !may_be_absent_) return Error(kv::Errc::io, path_ + " is gone");
    if (!text.has_value()) text = to_vec(as_bytes("{}"));
    TRY(const Stamp after, stamp());
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
