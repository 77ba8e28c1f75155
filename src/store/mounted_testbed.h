#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "store/local_fs.h"
#include "store/local_json.h"
#include "tests/support/kubelet_volume.h"
#include "tests/support/kv_model.h"
#include "tests/support/temp_dir.h"

namespace trustee {

using kv::Overwrite;
using kv_contract::text_of;
using Keys = std::vector<std::string>;

inline std::shared_ptr<kv::Namespace> open_fs(const std::string& dir, std::string_view name) {
  return store::create_local_fs({.dir_path = dir, .before_step = {}}).value()->open(name).value();
}
inline std::shared_ptr<kv::Namespace> open_json(const std::string& dir, std::string_view name) {
  return store::create_local_json({.file_dir_path = dir, .before_step = {}})
      .value()
      ->open(name)
      .value();
}
inline void write_file(const std::string& path, std::string_view text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
inline Keys sorted(Result<Keys> keys) {
  Keys out = std::move(keys).value();
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace trustee
