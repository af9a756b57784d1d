// A fixture for tests of `podrun logs`: a pod's folder of logs, and what is shown of it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/logs/show_logs.hpp"
#include "tests/supervisor/directory_handles.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {

class LogReader : public testing::Test {
 protected:
  // Adds what CONTAINER wrote at second TIME to the log of an instance.
  void add(const std::string& container, int instance, int time, std::string_view raw, Stream stream = Stream::Out) {
    std::string records;
    append_records(records, raw, stream, WallTime(std::chrono::seconds(time)));
    append(container, instance, records);
  }
  void append(const std::string& container, int instance, std::string_view bytes) {
    std::filesystem::create_directories(directory_ / container);
    const std::string path = directory_ / container + "/" + std::to_string(instance) + ".log";
    const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    ASSERT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  }

  LogQuery of(std::vector<std::string> containers) const {
    return {.folder = held(directory_ / ""), .containers = std::move(containers)};
  }

  // What is shown on stdout of a pod that has ended.
  std::array<std::string, 2> shown(const LogQuery& query) {
    std::array<std::string, 2> text;
    const auto done = show_logs(
        query,
        [&](Stream stream, std::string_view more) {
          text[static_cast<std::size_t>(stream)] += more;
          return true;
        },
        [] { return std::nullopt; });
    EXPECT_TRUE(done) << done.error().message;
    return text;
  }
  std::string shown_out(const LogQuery& query) { return shown(query)[0]; }

  TemporaryDirectory directory_;
};

}  // namespace podrun::supervisor
