#include "store/internal/json_index.h"

#include <fcntl.h>

#include <utility>

#include "base/secret.h"
#include "base/try.h"

namespace trustee::store {
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
  if (now == state_.stamp) {
    if (malformed_) return *malformed_;
    if (state_.entries != nullptr) return state_;
  }
  TRY_VOID(read_again());
  return state_;
}

Result<void> JsonIndex::read_again() {
  TRY(auto file, read_settled(path_, kMaxJsonFileBytes));
  if (!file.content.has_value() && !may_be_absent_) {
    return Error(kv::Errc::io, path_ + " is gone");
  }
  if (!file.content.has_value()) file.content = to_vec(as_bytes("{}"));
  auto entries = parse_json_entries(as_text(*file.content));
  wipe(file.content->data(), file.content->size());
  state_.stamp = file.stamp.value_or(Stamp{});
  if (!entries.ok()) {
    malformed_ = std::move(entries).error().while_doing("reading " + path_);
    return *malformed_;
  }
  malformed_.reset();
  state_.entries = std::make_shared<const JsonEntries>(std::move(entries).value());
  ++state_.version;
  return {};
}

void JsonIndex::replace(JsonEntries entries, const Stamp& stamp) {
  MutexLock lock(mutex_);
  malformed_.reset();
  state_ = {std::make_shared<const JsonEntries>(std::move(entries)), state_.version + 1, stamp};
}

}  // namespace trustee::store
