#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "reload/errors.h"
#include "reload/files.h"
#include "reload/watch.h"
#include "tests/support/fixed_clock.h"
#include "tests/support/temp_dir.h"

namespace trustee::reload {

using std::chrono::seconds;
using Kind = Source::Kind;
using Lines = std::vector<std::string>;

inline constexpr Time kNow = Time(seconds(1'795'000'000));

class Watching : public ::testing::Test {
 protected:
  /// Watches files whose joined content is put in force unless it has the word `bad`.
  Watched joined(const Lines& paths) {
    Watched out;
    out.name = "the thing";
    for (const auto& path : paths) {
      out.sources.push_back({Kind::text, path});
    }
    out.take = [this, paths](Time) -> Result<void> {
      ++reads_;
      std::string all;
      for (const auto& path : paths) {
        auto text = read_file(path);
        if (!text.ok()) return std::move(text).error();
        all += *text;
        if (between_) between_();
      }
      if (all.find("bad") != std::string::npos) return Error(Errc::material_invalid, all);
      in_force_ = all;
      return {};
    };
    return out;
  }
  /// Puts a new file in the place of the old one, as tools that renew keys do.
  void replace(const std::string& path, std::string_view text) {
    std::ofstream(path + ".next", std::ios::binary) << text;
    std::filesystem::rename(path + ".next", path);
  }

  TempDir dir_;
  std::unique_ptr<net::HttpClient> client_ = std::move(net::HttpClient::create({})).value();
  Lines reloaded_;
  Lines refused_;
  Watch watch_{*client_, [this](Watch::Outcome outcome, std::string text) {
                 (outcome == Watch::Outcome::reloaded ? reloaded_ : refused_).push_back(text);
               }};
  std::string in_force_;
  int reads_ = 0;
  std::function<void()> between_;
};

}  // namespace trustee::reload
