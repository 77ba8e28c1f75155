// The only file that knows Boost.JSON. Its parser does the grammar, UTF-8 and nesting; its number
// values are not used (1e400 would be infinity, last digits wrong): Number keeps the text.
#include <algorithm>
#include <string>

#include "base/try.h"
#include "codec/internal/number_text.h"
#include "codec/json.h"

#include <boost/json/basic_parser_impl.hpp>

namespace trustee::json {
namespace {

using codec::Errc;
using Code = boost::json::error_code;
using Text = boost::json::string_view;

constexpr std::size_t kShownName = 64;

/// Names in an error's detail are cut; the text may be megabytes.
std::string shown(const std::string& name) {
  return name.size() <= kShownName ? name : name.substr(0, kShownName) + "...";
}

/// Builds the values bottom up: scalars and finished containers lie on one stack, names on another;
/// the end of a container takes as many off as the parser counted.
class Builder {
 public:
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  Builder(Duplicates duplicates, std::size_t max_values)
      : duplicates_(duplicates), max_values_(max_values) {
    values_.reserve(kFirstValues);
  }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_comment_part(Text, Code&) { return true; }
  bool on_comment(Text, Code&) { return true; }

  bool on_object_end(std::size_t n, Code& ec) {
    const auto first_value = values_.end() - static_cast<std::ptrdiff_t>(n);
    const auto first_name = names_.end() - static_cast<std::ptrdiff_t>(n);
    const std::vector<std::size_t> last = last_of_each_name(names_.size() - n);
    if (failure_.has_value()) return stop(ec);
    Object object;
    for (std::size_t i = 0; i < n; ++i) {
      if (last[i] == kReplaced) continue;
      object.append(std::move(first_name[static_cast<std::ptrdiff_t>(i)]),
                    std::move(first_value[static_cast<std::ptrdiff_t>(last[i])]));
    }
    values_.erase(first_value, values_.end());
    names_.erase(first_name, names_.end());
    return push(std::move(object), ec);
  }

  bool on_array_end(std::size_t n, Code& ec) {
    const auto first = values_.end() - static_cast<std::ptrdiff_t>(n);
    Array array(std::make_move_iterator(first), std::make_move_iterator(values_.end()));
    values_.erase(first, values_.end());
    return push(std::move(array), ec);
  }

  bool on_key_part(Text s, std::size_t, Code&) { return collect(s); }
  bool on_key(Text s, std::size_t, Code&) {
    collect(s);
    names_.push_back(std::move(text_));
    text_.clear();
    return true;
  }
  bool on_string_part(Text s, std::size_t, Code&) { return collect(s); }
  bool on_string(Text s, std::size_t, Code& ec) {
    collect(s);
    const bool more = push(std::move(text_), ec);
    text_.clear();
    return more;
  }
  bool on_number_part(Text s, Code&) { return collect(s); }
  bool on_int64(std::int64_t, Text s, Code& ec) { return number(s, ec); }
  bool on_uint64(std::uint64_t, Text s, Code& ec) { return number(s, ec); }
  bool on_double(double, Text s, Code& ec) { return number(s, ec); }
  bool on_bool(bool b, Code& ec) { return push(b, ec); }
  bool on_null(Code& ec) { return push(nullptr, ec); }

  /// Why this class stopped the parser, if it did.
  const std::optional<Error>& failure() const { return failure_; }
  Value take() { return std::move(values_.front()); }

 private:
  static constexpr std::size_t kFirstValues = 64;
  static constexpr std::size_t kReplaced = static_cast<std::size_t>(-1);

  bool collect(Text s) {
    text_.append(s.data(), s.size());
    return true;
  }

  bool stop(Code& ec) {
    ec = boost::json::error::syntax;  // any error stops the parser; failure_ has the reason
    return false;
  }
  bool stop(Code& ec, Error why) {
    failure_ = std::move(why);
    return stop(ec);
  }

  template <class T>
  bool push(T&& v, Code& ec) {
    if (++count_ > max_values_) return stop(ec, Error(Errc::json_too_large, "too many values"));
    values_.emplace_back(std::forward<T>(v));
    return true;
  }

  bool number(Text s, Code& ec) {
    if (!text_.empty()) collect(s);
    const std::string_view text =
        text_.empty() ? std::string_view(s.data(), s.size()) : std::string_view(text_);
    auto n = Number::from_text(text);
    if (!n.ok()) return stop(ec, std::move(n).error());
    if (internal::overflows_double(text)) {
      return stop(ec, Error(Errc::json_syntax, "number out of range"));
    }
    text_.clear();
    return push(std::move(n).value(), ec);
  }

  /// For each name from `from` on: the position of the value it ends up with, kReplaced for the
  /// repetitions. Sorting keeps this n log n whatever the names are.
  std::vector<std::size_t> last_of_each_name(std::size_t from) {
    const std::size_t n = names_.size() - from;
    std::vector<std::size_t> order(n);
    std::vector<std::size_t> last(n);
    for (std::size_t i = 0; i < n; ++i) {
      order[i] = last[i] = i;
    }
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      const int sign = names_[from + a].compare(names_[from + b]);
      return sign != 0 ? sign < 0 : a < b;
    });
    std::size_t first = 0;  // where the run of equal names begins
    for (std::size_t i = 1; i < n; ++i) {
      const std::string& name = names_[from + order[i]];
      if (name != names_[from + order[first]]) {
        first = i;
        continue;
      }
      if (duplicates_ == Duplicates::refuse) {
        failure_ = Error(Errc::json_duplicate_member, shown(name) + " is repeated");
        return last;
      }
      last[order[first]] = order[i];
      last[order[i]] = kReplaced;
    }
    return last;
  }

  Duplicates duplicates_;
  std::size_t max_values_;
  std::size_t count_ = 0;
  std::string text_;
  std::vector<std::string> names_;
  std::vector<Value> values_;
  std::optional<Error> failure_;
};

using Parser = boost::json::basic_parser<Builder>;

boost::json::parse_options options(const Limits& limits) {
  boost::json::parse_options out;
  out.max_depth = std::min(limits.depth, kDepthCeiling);
  return out;
}

/// The offset of the byte at which the parser gives up. Boost does not tell, so the text is fed
/// again: in blocks up to the failing one, that one byte by byte.
std::size_t offset_of_failure(std::string_view text, Duplicates duplicates, const Limits& limits) {
  constexpr std::size_t kBlock = 4096;
  std::size_t good = 0;
  for (const std::size_t step : {kBlock, std::size_t{1}}) {
    Parser parser(options(limits), duplicates, limits.values);
    Code ec;
    if (good > 0) parser.write_some(true, text.data(), good, ec);
    while (!ec && good < text.size()) {
      const std::size_t n = std::min(step, text.size() - good);
      const std::size_t used = parser.write_some(true, text.data() + good, n, ec);
      if (ec || used < n) break;
      good += n;
    }
  }
  return good;
}

Error failure(const Code& ec, const Parser& parser, std::string where) {
  if (const auto& own = parser.handler().failure(); own.has_value()) {
    return Error(own->code(), own->detail() + where);
  }
  if (ec == boost::json::error::too_deep) return Error(Errc::json_too_deep, where.substr(1));
  return Error(Errc::json_syntax, ec.message() + where);
}

}  // namespace

Result<Value> parse(std::string_view text, Duplicates duplicates, Limits limits) {
  if (text.size() > limits.bytes) {
    return Error(Errc::json_too_large, std::to_string(text.size()) + " bytes");
  }
  Parser parser(options(limits), duplicates, limits.values);
  Code ec;
  std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  if (!ec && used < text.size()) ec = boost::json::error::extra_data;
  if (!ec) return parser.handler().take();
  if (ec != boost::json::error::extra_data) used = offset_of_failure(text, duplicates, limits);
  return failure(ec, parser, " at offset " + std::to_string(used));
}

}  // namespace trustee::json
