#include "k8s/events.h"

#include <cstdio>

#include "base/try.h"
#include "codec/time.h"
#include "codec/utf8.h"
#include "k8s/lease.h"

namespace trustee::k8s {
namespace {

constexpr std::size_t kMaxNote = 1024;
constexpr std::string_view kDefaultNamespace = "default";  // of what has none

std::string note_of(const EventText& text) {
  std::string out = text.note.substr(0, kMaxNote);
  while (!out.empty() && !codec::is_utf8(as_bytes(out))) {
    out.pop_back();
  }
  return out;
}

std::string_view type_of(const EventText& text) { return text.warning ? "Warning" : "Normal"; }

json::Object reference_to(const json::Object& object) {
  json::Object out;
  for (const char* name : {"apiVersion", "kind"}) {
    if (const json::Value* value = object.find(name); value != nullptr) out.set(name, *value);
  }
  for (const char* name : {"name", "namespace", "uid", "resourceVersion"}) {
    const std::string_view text = metadata_text(object, name);
    if (!text.empty()) out.set(name, text);
  }
  return out;
}

json::Object metadata_of(const json::Object& regarding, const Occurrence& event) {
  const std::string_view ns = metadata_text(regarding, "namespace");
  return {{"name", event.name}, {"namespace", ns.empty() ? kDefaultNamespace : ns}};
}

}  // namespace

EventWriter::EventWriter(Client& client, const Clock& clock, std::string component,
                         std::string instance)
    : client_(client),
      clock_(clock),
      component_(std::move(component)),
      instance_(std::move(instance)) {}

Occurrence EventWriter::occur(const json::Object& regarding, EventText text) {
  constexpr std::size_t kMaxName = 200;  // of 253, the rest is for what follows
  const Time now = clock_.now();
  char suffix[40];
  std::snprintf(suffix, sizeof suffix, ".%llx.%x",
                static_cast<unsigned long long>(now.time_since_epoch().count()),
                static_cast<unsigned>(counter_.fetch_add(1)));
  const std::string name(metadata_text(regarding, "name").substr(0, kMaxName));
  return {std::move(text), now, name + suffix};
}

json::Object EventWriter::modern(const json::Object& regarding, const Occurrence& event) const {
  return {{"apiVersion", kEvents.api_version()},
          {"kind", kEvents.kind},
          {"metadata", metadata_of(regarding, event)},
          {"eventTime", micro_time(event.at)},
          {"reportingController", component_},
          {"reportingInstance", instance_},
          {"action", event.text.action},
          {"reason", event.text.reason},
          {"regarding", reference_to(regarding)},
          {"note", note_of(event.text)},
          {"type", type_of(event.text)}};
}

json::Object EventWriter::core(const json::Object& regarding, const Occurrence& event) const {
  const std::string moment = codec::rfc3339_seconds(event.at);
  return {{"apiVersion", kCoreEvents.api_version()},
          {"kind", kCoreEvents.kind},
          {"metadata", metadata_of(regarding, event)},
          {"involvedObject", reference_to(regarding)},
          {"reason", event.text.reason},
          {"message", note_of(event.text)},
          {"type", type_of(event.text)},
          {"source", json::Object{{"component", component_}}},
          {"firstTimestamp", moment},
          {"lastTimestamp", moment},
          {"count", 1},
          {"action", event.text.action},
          {"reportingComponent", component_},
          {"reportingInstance", instance_}};
}

Result<void> EventWriter::create(const Resource& group, const json::Object& event) {
  const auto made = client_.create(group, event, {});
  if (made.ok() || made.error().is(Errc::already_exists)) return {};
  return made.error();
}

Result<void> EventWriter::write(const json::Object& regarding, const Occurrence& event) {
  Result<void> written;
  if (!core_only_) {
    written = create(kEvents, modern(regarding, event));
    if (written.ok()) return {};
    const Error& error = written.error();
    if (!error.is(Errc::forbidden) && !error.is(Errc::not_found)) return error;
  }
  auto fallback = create(kCoreEvents, core(regarding, event));
  if (fallback.ok()) {
    core_only_ = true;
    return {};
  }
  // That no role allows the core group says nothing of why the other one did not take it.
  const bool both = fallback.error().is(Errc::forbidden) && !written.ok();
  return both ? std::move(written) : std::move(fallback);
}

}  // namespace trustee::k8s
