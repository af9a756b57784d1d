// The shape of the source tree: how long a line, a function and a file may be, and how much a folder may hold.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
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
using podrun::tests::lines_of;
using podrun::tests::read_source;
using podrun::tests::SourceFile;

namespace fs = std::filesystem;

constexpr std::size_t most_columns = 120, most_function_lines = 60, most_modules = 20;
constexpr auto most_file_lines = 300;

using Faults = std::vector<std::string>;
const Faults none;

/// All C++ of the tree, read once.
const std::vector<SourceFile>& all_files() {
  static const auto files = cpp_files({"pod", "namespaces", "supervisor", "tests"});
  return files;
}

/// How many characters a line of UTF-8 has.
std::size_t columns_of(std::string_view line) {
  return static_cast<std::size_t>(
      std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Whether a line is longer because its text is: in a raw string, which cannot be broken.
bool is_in_raw_string(const std::string& code, std::size_t line) {
  const auto lines = lines_of(code);
  return lines[line].find_first_not_of(' ') == std::string::npos;
}

}  // namespace

TEST(Shape, TheTopLevelIsFixed) {
  const std::set<std::string> fixed{"CMakeLists.txt", "CMakePresets.json", "CONTRIBUTING.md", "LICENSE", "README.md",
                                    "SECURITY.md",    "examples",          "images",          "man",     "namespaces",
                                    "pod",            "scripts",           "supervisor",      "systemd", "tests"};
  const std::set<std::string> ignored{"build", "compile_commands.json"};
  std::set<std::string> found;
  for (const auto& entry : fs::directory_iterator(PODRUN_SOURCE_DIR))
    if (const auto name = entry.path().filename().string(); !name.starts_with('.') && !ignored.contains(name))
      found.insert(name);
  EXPECT_EQ(found, fixed);
}

TEST(Shape, NoFileIsLongerThan300Lines) {
  Faults faults;
  for (const auto& file : all_files())
    if (const auto lines = std::ranges::count(file.text, '\n'); lines > most_file_lines)
      faults.push_back(file.path + ": " + std::to_string(lines));
  EXPECT_EQ(faults, none);
}

TEST(Shape, NoFunctionIsLongerThan60Lines) {
  Faults faults;
  std::size_t functions = 0;
  for (const auto& file : all_files())
    for (const auto& function : functions_in(code_of(file.text))) {
      ++functions;
      if (function.lines > most_function_lines)
        faults.push_back(file.path + ":" + std::to_string(function.line) + ": " + std::to_string(function.lines));
    }
  EXPECT_EQ(faults, none);
  EXPECT_GT(functions, 3000U) << "functions are not found any more";
}

TEST(Shape, NoLineIsLongerThan120Columns) {
  Faults faults;
  for (const auto& file : all_files()) {
    const auto lines = lines_of(file.text);
    for (std::size_t line = 0; line < lines.size(); ++line)
      if (columns_of(lines[line]) > most_columns && !is_in_raw_string(code_of(file.text), line))
        faults.push_back(file.path + ":" + std::to_string(line + 1));
  }
  EXPECT_EQ(faults, none);
}

// A module is a header with its source, or either alone.
TEST(Shape, NoFolderHasMoreThan20Modules) {
  std::map<std::string, std::set<std::string>> folders;
  for (const auto& file : all_files()) {
    const fs::path path(file.path);
    folders[path.parent_path().generic_string()].insert(path.stem().string());
  }
  Faults faults;
  for (const auto& [folder, modules] : folders)
    if (modules.size() > most_modules) faults.push_back(folder + ": " + std::to_string(modules.size()));
  EXPECT_EQ(faults, none);
}

TEST(Shape, EachFileOpensWithADescribingComment) {
  Faults faults;
  for (const auto& file : all_files())
    if (!file.text.starts_with("// ")) faults.push_back(file.path);
  for (const auto& entry : fs::directory_iterator(fs::path(PODRUN_SOURCE_DIR) / "examples/pods"))
    if (const auto path = "examples/pods/" + entry.path().filename().string(); !read_source(path).starts_with("# "))
      faults.push_back(path);
  EXPECT_EQ(faults, none);
}

TEST(SourceText, FunctionsAreMeasuredFromTheirFirstLineToTheirBrace) {
  const auto functions = functions_in(code_of("namespace a {\n"
                                              "struct S {\n"
                                              "  int x{3};\n"
                                              "  S(int y)\n"
                                              "      : x{y}, z(y) {}\n"
                                              "  int get() const { return x; }\n"
                                              "};\n"
                                              "const int list[] = {1, 2};\n"
                                              "auto f(int i) -> int {\n"
                                              "  const auto g = [](int j) {\n"
                                              "    return j;\n"
                                              "  };\n"
                                              "  return g(i);\n"
                                              "}\n"
                                              "}  // namespace a\n"
                                              "TEST(Suite, Name) {\n"
                                              "}\n"));
  std::vector<std::pair<std::size_t, std::size_t>> found;
  for (const auto& function : functions) found.emplace_back(function.line, function.lines);
  EXPECT_EQ(found, (std::vector<std::pair<std::size_t, std::size_t>>{{4, 2}, {6, 1}, {9, 6}, {16, 2}}));
}
