#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "codec/time.h"

// DER written by hand, for builders of certificates and lists; shares no code with src.

namespace trustee::der {

inline ByteVec joined(std::initializer_list<ByteVec> parts) {
  ByteVec out;
  for (const ByteVec& part : parts) {
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

inline ByteVec element(std::uint8_t tag, const ByteVec& content) {
  ByteVec out{tag};
  const std::size_t n = content.size();
  if (n < 0x80) {
    out.push_back(static_cast<std::uint8_t>(n));
  } else if (n < 0x100) {
    out.insert(out.end(), {0x81, static_cast<std::uint8_t>(n)});
  } else {
    out.insert(out.end(), {0x82, static_cast<std::uint8_t>(n >> 8U), static_cast<std::uint8_t>(n)});
  }
  out.insert(out.end(), content.begin(), content.end());
  return out;
}

inline ByteVec sequence(std::initializer_list<ByteVec> parts) {
  return element(0x30, joined(parts));
}
inline ByteVec octets(const ByteVec& content) { return element(0x04, content); }
inline ByteVec boolean(bool b) { return element(0x01, {static_cast<std::uint8_t>(b ? 0xFF : 0)}); }
inline ByteVec text(std::uint8_t tag, std::string_view s) {
  return element(tag, to_vec(as_bytes(s)));
}

/// From a magnitude: leading zeros go, a sign octet comes.
inline ByteVec integer(ByteVec magnitude, std::uint8_t tag = 0x02) {
  while (magnitude.size() > 1 && magnitude.front() == 0) magnitude.erase(magnitude.begin());
  if ((magnitude.front() & 0x80U) != 0) magnitude.insert(magnitude.begin(), 0);
  return element(tag, magnitude);
}

inline ByteVec integer(unsigned n, std::uint8_t tag = 0x02) {
  return integer(ByteVec{static_cast<std::uint8_t>(n >> 16U), static_cast<std::uint8_t>(n >> 8U),
                         static_cast<std::uint8_t>(n)},
                 tag);
}

inline ByteVec oid(ByteVec content) { return element(0x06, content); }

/// UTCTime: `2026-11-24T10:05:00Z` without century and punctuation.
inline ByteVec utc_time(Time t) {
  std::string s = codec::rfc3339_seconds(t);
  std::erase_if(s, [](char c) { return c == '-' || c == ':' || c == 'T'; });
  return text(0x17, std::string_view(s).substr(2));
}

inline ByteVec bit_string(ByteVec content, std::uint8_t unused = 0) {
  content.insert(content.begin(), unused);
  return element(0x03, content);
}

}  // namespace trustee::der
