// The commands in podrun-namespaces(7) and podrun-network(7) work: all blocks of a page are run in order in one root
// shell, as a reader would do.
#include <filesystem>
#include <fstream>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// The literal blocks of a manual page's walk as they are displayed.
std::vector<std::string> blocks_of(const std::string& manual) {
  std::vector<std::string> blocks;
  bool inside = false, is_walk = false;
  for (std::string line : lines_of(contents_of(manual))) {
    if (line.starts_with(".Sh ")) is_walk = line == ".Sh A WALK";
    if (is_walk && line.starts_with(".Bd -literal")) {
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

/// Runs all blocks of a page. Each must succeed. Returns what they print.
std::string walk_through(const std::string& page, const TemporaryRoot& root) {
  // The page uses no --root. Here each command of podrun gets one. The folder of ip-netns(8) is the walk's own.
  std::string script = "set -e\nmount -t tmpfs none /run\npodrun() { command podrun --root " + root.path() +
                       " \"$@\"; }\ncd " PODRUN_SOURCE_DIR "\n";
  const auto blocks = blocks_of(PODRUN_SOURCE_DIR "/man/" + page);
  EXPECT_GT(blocks.size(), 8U);
  for (std::size_t at = 0; at < blocks.size(); ++at)
    script += as_built_here(blocks[at]) + "echo block " + std::to_string(at) + " is done\n";
  PodRun shell({"/usr/bin/unshare", "--mount", "/bin/bash", "-c", script});
  for (std::size_t at = 0; at < blocks.size(); ++at)
    if (const auto done = shell.wait_for_out("block " + std::to_string(at) + " is done"); !done) {
      ADD_FAILURE() << done.message() << blocks[at] << shell.err();
      return shell.out();
    }
  EXPECT_EQ(shell.wait_exit(), 0) << shell.err();
  return shell.out();
}

class ManualWalkthrough : public testing::Test {
 protected:
  void TearDown() override {
    std::filesystem::remove_all(root_.layout().logs());
    EXPECT_EQ(changes(before_, snapshot(root_)), "");
  }

  const TemporaryRoot root_;
  const HostSnapshot before_ = snapshot(root_);
};

TEST_F(ManualWalkthrough, EachCodeBlockOfTheNamespacesPageRuns) {
  EXPECT_TRUE(holds(walk_through("podrun-namespaces.7", root_), "refused"));
}

TEST_F(ManualWalkthrough, EachCodeBlockOfTheNetworkPageRuns) {
  const std::string out = walk_through("podrun-network.7", root_);
  for (const char* const words :
       {"[::ffff:10.77.0.1]:",            // the host's 127.0.0.1, by the forwarder
        "[::ffff:198.51.100.2]:",         // the client's address stays
        "not reachable",                  // a port that is not published
        "0% packet loss",                 // the world
        "masquerade", "dnat ip to", "Name:\tentries.default.svc.cluster.local", "The book is open.", "<svg",
        "the interface is gone", "the tables are gone"})
    EXPECT_TRUE(holds(out, words)) << words << "\n" << out;
}

}  // namespace
}  // namespace podrun::test
