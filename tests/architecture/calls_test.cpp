// Which call may stand where, and what runs without a heap.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/architecture/source_files.hpp"
#include "tests/architecture/source_text.hpp"

namespace {

using podrun::tests::code_of;
using podrun::tests::cpp_files;
using podrun::tests::functions_in;
using podrun::tests::is_word;
using podrun::tests::library_calls;
using podrun::tests::lines_of;
using podrun::tests::SourceFile;

using Faults = std::vector<std::string>;
const Faults none;

/// Where NAME may not be called but is, as "path:line".
Faults calls_outside(std::string_view name, const std::vector<std::string_view>& allowed,
                     const std::vector<SourceFile>& files) {
  Faults faults;
  for (const auto& file : files) {
    if (std::ranges::any_of(allowed, [&](auto place) { return file.path.starts_with(place); })) continue;
    for (const auto line : library_calls(name, code_of(file.text)))
      faults.push_back(file.path + ":" + std::to_string(line));
  }
  return faults;
}

/// The identifiers and keywords of a line.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const std::size_t begin = at;
    while (at < line.size() && is_word(line[at])) ++at;
    if (at > begin) words.push_back(line.substr(begin, at - begin));
  }
  return words;
}

/// What stands before the body of the function that begins in `line`, from 1.
std::string code_between(const std::vector<std::string>& lines, std::size_t line) {
  std::string text;
  for (std::size_t at = line - 1; at < lines.size(); ++at) {
    text += lines[at];
    if (const auto brace = lines[at].find('{'); brace != std::string::npos) break;
  }
  return text;
}

}  // namespace

TEST(Calls, TheProgramsThatContainersSeeHaveNoHeap) {
  Faults faults;
  for (const auto& file : cpp_files(
           {"namespaces/helper", "namespaces/pause", "namespaces/entry", "namespaces/forwarder"})) {
    for (const auto& line : lines_of(file.text))
      if (line.starts_with("#include <") && !line.ends_with(".h>")) faults.push_back(file.path + ": " + line);
    for (const auto allocation : {"malloc", "calloc", "realloc", "strdup"})
      for (const auto line : library_calls(allocation, code_of(file.text)))
        faults.push_back(file.path + ":" + std::to_string(line));
  }
  EXPECT_EQ(faults, none);
}

// What runs between clone3(2) and execve(2) must not allocate, throw or end by exit(3).
TEST(Calls, TheChildFolderNeitherAllocatesNorThrows) {
  const std::set<std::string_view> forbidden{
      "new",         "throw",     "try",    "catch",  "string",   "vector",       "function", "make_unique",
      "make_shared", "push_back", "insert", "append", "resize",   "emplace_back", "emplace",  "reserve",
      "to_string",   "fmt",       "malloc", "calloc", "realloc",  "free",         "strdup",   "exit",
      "abort",       "printf",    "Result", "TRY",    "TRY_VOID", "fprintf",      "snprintf", "Fd"};
  Faults faults;
  for (const auto& file : cpp_files({"namespaces/child"})) {
    const std::string code = code_of(file.text);
    const auto lines = lines_of(code);
    for (std::size_t line = 0; line < lines.size(); ++line)
      for (const auto& word : words_of(lines[line]))
        if (!lines[line].starts_with("#") && forbidden.contains(word))
          faults.push_back(file.path + ":" + std::to_string(line + 1) + ": " + std::string(word));
    for (const auto& function : functions_in(code)) {
      const std::string head = code_between(lines, function.line);  // a destructor is noexcept without the word
      if (head.find("noexcept") == head.npos && head.find('~') == head.npos)
        faults.push_back(file.path + ":" + std::to_string(function.line) + ": not noexcept");
    }
  }
  EXPECT_EQ(faults, none);
}

TEST(Calls, NobodyRunsAShell) {
  const auto files = cpp_files({"pod", "namespaces", "supervisor", "tests"});
  EXPECT_EQ(calls_outside("system", {}, files), none);
  EXPECT_EQ(calls_outside("popen", {}, files), none);
}

TEST(Calls, DangerousCallsStayWhereTheyBelong) {
  const auto files = cpp_files({"pod", "namespaces", "supervisor"});
  const std::vector<std::string_view> signals{"namespaces/kernel/process.", "namespaces/pause/", "namespaces/entry/",
                                              "namespaces/puller/puller_filter."};  // a number
  for (const auto call : {"kill", "killpg", "tgkill", "pidfd_send_signal"})
    EXPECT_EQ(calls_outside(call, signals, files), none) << call;
  for (const auto call : {"fork", "vfork", "clone", "clone3", "unshare", "setns", "pivot_root", "mount"})
    EXPECT_EQ(calls_outside(call, {"namespaces/"}, files), none) << call;
  EXPECT_EQ(calls_outside("chroot", {"namespaces/child/apply", "namespaces/helper/"}, files), none);
}

TEST(SourceText, LibraryCallsAreDistinguishedFromLookalikes) {
  EXPECT_EQ(library_calls("kill", code_of("void f() {\n  ::kill(1, 9);\n  if (a && kill(1, 9)) return kill(2, 9);\n}")),
            (std::vector<std::size_t>{2, 3, 3}));
  EXPECT_EQ(library_calls("kill", "syscall(SYS_kill, 1, 9);"), std::vector<std::size_t>{1});
  EXPECT_EQ(library_calls("system", "std::system(x);"), std::vector<std::size_t>{1});
  for (const auto innocent :
       {"// kill(1, 9)", "/* kill(1, 9) */", "f(\"kill(1, 9)\\\"\");", "R\"x(kill(1, 9) \")x\"", "group.kill(1);",
        "group->kill(1);", "Group::kill(1);", "return ns::kill(1);", "Result<> kill(int);", "int skill(int);",
        "void kill(int);\nint i = kill(1);", "void ns::Group::kill() {\n  kill(1);"})
    EXPECT_EQ(library_calls("kill", code_of(innocent)), std::vector<std::size_t>{}) << innocent;
}
