// Which folder may include which, and where libraries and system headers come in. Reads the sources as text; needs
// neither git nor a build.
#include <gtest/gtest.h>

#include <algorithm>
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

// They are linked with libc alone, so they cannot use the other folders' code.
TEST(Includes, TheStaticProgramsIncludeNothingButEachOther) {
  Faults faults;
  for (const auto& file : cpp_files({"namespaces/helper", "namespaces/entry", "namespaces/pause", "namespaces/front"}))
    for (const auto& include : includes_of(file))
      if (include.starts_with('"') && !starts_with_any(include, {"\"namespaces/helper/", "\"namespaces/entry/",
                                                                 "\"namespaces/pause/", "\"namespaces/front/"}))
        faults.push_back(file.path + " includes " + include);
  EXPECT_EQ(faults, none);
}

TEST(Includes, LibraryHeadersAreIncludedOnlyByTheirWrappers) {
  EXPECT_EQ(includes_outside("yaml-cpp/", {"pod/yaml/"}), none);
  EXPECT_EQ(includes_outside("boost/", {"supervisor/cli/options"}), none);
  EXPECT_EQ(includes_outside("spdlog/", {"supervisor/core/log."}), none);
  EXPECT_EQ(includes_outside("systemd/", {"supervisor/"}), none);
  EXPECT_EQ(includes_outside("seccomp.h", {"namespaces/kernel/seccomp_filters."}), none);
  EXPECT_EQ(includes_outside("nlohmann/", {"pod/plan/describe_json.", "pod/spec/image.", "pod/schema/schema_json.",
                                           "pod/seccomp/", "supervisor/state/", "supervisor/commands/"}),
            none);
}

TEST(Includes, ThePodFolderIncludesNoSystemHeaders) {
  for (const auto header : {"unistd.h", "fcntl.h", "sched.h", "signal.h", "sys/", "linux/", "cstdlib", "filesystem",
                            "fstream", "iostream", "random", "thread"})
    EXPECT_EQ(includes_outside(header, {"namespaces/", "supervisor/"}), none);
  // <chrono> has durations, which are data, and clocks, which are not.
  for (const auto& file : cpp_files({"pod"}))
    EXPECT_EQ(code_of(file.text).find("_clock"), std::string::npos) << file.path;
}

TEST(Includes, OnlyTheNamespacesFolderIncludesMountHeaders) {
  for (const auto header : {"sys/mount.h", "linux/mount.h", "sched.h"})
    EXPECT_EQ(includes_outside(header, {"namespaces/"}), none);
}
