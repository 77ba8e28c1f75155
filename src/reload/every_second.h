#pragma once

#include <chrono>
#include <functional>
#include <stop_token>

namespace trustee::reload {

/// How often files and stores are looked at.
inline constexpr std::chrono::seconds kBetweenLooks{1};

/// Acts at once and then once a second on the calling thread, which gets `name` (15 characters at
/// most) for whoever lists the process's threads, until `stop`.
void every_second(const char* name, const std::stop_token& stop, const std::function<void()>& act);

}  // namespace trustee::reload
