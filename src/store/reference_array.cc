#include "store/reference_array.h"

#include <fcntl.h>

#include <map>
#include <utility>

#include "base/mutex.h"
#include "base/try.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "store/atomic_file.h"
#include "store/internal/file.h"

namespace trustee::store {
namespace {

using Values = std::map<std::string, ByteVec, std::less<>>;

ByteVec text_of(const json::Value& value) { return to_vec(as_bytes(json::write(value))); }

void take_array(const json::Array& array, Values& out) {
  for (std::size_t i = 0; i < array.size(); ++i) {
    const json::Object* object = array[i].as_object();
    const json::Value* name = object == nullptr ? nullptr : object->find("name");
    const std::string* text = name == nullptr ? nullptr : name->as_string();
    std::string key =
        text != nullptr ? *text : std::string(kReferenceArray) + "[" + std::to_string(i) + "]";
    out.insert_or_assign(std::move(key), text_of(array[i]));
  }
}

void take_object(const json::Object& object, Values& out) {
  for (const json::Member& member : object) {
    const std::string* text = member.value.as_string();
    auto record = text == nullptr ? Result<ByteVec>(kv::Errc::malformed)
                                  : codec::base64url_padded_decode(*text);
    out.insert_or_assign(member.name, record.ok() ? std::move(*record) : text_of(member.value));
  }
}

Values values_in(std::string_view text) {
  Values out;
  const auto document =
      json::parse(text, json::Duplicates::last_wins, {.bytes = kMaxReferenceArray});
  const json::Array* array = document.ok() ? document->as_array() : nullptr;
  const json::Object* object = document.ok() ? document->as_object() : nullptr;
  if (array != nullptr) {
    take_array(*array, out);
  } else if (object != nullptr) {
    take_object(*object, out);
  } else {
    out.emplace(kReferenceArray, to_vec(as_bytes(text)));
  }
  return out;
}

class WithReferenceArray final : public kv::Namespace {
 public:
  WithReferenceArray(std::shared_ptr<kv::Namespace> inner, std::string path)
      : inner_(std::move(inner)), path_(std::move(path)) {}

  Result<kv::Put> put(std::string_view key, Bytes value, kv::Overwrite overwrite) override {
    TRY(const auto now, load());
    if (now.values->contains(key)) {
      if (overwrite == kv::Overwrite::no) return kv::Put::already_exists;
      return in_file(key);
    }
    return inner_->put(key, value, overwrite);
  }
  Result<void> put_all(std::span<const kv::Entry> entries) override {
    TRY_VOID(check_writable(entries));
    return inner_->put_all(entries);
  }
  Result<void> replace_all(std::span<const kv::Entry> entries) override {
    TRY(const auto now, load());
    if (!now.values->empty()) return in_file(now.values->begin()->first);
    return inner_->replace_all(entries);
  }
  Result<std::optional<ByteVec>> get(std::string_view key) override {
    TRY(const auto now, load());
    const auto found = now.values->find(key);
    if (found != now.values->end()) return std::optional(found->second);
    return inner_->get(key);
  }
  Result<std::optional<ByteVec>> remove(std::string_view key) override {
    TRY(const auto now, load());
    if (now.values->contains(key)) return in_file(key);
    return inner_->remove(key);
  }
  Result<std::vector<std::string>> list() override {
    TRY(const auto now, load());
    TRY(auto keys, inner_->list());
    std::erase_if(keys, [&](const std::string& key) { return now.values->contains(key); });
    for (const auto& [key, value] : *now.values) {
      keys.push_back(key);
    }
    return keys;
  }
  Result<std::vector<kv::Entry>> entries() override {
    TRY(const auto now, load());
    TRY(auto out, inner_->entries());
    std::erase_if(out, [&](const kv::Entry& entry) { return now.values->contains(entry.key); });
    for (const auto& [key, value] : *now.values) {
      out.push_back({key, value});
    }
    return out;
  }
  Result<bool> compare_and_swap(std::string_view key, std::optional<Bytes> expected,
                                Bytes value) override {
    TRY(const auto now, load());
    if (now.values->contains(key)) return in_file(key);
    return inner_->compare_and_swap(key, expected, value);
  }
  Result<std::uint64_t> version() override {
    TRY(const auto now, load());
    TRY(const std::uint64_t inner, inner_->version());
    return inner + now.version;
  }
  std::vector<std::string> directories() const override {
    auto out = inner_->directories();
    out.push_back(split_path(path_).first);
    return out;
  }

 private:
  struct State {
    std::shared_ptr<const Values> values;
    std::uint64_t version = 0;
    std::optional<Stamp> stamp;
  };

  Error in_file(std::string_view key) const {
    return Error(kv::Errc::not_writable, path_ + " holds `" + std::string(key) + "`");
  }
  Result<void> check_writable(std::span<const kv::Entry> entries) {
    TRY(const auto now, load());
    for (const kv::Entry& entry : entries) {
      if (now.values->contains(entry.key)) return in_file(entry.key);
    }
    return {};
  }
  Result<State> load() {
    MutexLock lock(mutex_);
    TRY(const auto stamp, stamp_at(AT_FDCWD, path_));
    if (state_.values != nullptr && stamp == state_.stamp) return state_;
    TRY(const auto file, read_settled(path_, kMaxReferenceArray));
    state_ = {
        std::make_shared<const Values>(file.content ? values_in(as_text(*file.content)) : Values()),
        state_.version + 1, file.stamp};
    return state_;
  }

  const std::shared_ptr<kv::Namespace> inner_;
  const std::string path_;
  Mutex mutex_;
  State state_ TRUSTEE_GUARDED_BY(mutex_);
};

}  // namespace

std::shared_ptr<kv::Namespace> with_reference_array(std::shared_ptr<kv::Namespace> inner,
                                                    std::string path) {
  return std::make_shared<WithReferenceArray>(std::move(inner), std::move(path));
}

}  // namespace trustee::store
