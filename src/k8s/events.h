#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "k8s/client.h"

namespace trustee::k8s {

/// What is told about an object.
struct EventText {
  bool warning = false;
  std::string reason;  ///< a CamelCase word
  std::string action;  ///< what was being done, a CamelCase word
  std::string note;    ///< a sentence; cut to 1,024 bytes
  friend bool operator==(const EventText&, const EventText&) = default;
};

/// Something that has happened to an object. Written again it is the same event: who got no answer
/// asks once more, and nothing is told twice.
struct Occurrence {
  EventText text;
  Time at;
  std::string name;  ///< of the event; no other has it
};

/// Writes events in `events.k8s.io/v1`; where that group is refused or not served, in core/v1 from
/// then on. Any thread.
/// Source  operator.md sections 4.10, 10.1 (C2).
class EventWriter {
 public:
  /// `component` is the reporting controller, `instance` the pod or process.
  /// Lifetime  references outlive it.
  EventWriter(Client& client, const Clock& clock, std::string component, std::string instance);

  /// `text` happens now. `regarding` as for write().
  Occurrence occur(const json::Object& regarding, EventText text);
  /// `regarding` has apiVersion, kind, name, uid and, unless it has no namespace, namespace. An
  /// event that stands already is written.
  /// Errors  those of Client::create but already_exists; forbidden only when both groups are
  /// refused.
  Result<void> write(const json::Object& regarding, const Occurrence& event);

 private:
  json::Object modern(const json::Object& regarding, const Occurrence& event) const;
  json::Object core(const json::Object& regarding, const Occurrence& event) const;
  Result<void> create(const Resource& group, const json::Object& event);

  Client& client_;
  const Clock& clock_;
  const std::string component_;
  const std::string instance_;
  std::atomic<bool> core_only_{false};
  std::atomic<std::uint32_t> counter_{0};
};

}  // namespace trustee::k8s
