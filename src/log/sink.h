#pragma once

#include <cstdint>
#include <string>

namespace trustee::log {

/// Where lines go. Implementations are safe from many threads, bounded, and never block or fail the
/// caller: what finds no room is dropped and counted.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Takes one whole line, newline included.
  virtual void write(std::string line) = 0;
  /// Lines dropped since the start.
  virtual std::uint64_t dropped() const = 0;
};

}  // namespace trustee::log
