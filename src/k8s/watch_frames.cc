#include "k8s/watch_frames.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/try.h"
#include "k8s/resource.h"

namespace trustee::k8s {
namespace {

using Type = WatchEvent::Type;

constexpr std::array<std::pair<std::string_view, Type>, 5> kTypes{{{"ADDED", Type::added},
                                                                   {"MODIFIED", Type::modified},
                                                                   {"DELETED", Type::deleted},
                                                                   {"BOOKMARK", Type::bookmark},
                                                                   {"ERROR", Type::error}}};

std::optional<Type> type_named(std::string_view name) {
  for (const auto& [word, type] : kTypes) {
    if (name == word) return type;
  }
  return std::nullopt;
}

// As deep as the reader goes: anybody who may write an object decides how deep it is.
Result<WatchEvent> event_in(std::string_view line, std::size_t max_frame) {
  auto value = json::parse(line, json::Duplicates::refuse,
                           {.bytes = max_frame, .depth = json::kDepthCeiling});
  if (!value.ok()) return Error(Errc::frame_malformed, value.error().to_string());
  json::Object* frame = value->as_object();
  if (frame == nullptr) return Error(Errc::frame_malformed, "no object");
  const auto type = type_named(text_member(*frame, "type"));
  if (!type.has_value()) return Error(Errc::frame_malformed, "no known type");
  json::Value* object = frame->find("object");
  if (object == nullptr || object->as_object() == nullptr) {
    return Error(Errc::frame_malformed, "no object in the event");
  }
  return WatchEvent{*type, std::move(*object->as_object())};
}

}  // namespace

Result<void> FrameReader::push(std::string_view piece) {
  if (read_ > 0) {
    text_.erase(0, read_);
    searched_ -= read_;
    read_ = 0;
  }
  text_ += piece;
  const std::size_t end = text_.find('\n', searched_);
  if (std::min(end, text_.size()) > max_frame_) return Errc::frame_too_large;
  return {};
}

Result<std::optional<WatchEvent>> FrameReader::next() {
  while (true) {
    const std::size_t end = text_.find('\n', searched_);
    if (end == std::string::npos) {
      searched_ = text_.size();
      if (read_ == text_.size()) {
        *this = FrameReader(max_frame_);  // gives the memory of a large object back
      }
      return std::optional<WatchEvent>();
    }
    const std::string_view line(text_.data() + read_, end - read_);
    read_ = searched_ = end + 1;
    if (line.empty() || line == "\r") continue;
    if (line.size() > max_frame_) return Errc::frame_too_large;
    TRY(WatchEvent event, event_in(line, max_frame_));
    return std::optional<WatchEvent>(std::move(event));
  }
}

}  // namespace trustee::k8s
