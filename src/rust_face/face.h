#pragma once

// What every user of the Rust library's C face needs: views for its slices, owners for what it
// hands out.

#include <trustee_rust.h>

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace trustee::rust_face {

/// Lifetime: views `bytes`.
inline trustee_slice slice(Bytes bytes) { return {bytes.data(), bytes.size()}; }

/// Lifetime: views `text`.
inline trustee_slice slice(std::string_view text) { return slice(as_bytes(text)); }

/// Lifetime: as the slice.
inline std::string_view text_of(trustee_slice slice) { return as_text({slice.ptr, slice.len}); }

/// What the library writes its failures to; frees them.
class Failure {
 public:
  Failure() = default;
  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;
  ~Failure() { trustee_error_free(&error_); }

  trustee_error* out() { return &error_; }
  trustee_status status() const { return error_.status; }

  /// What was written; begins with the place in the text, if known: `line 2, column 5: `.
  std::string detail() const {
    std::string out;
    if (error_.line != 0) {
      out = "line " + std::to_string(error_.line);
      if (error_.column != 0) out += ", column " + std::to_string(error_.column);
      out += ": ";
    }
    return out.append(text_of({error_.message.ptr, error_.message.len}));
  }

 private:
  trustee_error error_{};
};

/// Bytes the library hands out; frees them.
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { trustee_buffer_free(&buffer_); }

  trustee_buffer* out() { return &buffer_; }
  /// Lifetime: as this object.
  std::string_view text() const { return text_of({buffer_.ptr, buffer_.len}); }

 private:
  trustee_buffer buffer_{};
};

}  // namespace trustee::rust_face
