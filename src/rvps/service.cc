#include "rvps/service.h"

#include <algorithm>

#include "base/try.h"
#include "reference/message.h"

namespace trustee::rvps {

using reference::ReferenceValue;

Result<std::vector<ReferenceValue>> register_message(kv::Namespace& store, std::string_view message,
                                                     Time now) {
  TRY(const auto envelope, reference::parse_message(message));
  TRY(auto values, reference::extract(envelope, now));
  std::vector<kv::Entry> entries;
  entries.reserve(values.size());
  for (const ReferenceValue& value : values) {
    entries.push_back({value.name, to_vec(as_bytes(reference::write_record(value)))});
  }
  TRY_VOID(store.put_all(entries));
  return values;
}

Result<std::optional<json::Value>> query(kv::Namespace& store, std::string_view name,
                                         Expired expired, Time now) {
  TRY(const auto bytes, store.get(name));
  if (!bytes.has_value()) return std::optional<json::Value>();
  TRY(auto record, reference::parse_record(as_text(*bytes)));
  switch (expired) {
    case Expired::served:
      break;
    case Expired::withheld:
      if (record.expiration < now) return std::optional<json::Value>();
      break;
  }
  return std::optional<json::Value>(std::move(record.value));
}

namespace {

// Each by itself, where a single entry that the store cannot decode fails the look at all of them.
Result<std::vector<kv::Entry>> readable_entries(kv::Namespace& store, Loaded& out) {
  TRY(const auto keys, store.list());
  std::vector<kv::Entry> entries;
  for (const std::string& key : keys) {
    auto found = store.get(key);
    if (found.ok()) {
      std::optional<ByteVec>& value = found.value();
      if (value.has_value()) entries.push_back({key, std::move(*value)});
    } else if (found.error().is(kv::Errc::malformed)) {
      out.unreadable.push_back(key);
    } else {
      return std::move(found).error();
    }
  }
  return entries;
}

}  // namespace

Result<Loaded> load(kv::Namespace& store) {
  Loaded out;
  auto all = store.entries();
  if (!all.ok() && all.error().is(kv::Errc::malformed)) all = readable_entries(store, out);
  TRY(const auto entries, std::move(all));
  out.values.reserve(entries.size());
  for (const kv::Entry& entry : entries) {
    auto record = reference::parse_record(as_text(entry.value));
    if (!record.ok()) {
      out.unreadable.push_back(entry.key);
      continue;
    }
    record->name = entry.key;  // the key is what a query asks for
    out.values.push_back(std::move(record).value());
  }
  std::sort(out.unreadable.begin(), out.unreadable.end());
  return out;
}

}  // namespace trustee::rvps
