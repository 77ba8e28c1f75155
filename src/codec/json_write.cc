#include <cstring>

#include "codec/internal/sorted_members.h"
#include "codec/json.h"

namespace trustee::json {
namespace {

enum class Order : std::uint8_t { as_is, by_name };

void append_control(std::string& out, unsigned char c) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;  // a character, not an enum of ours
  }
  out += "\\u00";
  out += kHex[c >> 4U];
  out += kHex[c & 15U];
}

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

/// Whether all of eight characters are plain: in each of the three lines a byte that is not has its
/// top bit set by the borrow.
bool all_plain(std::uint64_t eight) {
  constexpr std::uint64_t kEach = 0x0101'0101'0101'0101;
  const std::uint64_t quotes = eight ^ kEach * '"';
  const std::uint64_t slashes = eight ^ kEach * '\\';
  const std::uint64_t controls = (eight - kEach * 0x20) & ~eight;
  const std::uint64_t found =
      controls | ((quotes - kEach) & ~quotes) | ((slashes - kEach) & ~slashes);
  return (found & kEach * 0x80) == 0;
}

/// How many characters from the start need no escape.
std::size_t plain_length(std::string_view text) {
  std::size_t n = 0;
  for (std::uint64_t eight = 0; text.size() - n >= sizeof eight; n += sizeof eight) {
    std::memcpy(&eight, text.data() + n, sizeof eight);
    if (!all_plain(eight)) break;
  }
  while (n < text.size() && is_plain(text[n])) {
    ++n;
  }
  return n;
}

/// Writes depth first. Nesting is bounded by what the reader admits and by what our own code
/// builds.
class Writer {
 public:
  Writer(Order order, bool pretty) : order_(order), pretty_(pretty) {}

  void value(const Value& v) {
    if (const Object* o = v.as_object(); o != nullptr) {
      object(*o);
    } else if (const Array* a = v.as_array(); a != nullptr) {
      array(*a);
    } else if (const std::string* s = v.as_string(); s != nullptr) {
      append_quoted(out_, *s);
    } else if (const Number* n = v.as_number(); n != nullptr) {
      out_ += n->text();
    } else if (const bool* b = v.as_bool(); b != nullptr) {
      out_ += *b ? "true" : "false";
    } else {
      out_ += "null";
    }
  }
  std::string take() && { return std::move(out_); }

 private:
  void array(const Array& a) {
    open('[');
    bool first = true;
    for (const Value& v : a) {
      separate(first);
      value(v);
    }
    close(']', first);
  }

  void object(const Object& o) {
    open('{');
    bool first = true;
    if (order_ == Order::as_is) {
      for (const Member& m : o) {
        member(m, first);
      }
    } else {
      for (const Member* m : internal::sorted_members(o)) {
        member(*m, first);
      }
    }
    close('}', first);
  }

  void member(const Member& m, bool& first) {
    separate(first);
    append_quoted(out_, m.name);
    out_ += pretty_ ? ": " : ":";
    value(m.value);
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void separate(bool& first) {
    if (!first) out_ += ',';
    first = false;
    new_line();
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) new_line();
    out_ += bracket;
  }
  void new_line() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  Order order_;
  bool pretty_;
  std::size_t depth_ = 0;
  std::string out_;
};

std::string written(const Value& value, Order order, bool pretty) {
  Writer writer(order, pretty);
  writer.value(value);
  return std::move(writer).take();
}

}  // namespace

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_length(text);
    out += text.substr(0, plain);
    if (plain == text.size()) break;
    append_control(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

std::string write(const Value& value) { return written(value, Order::as_is, false); }
std::string write_sorted(const Value& value) { return written(value, Order::by_name, false); }
std::string write_pretty(const Value& value) { return written(value, Order::as_is, true); }

}  // namespace trustee::json
