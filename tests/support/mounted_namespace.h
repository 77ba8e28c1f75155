#pragma once

#include <optional>
#include <string>

#include "kv/memory.h"
#include "kv/store.h"

namespace trustee {

/// A namespace that nobody may write, as a read-only mount; the test puts entries behind its back.
/// One entry may be malformed, or all of it.
class MountedNamespace final : public kv::Namespace {
 public:
  Result<kv::Put> put(std::string_view key, Bytes, kv::Overwrite overwrite) override {
    const auto there = inner_->get(key);
    if (overwrite == kv::Overwrite::no && there.ok() && there.value().has_value()) {
      return kv::Put::already_exists;
    }
    return kv::Errc::not_writable;
  }
  Result<void> put_all(std::span<const kv::Entry>) override { return kv::Errc::not_writable; }
  Result<void> replace_all(std::span<const kv::Entry>) override { return kv::Errc::not_writable; }
  Result<std::optional<ByteVec>> get(std::string_view key) override {
    if (key == undecodable) return kv::Errc::malformed;
    return inner_->get(key);
  }
  Result<std::optional<ByteVec>> remove(std::string_view) override {
    return kv::Errc::not_writable;
  }
  Result<std::vector<std::string>> list() override {
    if (broken) return kv::Errc::malformed;
    return inner_->list();
  }
  Result<std::vector<kv::Entry>> entries() override {
    if (broken || !undecodable.empty()) return kv::Errc::malformed;
    return inner_->entries();
  }
  Result<bool> compare_and_swap(std::string_view, std::optional<Bytes>, Bytes) override {
    return kv::Errc::not_writable;
  }
  Result<std::uint64_t> version() override { return inner_->version(); }
  std::vector<std::string> directories() const override {
    return lies_in.empty() ? std::vector<std::string>() : std::vector{lies_in};
  }

  /// Makes the mount hold exactly these.
  void mount(const std::vector<kv::Entry>& entries) { (void)inner_->replace_all(entries); }
  std::string undecodable;  ///< a key whose value is malformed; empty for none
  bool broken = false;      ///< malformed as a whole
  std::string lies_in;      ///< the directory that it names; empty for none

 private:
  std::shared_ptr<kv::Store> store_ = kv::create_memory_store();
  std::shared_ptr<kv::Namespace> inner_ = store_->open("mounted").value();
};

}  // namespace trustee
