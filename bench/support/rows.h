#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace trustee::bench {

/// One line of the table of budgets, in the form that scripts/bench collects:
/// `ROW|what|measured|limit|ratio|budget|met`.
inline void print_row(std::string_view what, const std::string& measured, const std::string& limit,
                      const std::string& ratio, std::string_view budget, std::string_view met) {
  std::printf("ROW|%.*s|%s|%s|%s|%.*s|%.*s\n", static_cast<int>(what.size()), what.data(),
              measured.c_str(), limit.c_str(), ratio.c_str(), static_cast<int>(budget.size()),
              budget.data(), static_cast<int>(met.size()), met.data());
  std::fflush(stdout);
}

inline std::string number(const char* format, double value) {
  char out[64];
  std::snprintf(out, sizeof out, format, value);
  return out;
}
inline std::string micros(double us) { return number("%.1f us", us); }

/// Work that shall reach `percent` of the speed of `limit_us`.
inline void print_share(std::string_view what, double us, double limit_us, int percent) {
  const double share = 100 * limit_us / us;
  print_row(what, micros(us), micros(limit_us), number("%.0f %%", share),
            ">= " + std::to_string(percent) + " %", share >= percent ? "yes" : "NO");
}

/// Work that may cost `most` times `base_us`.
inline void print_factor(std::string_view what, double us, double base_us, double most) {
  const double factor = us / base_us;
  print_row(what, micros(us), micros(base_us), number("%.2f x", factor), number("<= %.1f x", most),
            factor <= most ? "yes" : "NO");
}

/// A figure without a budget.
inline void print_figure(std::string_view what, double us) {
  print_row(what, micros(us), "", "", "", "");
}

}  // namespace trustee::bench
