#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "codec/json.h"
#include "tests/support/file_bytes.h"

namespace trustee {

/// A JSON file named relative to the repository root; fails the test when it is none.
inline json::Value json_file(const std::string& path) {
  auto value = json::parse(file_text(path));
  EXPECT_TRUE(value.ok()) << path;
  return value.ok() ? std::move(value).value() : json::Value();
}

/// The text at a JSON pointer; fails the test when there is none.
inline std::string text_at(const json::Value& value, std::string_view pointer) {
  const json::Value* const found = value.at_pointer(pointer);
  const std::string* const text = found == nullptr ? nullptr : found->as_string();
  EXPECT_NE(text, nullptr) << pointer;
  return text == nullptr ? std::string() : *text;
}

/// One recorded HTTP exchange.
struct Exchange {
  std::size_t step = 0;
  std::string note;  ///< of its step
  std::vector<std::string> argv;
  std::string stdout_text;
  std::string method, path, request_body;
  std::optional<std::string> authorization;
  std::uint64_t status = 0;
  std::string response_body;
};

/// The first header of this name, which is given in lower case.
inline std::optional<std::string> recorded_header(const json::Value& message,
                                                  std::string_view name) {
  for (const json::Value& header : *message.at_pointer("/headers")->as_array()) {
    std::string recorded = text_at(header, "/0");
    for (char& c : recorded) {
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    if (recorded == name) return text_at(header, "/1");
  }
  return std::nullopt;
}

/// When the file was recorded. Shape: RFC 3339.
inline std::string recorded_at(const std::string& scenario) {
  return text_at(json_file("tests/transcripts/" + scenario + ".json"), "/recorded");
}

/// The exchanges of one file in tests/transcripts, in their order.
inline std::vector<Exchange> recorded_exchanges(const std::string& scenario) {
  std::vector<Exchange> out;
  const json::Value file = json_file("tests/transcripts/" + scenario + ".json");
  std::size_t step_number = 0;
  for (const json::Value& step : *file.at_pointer("/steps")->as_array()) {
    for (const json::Value& e : *step.at_pointer("/exchanges")->as_array()) {
      const json::Value& request = *e.at_pointer("/request");
      const json::Value& response = *e.at_pointer("/response");
      Exchange x;
      x.step = step_number;
      x.note = text_at(step, "/note");
      if (const json::Value* argv = step.at_pointer("/argv"); argv != nullptr && argv->as_array()) {
        for (const json::Value& a : *argv->as_array()) {
          x.argv.push_back(*a.as_string());
        }
      }
      if (const json::Value* s = step.at_pointer("/stdout"); s != nullptr && s->as_string()) {
        x.stdout_text = *s->as_string();
      }
      x.method = text_at(request, "/method");
      x.path = text_at(request, "/path");
      x.request_body = text_at(request, "/body");
      x.authorization = recorded_header(request, "authorization");
      x.status = response.at_pointer("/status")->as_number()->as_u64().value_or(0);
      x.response_body = text_at(response, "/body");
      out.push_back(std::move(x));
    }
    ++step_number;
  }
  EXPECT_FALSE(out.empty()) << scenario;
  return out;
}

}  // namespace trustee
