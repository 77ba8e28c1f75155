#include "rego/reference_set.h"

#include <vector>

#include "rego/internal/face.h"

namespace trustee::rego {
namespace {

std::vector<trustee_named_json> native_items(std::span<const NamedJson> items) {
  std::vector<trustee_named_json> out;
  out.reserve(items.size());
  for (const auto& item : items) {
    out.push_back({internal::slice(item.name), internal::slice(item.json)});
  }
  return out;
}

}  // namespace

ReferenceSet::ReferenceSet(trustee_refs* handle)
    : handle_(handle,
              [](const trustee_refs* h) { trustee_refs_free(const_cast<trustee_refs*>(h)); }) {}

Result<ReferenceSet> ReferenceSet::create(std::span<const NamedJson> items) {
  const auto native = native_items(items);
  trustee_refs* out = nullptr;
  internal::Failure failure;
  const auto status = trustee_refs_new(native.data(), native.size(), &out, failure.out());
  if (status != TRUSTEE_OK) return internal::error_of(status, failure);
  return ReferenceSet(out);
}

Result<ReferenceSet> ReferenceSet::with(std::span<const NamedJson> items) const {
  if (handle_ == nullptr) return create(items);
  const auto native = native_items(items);
  trustee_refs* out = nullptr;
  internal::Failure failure;
  const auto status =
      trustee_refs_with(handle_.get(), native.data(), native.size(), &out, failure.out());
  if (status != TRUSTEE_OK) return internal::error_of(status, failure);
  return ReferenceSet(out);
}

Result<ReferenceSet> ReferenceSet::without(std::span<const std::string_view> names) const {
  if (handle_ == nullptr) return *this;
  std::vector<trustee_slice> native;
  for (const auto name : names) {
    native.push_back(internal::slice(name));
  }
  trustee_refs* out = nullptr;
  internal::Failure failure;
  const auto status =
      trustee_refs_without(handle_.get(), native.data(), native.size(), &out, failure.out());
  if (status != TRUSTEE_OK) return internal::error_of(status, failure);
  return ReferenceSet(out);
}

std::size_t ReferenceSet::size() const { return trustee_refs_count(handle_.get()); }

Result<std::optional<std::string>> ReferenceSet::get(std::string_view name) const {
  if (handle_ == nullptr) return std::optional<std::string>();
  int found = 0;
  trustee_buffer json{};
  const auto status = trustee_refs_get(handle_.get(), internal::slice(name), &found, &json);
  std::optional<std::string> out;
  if (status == TRUSTEE_OK && found != 0) {
    out = std::string(internal::view({json.ptr, json.len}));
  }
  trustee_buffer_free(&json);
  if (status != TRUSTEE_OK) return internal::error_of(status, internal::Failure());
  return out;
}

}  // namespace trustee::rego
