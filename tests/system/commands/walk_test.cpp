// The commands in podrun-namespaces(7) work: all blocks are run in order in one root shell, as a reader would do.
#include <filesystem>
#include <fstream>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// The literal blocks of a manual page as they are displayed.
std::vector<std::string> blocks_of(const std::string& manual) {
  std::vector<std::string> blocks;
  bool inside = false;
  for (std::string line : lines_of(contents_of(manual))) {
    if (line.starts_with(".Bd -literal")) {
      inside = true;
      blocks.emplace_back();
    } else if (line == ".Ed") {
      inside = false;
    } else if (inside) {
      if (line.ends_with("\\e")) line.replace(line.size() - 1, 1, "");
      blocks.back() += line + "\n";
    }
  }
  return blocks;
}

/// Puts the build under test in place of the release build that the page uses.
std::string as_built_here(std::string block) {
  const std::string release = "$PWD/build/release";
  if (const auto at = block.find(release); at != std::string::npos) block.replace(at, release.size(), build_folder);
  return block;
}

TEST(ManualWalkthrough, EachCodeBlockOfTheManualRuns) {
  const TemporaryRoot root;
  const HostSnapshot before = snapshot(root);
  // The page uses no --root. Here each command of podrun gets one.
  std::string script = "set -e\npodrun() { command podrun --root " + root.path() + " \"$@\"; }\n";
  const auto blocks = blocks_of(PODRUN_SOURCE_DIR "/man/podrun-namespaces.7");
  ASSERT_GT(blocks.size(), 8U);
  for (std::size_t at = 0; at < blocks.size(); ++at)
    script += as_built_here(blocks[at]) + "echo block " + std::to_string(at) + " is done\n";
  PodRun shell({"/bin/bash", "-c", "cd " PODRUN_SOURCE_DIR "\n" + script});
  for (std::size_t at = 0; at < blocks.size(); ++at)
    ASSERT_TRUE(shell.wait_for_out("block " + std::to_string(at) + " is done")) << blocks[at];
  EXPECT_EQ(shell.wait_exit(), 0) << shell.err();
  EXPECT_TRUE(holds(shell.out(), "refused"));
  std::filesystem::remove_all(root.layout().logs());
  EXPECT_EQ(changes(before, snapshot(root)), "");
}

}  // namespace
}  // namespace podrun::test
