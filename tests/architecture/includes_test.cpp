// Which folder may include which, and where libraries and system headers come in. Reads the sources as text; needs
// neither git nor a build.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_files.hpp"
#include "tests/architecture/source_text.hpp"

namespace {

using podrun::tests::code_of;
using podrun::tests::cpp_files;
using podrun::tests::lines_of;
using podrun::tests::SourceFile;

namespace fs = std::filesystem;

/// The folders in the order in which they may include each other: a folder includes itself and those before it.
constexpr std::array<std::string_view, 51> floors{
    "pod/text", "pod/json", "pod/yaml", "pod/network", "pod/spec", "pod/image", "pod/annotations", "pod/environment",
    "pod/seccomp", "pod/schema", "pod/workload", "pod/manifest", "pod/plan", "pod/failure", "pod/compile", "pod/script",
    "pod/stored",
    // The programs that stand in a pod's processes. What they say to the supervisor is in their headers.
    "namespaces/helper", "namespaces/entry", "namespaces/pause", "namespaces/front", "namespaces/prober",
    "namespaces/forwarder", "namespaces/resolver",  //
    "namespaces/kernel", "namespaces/paths", "namespaces/puller", "namespaces/images", "namespaces/unpacker",
    "namespaces/netlink", "namespaces/network", "namespaces/volumes", "namespaces/child", "namespaces/launch",  //
    "supervisor/core", "supervisor/images", "supervisor/leases", "supervisor/lifecycle", "supervisor/logs",
    "supervisor/state", "supervisor/history",
    "supervisor/attach", "supervisor/health", "supervisor/network", "supervisor/engine", "supervisor/show",
    "supervisor/cli", "supervisor/image_verbs", "supervisor/questions", "supervisor/commands", "supervisor"};

std::optional<std::size_t> floor_of(const std::string& path) {
  const auto folder = fs::path(path).parent_path().generic_string();
  const auto at = std::ranges::find(floors, folder);
  if (at == floors.end()) return {};
  return static_cast<std::size_t>(at - floors.begin());
}

/// The program's own, read once.
const std::vector<SourceFile>& program_files() {
  static const auto files = cpp_files({"pod", "namespaces", "supervisor"});
  return files;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& beginnings) {
  return std::ranges::any_of(beginnings, [&](auto beginning) { return text.starts_with(beginning); });
}

/// Each `#include` of a file: "pod/plan/plan.hpp" with its quotes, <vector> with its brackets.
std::vector<std::string> includes_of(const SourceFile& file) {
  std::vector<std::string> includes;
  for (const auto& line : lines_of(file.text))
    if (line.starts_with("#include ")) includes.push_back(line.substr(9, line.find_last_of("\">") - 8));
  return includes;
}

/// Which files include a header that begins with HEADER but may not.
std::vector<std::string> includes_outside(std::string_view header, const std::vector<std::string_view>& allowed) {
  std::vector<std::string> faults;
  for (const auto& file : program_files())
    if (!starts_with_any(file.path, allowed))
      for (const auto& include : includes_of(file))
        if (include.substr(1).starts_with(header)) faults.push_back(file.path + " includes " + include);
  return faults;
}

using Faults = std::vector<std::string>;
const Faults none;

}  // namespace

TEST(Includes, EachFolderIncludesOnlyItselfAndLowerFloors) {
  Faults faults;
  for (const auto& file : program_files()) {
    const auto floor = floor_of(file.path);
    if (!floor) {
      faults.push_back(file.path + " is on no floor");
      continue;
    }
    for (const auto& include : includes_of(file)) {
      if (!include.starts_with('"')) continue;
      const auto included = floor_of(include.substr(1, include.size() - 2));
      if (!included || *included > *floor) faults.push_back(file.path + " includes " + include);
    }
  }
  EXPECT_EQ(faults, none);
}

// They are linked with libc alone, so they cannot use the other folders' code.
TEST(Includes, TheStaticProgramsIncludeNothingButEachOther) {
  Faults faults;
  for (const auto& file : cpp_files({"namespaces/helper", "namespaces/entry", "namespaces/pause", "namespaces/front",
                                    "namespaces/forwarder"}))
    for (const auto& include : includes_of(file))
      if (include.starts_with('"') && !starts_with_any(include, {"\"namespaces/helper/", "\"namespaces/entry/",
                                                                 "\"namespaces/pause/", "\"namespaces/front/",
                                                                 "\"namespaces/forwarder/"}))
        faults.push_back(file.path + " includes " + include);
  EXPECT_EQ(faults, none);
}

TEST(Includes, LibraryHeadersAreIncludedOnlyByTheirWrappers) {
  EXPECT_EQ(includes_outside("yaml-cpp/", {"pod/yaml/"}), none);
  EXPECT_EQ(includes_outside("boost/", {"supervisor/cli/options"}), none);
  EXPECT_EQ(includes_outside("spdlog/", {"supervisor/core/log."}), none);
  EXPECT_EQ(includes_outside("systemd/", {"supervisor/"}), none);
  EXPECT_EQ(includes_outside("seccomp.h", {"namespaces/kernel/seccomp_filters."}), none);
  EXPECT_EQ(includes_outside("curl/", {"namespaces/prober/"}), none);
  EXPECT_EQ(includes_outside("resolv.h", {"namespaces/resolver/message"}), none);
  EXPECT_EQ(includes_outside("toml++/", {"namespaces/puller/short_names.cpp"}), none);
  EXPECT_EQ(includes_outside("arpa/nameser.h", {"namespaces/resolver/message"}), none);
  EXPECT_EQ(includes_outside("archive", {"namespaces/unpacker/layer_reader.", "namespaces/puller/"}), none);
  EXPECT_EQ(includes_outside("openssl/", {"namespaces/unpacker/sha256."}), none);
  EXPECT_EQ(includes_outside("isa-l/", {"namespaces/unpacker/decompressor."}), none);
  EXPECT_EQ(includes_outside("zstd.h", {"namespaces/unpacker/decompressor."}), none);
  EXPECT_EQ(includes_outside("nlohmann/", {"pod/json/json.cpp"}), none);
}

TEST(Includes, ThePodFolderIncludesNoSystemHeaders) {
  for (const auto header : {"unistd.h", "fcntl.h", "sched.h", "signal.h", "sys/", "linux/", "cstdlib", "filesystem",
                            "fstream", "iostream", "random", "thread"})
    EXPECT_EQ(includes_outside(header, {"namespaces/", "supervisor/"}), none);
  // <chrono> has durations, which are data, and clocks, which are not.
  for (const auto& file : cpp_files({"pod"}))
    EXPECT_EQ(code_of(file.text).find("_clock"), std::string::npos) << file.path;
}

// The lifecycle decides from data alone: neither a clock nor I/O can be reached through these.
TEST(Includes, TheLifecycleIncludesNothingThatReadsAClockOrDoesIo) {
  const std::vector<std::string_view> allowed{"\"pod/spec/",
                                              "\"supervisor/lifecycle/",
                                              "\"supervisor/core/times.hpp\"",
                                              "<algorithm>",
                                              "<array>",
                                              "<chrono>",
                                              "<cstddef>",
                                              "<cstdint>",
                                              "<iterator>",
                                              "<limits>",
                                              "<optional>",
                                              "<span>",
                                              "<string>",
                                              "<string_view>",
                                              "<type_traits>",
                                              "<utility>",
                                              "<variant>",
                                              "<vector>"};
  Faults faults;
  for (const auto& file : cpp_files({"supervisor/lifecycle"})) {
    for (const auto& include : includes_of(file))
      if (!starts_with_any(include, allowed)) faults.push_back(file.path + " includes " + include);
    EXPECT_EQ(code_of(file.text).find("_clock"), std::string::npos) << file.path;
  }
  EXPECT_EQ(faults, none);
}

// Between clone3(2) and execve(2) another thread's lock may be held for ever: nothing there allocates or throws.
TEST(Includes, TheChildFolderIncludesNothingThatAllocates) {
  const std::vector<std::string_view> allowed{"\"pod/plan/",
                                              "\"namespaces/child/",
                                              "\"namespaces/entry/entry_protocol.hpp\"",
                                              "\"namespaces/helper/",
                                              "\"namespaces/paths/open_inside.hpp\"",
                                              "\"namespaces/kernel/mount_point.hpp\"",
                                              "\"namespaces/kernel/namespace_kinds.hpp\"",
                                              "\"namespaces/kernel/new_mount.hpp\"",
                                              "\"namespaces/kernel/seccomp_filters.hpp\"",
                                              "\"namespaces/kernel/syscalls.hpp\"",
                                              "<algorithm>",
                                              "<array>",
                                              "<cerrno>",
                                              "<climits>",
                                              "<cstddef>",
                                              "<cstdint>",
                                              "<cstring>",
                                              "<span>",
                                              "<utility>",
                                              "<variant>"};
  Faults faults;
  for (const auto& file : cpp_files({"namespaces/child"}))
    for (const auto& include : includes_of(file))
      if (!starts_with_any(include, allowed) && !include.ends_with(".h>"))
        faults.push_back(file.path + " includes " + include);
  EXPECT_EQ(faults, none);
}

TEST(Includes, OnlyTheNamespacesFolderIncludesMountHeaders) {
  for (const auto header : {"sys/mount.h", "linux/mount.h", "sched.h"})
    EXPECT_EQ(includes_outside(header, {"namespaces/"}), none);
}
