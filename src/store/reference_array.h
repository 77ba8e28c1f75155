#pragma once

#include <memory>
#include <string>

#include "kv/store.h"

namespace trustee::store {

/// The name of the file beside that of namespace `reference_value`.
inline constexpr std::string_view kReferenceArray = "reference-values.json";
inline constexpr std::size_t kMaxReferenceArray = 16U << 20U;

/// `inner` together with the reference values in the file `path`, if there is one: a JSON array of
/// `{name, expiration, value}`, the form of the operator up to v0.18; an object of records in
/// base64url, the later form, is taken as well. Union by name; what is in the file wins over what
/// `inner` holds. The file is read again when it changes, and never written: a write to one of its
/// names is refused with not_writable, since the value that was there would stay in force.
///
/// A member that is no reference value stays an entry of its own, with its text, under its name or
/// its place (`reference-values.json[3]`), and so does a file of another form: whoever loads the
/// entries finds it malformed without losing the others.
/// Source: operator.md 10.1, C8.
std::shared_ptr<kv::Namespace> with_reference_array(std::shared_ptr<kv::Namespace> inner,
                                                    std::string path);

}  // namespace trustee::store
