// The rules of the source tree: what may include what, which call may stand where, how long a file may be.
// Reads the sources as text; needs neither git nor a build.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/source_files.hpp"
#include "tests/source_text.hpp"

namespace {

using podrun::tests::code_of;
using podrun::tests::library_calls;

using podrun::tests::cpp_files;
using podrun::tests::lines_of;
using podrun::tests::SourceFile;

namespace fs = std::filesystem;

std::string read(const std::string& path) { return podrun::tests::read_source(path); }

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

/// Where NAME may not be called but is, as "path:line".
std::vector<std::string> calls_outside(std::string_view name, const std::vector<std::string_view>& allowed,
                                       const std::vector<SourceFile>& files) {
  std::vector<std::string> faults;
  for (const auto& file : files)
    if (!starts_with_any(file.path, allowed))
      for (const auto line : library_calls(name, code_of(file.text)))
        faults.push_back(file.path + ":" + std::to_string(line));
  return faults;
}

/// Which files include a header that begins with HEADER but may not.
std::vector<std::string> includes_outside(std::string_view header,
                                          const std::vector<std::string_view>& allowed) {
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

TEST(Architecture, FoldersDependOneWayOnly) {
  const auto below = [](std::string_view path) -> std::vector<std::string_view> {
    if (path.starts_with("pod/")) return {"\"pod/"};
    if (path.starts_with("namespaces/pause/")) return {"\"namespaces/pause/", "\"namespaces/helper/helper_rights.hpp"};
    if (path.starts_with("namespaces/entry/"))
      return {"\"namespaces/entry/", "\"namespaces/helper/exec_path.hpp", "\"namespaces/helper/helper_rights.hpp"};
    if (path.starts_with("namespaces/front/")) return {"\"namespaces/front/", "\"namespaces/pause/"};
    if (path.starts_with("namespaces/")) return {"\"pod/", "\"namespaces/"};
    return {"\"pod/", "\"namespaces/", "\"supervisor/"};
  };
  Faults faults;
  for (const auto& file : program_files())
    for (const auto& include : includes_of(file))
      if (include.starts_with('"') && !starts_with_any(include, below(file.path)))
        faults.push_back(file.path + " includes " + include);
  EXPECT_EQ(faults, none);
}

TEST(Architecture, TheTopLevelIsFixed) {
  const std::set<std::string> fixed{"CMakeLists.txt",  "CMakePresets.json",
                                    "CONTRIBUTING.md", "LICENSE",
                                    "README.md",       "SECURITY.md",     "examples",
                                    "images",          "man",
                                    "namespaces",      "pod",
                                    "scripts",         "supervisor",
                                    "systemd",         "tests"};
  const std::set<std::string> ignored{"build", "compile_commands.json"};
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(PODRUN_SOURCE_DIR))
    if (const auto name = entry.path().filename().string(); !name.starts_with('.') && !ignored.contains(name))
      found.insert(name);
  EXPECT_EQ(found, fixed);
}

TEST(Architecture, LibraryHeadersAreIncludedOnlyByTheirWrappers) {
  EXPECT_EQ(includes_outside("yaml-cpp/", {"pod/yaml/"}), none);
  EXPECT_EQ(includes_outside("boost/", {"supervisor/cli/options"}), none);
  EXPECT_EQ(includes_outside("spdlog/", {"supervisor/core/log."}), none);
  EXPECT_EQ(includes_outside("systemd/", {"supervisor/"}), none);
  EXPECT_EQ(includes_outside("nlohmann/", {"pod/plan/describe_json.", "pod/spec/image.", "pod/schema/schema_json.",
                                           "pod/seccomp/", "supervisor/state/", "supervisor/commands/"}),
            none);
}

TEST(Architecture, ThePodFolderIncludesNoSystemHeaders) {
  for (const auto header : {"unistd.h", "fcntl.h", "sched.h", "signal.h", "sys/", "linux/", "cstdlib",
                            "filesystem", "fstream", "iostream", "random", "thread"})
    EXPECT_EQ(includes_outside(header, {"namespaces/", "supervisor/"}), none);
  // <chrono> has durations, which are data, and clocks, which are not.
  for (const auto& file : cpp_files({"pod"}))
    EXPECT_EQ(code_of(file.text).find("_clock"), std::string::npos) << file.path;
}

TEST(Architecture, OnlyTheNamespacesFolderIncludesMountHeaders) {
  for (const auto header : {"sys/mount.h", "linux/mount.h", "sched.h"})
    EXPECT_EQ(includes_outside(header, {"namespaces/"}), none);
}

TEST(Architecture, TheProgramsThatContainersSeeHaveNoHeap) {
  Faults faults;
  for (const auto& file : cpp_files({"namespaces/pause", "namespaces/entry"})) {
    for (const auto& include : includes_of(file))
      if (include.starts_with('<') && !include.ends_with(".h>"))
        faults.push_back(file.path + " includes " + include);
    for (const auto allocation : {"malloc", "calloc", "realloc", "strdup"})
      for (const auto line : library_calls(allocation, code_of(file.text)))
        faults.push_back(file.path + ":" + std::to_string(line));
  }
  EXPECT_EQ(faults, none);
}

TEST(Architecture, NobodyRunsAShell) {
  const auto files = cpp_files({"pod", "namespaces", "supervisor", "tests"});
  EXPECT_EQ(calls_outside("system", {}, files), none);
  EXPECT_EQ(calls_outside("popen", {}, files), none);
}

TEST(Architecture, DangerousCallsStayWhereTheyBelong) {
  const auto& files = program_files();
  const std::vector<std::string_view> signals{"namespaces/kernel/process.", "namespaces/pause/", "namespaces/entry/"};
  for (const auto call : {"kill", "killpg", "tgkill", "pidfd_send_signal"})
    EXPECT_EQ(calls_outside(call, signals, files), none) << call;
  for (const auto call : {"fork", "vfork", "clone", "clone3", "unshare", "setns", "pivot_root", "mount"})
    EXPECT_EQ(calls_outside(call, {"namespaces/"}, files), none) << call;
  EXPECT_EQ(calls_outside("chroot", {"namespaces/child/apply", "namespaces/helper/"}, files), none);
}

TEST(SourceText, LibraryCallsAreDistinguishedFromLookalikes) {
  EXPECT_EQ(library_calls(
                "kill", code_of("void f() {\n  ::kill(1, 9);\n  if (a && kill(1, 9)) return kill(2, 9);\n}")),
            (std::vector<std::size_t>{2, 3, 3}));
  EXPECT_EQ(library_calls("kill", "syscall(SYS_kill, 1, 9);"), std::vector<std::size_t>{1});
  EXPECT_EQ(library_calls("system", "std::system(x);"), std::vector<std::size_t>{1});
  for (const auto innocent :
       {"// kill(1, 9)", "/* kill(1, 9) */", "f(\"kill(1, 9)\\\"\");", "R\"x(kill(1, 9) \")x\"",
        "group.kill(1);", "group->kill(1);", "Group::kill(1);", "return ns::kill(1);", "Result<> kill(int);",
        "int skill(int);", "void kill(int);\nint i = kill(1);", "void ns::Group::kill() {\n  kill(1);"})
    EXPECT_EQ(library_calls("kill", code_of(innocent)), std::vector<std::size_t>{}) << innocent;
}

TEST(Architecture, NoFileIsLongerThan300Lines) {
  Faults faults;
  for (const auto& file : program_files())
    if (const auto lines = std::ranges::count(file.text, '\n'); lines > 300)
      faults.push_back(file.path + ": " + std::to_string(lines));
  EXPECT_EQ(faults, none);
}

TEST(Architecture, EachFileOpensWithADescribingComment) {
  Faults faults;
  for (const auto& file : cpp_files({"pod", "namespaces", "supervisor", "tests"}))
    if (!file.text.starts_with("// ")) faults.push_back(file.path);
  for (const auto& entry : fs::directory_iterator(fs::path(PODRUN_SOURCE_DIR) / "examples/pods"))
    if (const auto path = "examples/pods/" + entry.path().filename().string(); !read(path).starts_with("# "))
      faults.push_back(path);
  EXPECT_EQ(faults, none);
}

TEST(Readme, TheReadmeHasTheCommandOfCiAndOneToRunAPod) {
  const auto readme = lines_of(read("README.md"));
  const auto ci = lines_of(read(".ci/run"));
  ASSERT_FALSE(ci.empty());
  EXPECT_EQ(std::ranges::count(readme, ci.back()), 1) << "the last line of .ci/run, as a line of the README";
  EXPECT_EQ(std::ranges::count_if(
                readme, [](const auto& line) { return line.ends_with("podrun examples/pods/web.yaml"); }),
            1);
}
