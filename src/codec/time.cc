#include "codec/time.h"

#include <algorithm>
#include <array>

#include "base/try.h"
#include "codec/errors.h"

namespace trustee::codec {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> kWeekdays{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// At least `width` digits; a year before 0 keeps its sign.
std::string digits(std::int64_t n, std::size_t width) {
  std::string text = std::to_string(n < 0 ? -n : n);
  if (text.size() < width) text.insert(0, width - text.size(), '0');
  return n < 0 ? "-" + text : text;
}

struct Broken {
  year_month_day date;
  std::int64_t hour, minute, second, millis;
  unsigned weekday;
};

Broken broken(Time t) {
  const sys_days day = floor<days>(t);
  const auto ms = duration_cast<milliseconds>(t - day).count();
  return {year_month_day(day), ms / 3'600'000, ms / 60'000 % 60,
          ms / 1000 % 60,      ms % 1000,      weekday(day).c_encoding()};
}

std::string date_of(const Broken& b) {
  return digits(static_cast<int>(b.date.year()), 4) + "-" +
         digits(static_cast<unsigned>(b.date.month()), 2) + "-" +
         digits(static_cast<unsigned>(b.date.day()), 2);
}

std::string clock_of(const Broken& b) {
  return digits(b.hour, 2) + ":" + digits(b.minute, 2) + ":" + digits(b.second, 2);
}

/// Reads a time front to back; the first thing out of place fails the whole text.
class TimeReader {
 public:
  explicit TimeReader(std::string_view text) : rest_(text) {}

  /// Exactly `width` digits with a value of at most `max`.
  int number(std::size_t width, int max) {
    int n = 0;
    for (std::size_t i = 0; i < width; ++i) {
      n = n * 10 + digit();
    }
    if (n > max) failed_ = true;
    return failed_ ? 0 : n;
  }
  void expect(char c) {
    if (!accept(c)) failed_ = true;
  }
  bool accept(char c) {
    if (failed_ || rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }
  int digit() {
    if (failed_ || !at_digit()) {
      failed_ = true;
      return 0;
    }
    const int n = rest_.front() - '0';
    rest_.remove_prefix(1);
    return n;
  }
  void fail() { failed_ = true; }
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

sys_days read_date(TimeReader& in) {
  const int y = in.number(4, 9999);
  in.expect('-');
  const int m = in.number(2, 12);
  in.expect('-');
  const int d = in.number(2, 31);
  const year_month_day date{year(y), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d))};
  if (!date.ok()) {
    in.fail();
    return {};
  }
  return sys_days(date);
}

Time read_date_time(TimeReader& in) {
  const sys_days date = read_date(in);
  if (!in.accept('t')) in.expect('T');
  const int h = in.number(2, 23);
  in.expect(':');
  const int m = in.number(2, 59);
  in.expect(':');
  const int s = in.number(2, 59);
  return Time(date) + hours(h) + minutes(m) + seconds(s);
}

/// `.` and digits, of which six count.
microseconds read_fraction(TimeReader& in) {
  if (!in.accept('.')) return microseconds(0);
  std::int64_t value = 0;
  int count = 0;
  do {
    const int n = in.digit();
    if (count < 6) value = value * 10 + n;
    ++count;
  } while (in.at_digit());
  for (; count < 6; ++count) {
    value *= 10;
  }
  return microseconds(value);
}

minutes read_offset(TimeReader& in) {
  if (in.accept('Z') || in.accept('z')) return minutes(0);
  const bool behind = in.accept('-');
  if (!behind) in.expect('+');
  const int h = in.number(2, 23);
  in.expect(':');
  const int m = in.number(2, 59);
  const minutes offset = hours(h) + minutes(m);
  return behind ? -offset : offset;
}

Error malformed() { return Error(Errc::time_malformed); }

}  // namespace

std::string rfc3339_seconds(Time t) {
  const Broken b = broken(t);
  return date_of(b) + "T" + clock_of(b) + "Z";
}

std::string rfc3339_millis(Time t) {
  const Broken b = broken(t);
  return date_of(b) + "T" + clock_of(b) + "." + digits(b.millis, 3) + "Z";
}

std::string http_date(Time t) {
  const Broken b = broken(t);
  std::string out(kWeekdays[b.weekday]);
  out += ", " + digits(static_cast<unsigned>(b.date.day()), 2) + " ";
  out += kMonths[static_cast<unsigned>(b.date.month()) - 1];
  return out + " " + digits(static_cast<int>(b.date.year()), 4) + " " + clock_of(b) + " GMT";
}

Result<Time> parse_rfc3339_seconds(std::string_view text) {
  if (text.size() != 20 || text[10] != 'T' || text[19] != 'Z') return malformed();
  return parse_rfc3339(text);
}

Result<Time> parse_rfc3339(std::string_view text) {
  TimeReader in(text);
  const Time local = read_date_time(in);
  const microseconds fraction = read_fraction(in);
  const minutes offset = read_offset(in);
  if (!in.done()) return malformed();
  return local + fraction - offset;
}

Result<Time> parse_http_date(std::string_view text) {
  constexpr std::size_t kSize = 29, kDay = 5, kMonth = 8, kYear = 12, kClock = 17;
  if (text.size() != kSize) return malformed();
  const auto name = std::find(kMonths.begin(), kMonths.end(), text.substr(kMonth, 3));
  if (name == kMonths.end()) return malformed();
  const auto month = digits(name - kMonths.begin() + 1, 2);
  const std::string same = std::string(text.substr(kYear, 4)) + "-" + month + "-" +
                           std::string(text.substr(kDay, 2)) + "T" +
                           std::string(text.substr(kClock, 8)) + "Z";
  TRY(const Time t, parse_rfc3339_seconds(same));
  if (http_date(t) != text) return malformed();  // punctuation and the day of the week
  return t;
}

Result<Time> parse_date_or_time(std::string_view text) {
  if (text.size() != 10) return parse_rfc3339(text);
  TimeReader in(text);
  const sys_days date = read_date(in);
  if (!in.done()) return malformed();
  return Time(date);
}

}  // namespace trustee::codec
