#include "log/record.h"

#include <charconv>
#include <cmath>

#include "codec/printable.h"
#include "codec/time.h"

namespace trustee::log {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::error:
      return "\x1b[31m";
    case Level::warn:
      return "\x1b[33m";
    case Level::info:
      return "\x1b[32m";
    case Level::debug:
      return "\x1b[34m";
    case Level::trace:
      return "\x1b[36m";
  }
  return "";
}

void append_escaped(std::string& out, std::string_view text) {
  codec::append_printable(out, text, codec::Quotes::keep, kMaxText);
}

void append_quoted(std::string& out, std::string_view text) {
  codec::append_printable_quoted(out, text, kMaxText);
}

/// Whether a text value reads unambiguously without quotes.
bool is_bare(std::string_view text) {
  constexpr std::string_view kBare =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,";
  return !text.empty() && text.size() <= kMaxText &&
         text.find_first_not_of(kBare) == std::string_view::npos;
}

void append_double(std::string& out, double d) {
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, d).ptr;
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

struct Append {
  std::string& out;
  bool json;

  void operator()(bool b) const { out += b ? "true" : "false"; }
  void operator()(std::int64_t n) const { out += std::to_string(n); }
  void operator()(std::uint64_t n) const { out += std::to_string(n); }
  void operator()(double d) const {
    if (std::isfinite(d)) {
      append_double(out, d);
    } else {
      out += json ? "null" : "nan";
    }
  }
  void operator()(std::string_view text) const {
    if (!json && is_bare(text)) {
      out += text;
    } else {
      append_quoted(out, text);
    }
  }
  void operator()(Code code) const { (*this)(std::string_view(code.id())); }
  void operator()(Time t) const { (*this)(std::string_view(codec::rfc3339_millis(t))); }
};

std::string text_line(const Record& r, bool colour) {
  std::string out = "[" + codec::rfc3339_seconds(r.time) + " ";
  if (colour) out += colour_of(r.level);
  const std::string_view level = to_string(r.level);
  out += level;
  if (colour) out += kReset;
  out.append(6 - level.size(), ' ');
  append_escaped(out, r.target);
  out += "] ";
  append_escaped(out, r.text);
  if (!r.request_id.empty()) {
    out += " request_id=";
    Field("", r.request_id).append_text(out);
  }
  for (const Field& f : r.fields) {
    out += ' ';
    append_escaped(out, f.key());
    out += '=';
    f.append_text(out);
  }
  return out + "\n";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (out.size() > 1) out += ',';
  append_quoted(out, name);
  out += ':';
  append_quoted(out, text);
}

std::string json_line(const Record& r) {
  std::string out = "{";
  append_member(out, "time", codec::rfc3339_millis(r.time));
  append_member(out, "level", to_string(r.level));
  append_member(out, "target", r.target);
  append_member(out, "message", r.text);
  if (!r.request_id.empty()) append_member(out, "request_id", r.request_id);
  const char* separator = ",\"fields\":{";
  for (const Field& f : r.fields) {
    out += separator;
    append_quoted(out, f.key());
    out += ':';
    f.append_json(out);
    separator = ",";
  }
  return out + (r.fields.empty() ? "}\n" : "}}\n");
}

}  // namespace

std::string_view to_string(Level level) {
  switch (level) {
    case Level::error:
      return "ERROR";
    case Level::warn:
      return "WARN";
    case Level::info:
      return "INFO";
    case Level::debug:
      return "DEBUG";
    case Level::trace:
      return "TRACE";
  }
  return "ERROR";
}

void Field::append_json(std::string& out) const { std::visit(Append{out, true}, value_); }
void Field::append_text(std::string& out) const { std::visit(Append{out, false}, value_); }

std::string line_of(const Record& record, Format format, bool colour) {
  switch (format) {
    case Format::text:
      return text_line(record, colour);
    case Format::json:
      return json_line(record);
  }
  return {};
}

}  // namespace trustee::log
