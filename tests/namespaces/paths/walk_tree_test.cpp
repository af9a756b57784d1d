// Walks through trees: each entry is visited once, at any depth, also while the tree is changed.
#include "namespaces/paths/walk_tree.hpp"

#include <dirent.h>
#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "namespaces/paths/remove_tree.hpp"
#include "tests/namespaces/deep_tree.hpp"
#include "tests/namespaces/mount_namespace.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class WalkTree : public testing::Test {
 protected:
  ~WalkTree() override { EXPECT_TRUE(remove_tree(top_)); }

  static Fd open(const std::string& path) { return Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); }
  static Result<Fd> enter(const TreeEntry& entry) {
    return entry.type == DT_DIR ? open_unmounted(entry.directory, entry.name) : Result<Fd>(Fd());
  }

  supervisor::TemporaryDirectory directory_;
  std::string top_ = directory_ / "top";
};

TEST_F(WalkTree, EachEntryIsVisitedOnceAndADirectoryLeftAfterItsEntries) {
  fs::create_directories(top_ + "/a/b/c");
  fs::create_directories(top_ + "/d");
  for (const char* const file : {"/a/1", "/a/b/2", "/a/b/c/3", "/d/4", "/5"}) std::ofstream(top_ + file) << "";
  fs::create_symlink(directory_ / "", top_ + "/a/link");
  std::map<std::string, int> came, left;
  const auto walked = walk_tree(open(top_), {.arrive =
                                                 [&](const TreeEntry& entry) {
                                                   ++came[entry.name];
                                                   return enter(entry);
                                                 },
                                             .leave = [&](const TreeEntry& entry) -> Result<bool> {
                                               EXPECT_EQ(came.at(entry.name), 1);
                                               if (std::string(entry.name) == "b") {
                                                 EXPECT_TRUE(left.contains("c"));
                                               }
                                               return ++left[entry.name], false;
                                             }});
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(
      came,
      (std::map<std::string, int>{
          {"1", 1}, {"2", 1}, {"3", 1}, {"4", 1}, {"5", 1}, {"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}, {"link", 1}}));
  EXPECT_EQ(left, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}}));
}

TEST_F(WalkTree, WalkingADeepTreeNeedsFewDescriptors) {
  constexpr int levels = 300;
  (void)make_deep_tree(top_, levels);
  const FewDescriptors few(60);
  std::map<std::size_t, int> names;  // the number of names by their length
  const auto walked = walk_tree(open(top_), {.arrive = [&](const TreeEntry& entry) {
                                  ++names[std::string_view(entry.name).size()];
                                  return enter(entry);
                                }});
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(names, (std::map<std::size_t, int>{{1, 2 * levels}, {4, levels}, {200, levels}}));
}

TEST_F(WalkTree, ADirectoryIsWalkedAgainAsOftenAsAsked) {
  fs::create_directories(top_ + "/a");
  std::ofstream(top_ + "/a/file") << "";
  int files = 0;
  std::vector<unsigned> times;
  ASSERT_TRUE(walk_tree(open(top_), {.arrive =
                                         [&](const TreeEntry& entry) {
                                           files += entry.type == DT_REG;
                                           return enter(entry);
                                         },
                                     .leave = [&](const TreeEntry& entry) -> Result<bool> {
                                       times.push_back(entry.times);
                                       return entry.times < 3;
                                     }}));
  EXPECT_EQ(files, 3);
  EXPECT_EQ(times, (std::vector<unsigned>{1, 2, 3}));
}

// After the move, ".." of the directory leads out of the tree.
TEST_F(WalkTree, AWalkStaysInItsTreeWhenADirectoryIsMovedAway) {
  (void)make_deep_tree(top_, 100);
  fs::create_directories(directory_ / "outside/victim");
  Fd fifty = open(top_);  // the walk keeps no descriptor of this level
  const std::string down(200, 'd');
  for (int level = 0; level < 50; ++level)
    fifty = Fd(::openat(fifty.get(), down.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  int deepest = 0;
  bool strayed = false;
  const auto walked = walk_tree(
      open(top_), {.arrive = [&](const TreeEntry& entry) -> Result<Fd> {
        strayed |= std::string_view(entry.name) == "victim";
        if (entry.name == down && ++deepest == 80) {
          EXPECT_EQ(::renameat(fifty.get(), down.c_str(), AT_FDCWD, (directory_ / "outside/moved").c_str()), 0);
        }
        return enter(entry);
      }});
  ASSERT_TRUE(walked) << walked.error().message;
  EXPECT_EQ(deepest, 100);
  EXPECT_FALSE(strayed);
  EXPECT_TRUE(fs::exists(directory_ / "outside/moved"));
  EXPECT_TRUE(remove_tree(directory_ / "outside"));
}

TEST_F(WalkTree, AVisitorsErrorEndsTheWalk) {
  fs::create_directories(top_ + "/a/b");
  const auto walked = walk_tree(open(top_), {.arrive = [&](const TreeEntry& entry) -> Result<Fd> {
                                  if (std::string(entry.name) == "b") return fail("enough", EDOM);
                                  return enter(entry);
                                }});
  ASSERT_FALSE(walked);
  EXPECT_EQ(walked.error().number, EDOM);
}

using RootWalkTree = WalkTree;

TEST_F(RootWalkTree, ABindMountOfTheSameFileSystemIsDetected) {
  fs::create_directories(top_ + "/a");
  fs::create_directories(directory_ / "same");
  in_mount_namespace([&] {
    EXPECT_TRUE(open_unmounted(AT_FDCWD, (top_ + "/a").c_str()));
    ASSERT_EQ(::mount((directory_ / "same").c_str(), (top_ + "/a").c_str(), nullptr, MS_BIND, nullptr), 0);
    const auto opened = open_unmounted(AT_FDCWD, (top_ + "/a").c_str());
    EXPECT_EQ(opened ? 0 : opened.error().number, EXDEV);
  });
}

}  // namespace
}  // namespace podrun::ns
