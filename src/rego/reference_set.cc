#include "rego/reference_set.h"

#include <utility>
#include <vector>

#include "rego/errors.h"
#include "rego/internal/face.h"

namespace trustee::rego {
ReferenceSet::ReferenceSet(trustee_refs* refs) : refs_(refs, trustee_refs_free) {}

Result<ReferenceSet> ReferenceSet::create(std::span<const NamedJson> values) {
  return ReferenceSet().with(values);
}

Result<ReferenceSet> ReferenceSet::with(std::span<const NamedJson> values) const {
  const auto items = borrowed(values);
  trustee_refs* out = nullptr;
  Failure failure;
  const trustee_status status =
      refs_ ? trustee_refs_with(refs_.get(), items.data(), items.size(), &out, failure.out())
            : trustee_refs_new(items.data(), items.size(), &out, failure.out());
  if (status != TRUSTEE_OK) return failure.to_error();
  return ReferenceSet(out);
}

Result<ReferenceSet> ReferenceSet::without(std::span<const std::string_view> names) const {
  if (!refs_) return *this;
  std::vector<trustee_slice> slices;
  slices.reserve(names.size());
  for (const std::string_view name : names) {
    slices.push_back(slice(name));
  }
  trustee_refs* out = nullptr;
  Failure failure;
  const trustee_status status =
      trustee_refs_without(refs_.get(), slices.data(), slices.size(), &out, failure.out());
  if (status != TRUSTEE_OK) return failure.to_error();
  return ReferenceSet(out);
}

std::size_t ReferenceSet::size() const { return trustee_refs_count(refs_.get()); }

Result<std::optional<std::string>> ReferenceSet::get(std::string_view name) const {
  if (!refs_) return std::optional<std::string>();
  int found = 0;
  rust_face::Buffer json;
  const trustee_status status = trustee_refs_get(refs_.get(), slice(name), &found, json.out());
  if (status != TRUSTEE_OK) return code_of(status);
  std::optional<std::string> value;
  if (found == 1) value = json.text();
  return value;
}

}  // namespace trustee::rego
