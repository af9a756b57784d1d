// What an unpacker makes of honest layers, entry by entry.
#include <gtest/gtest.h>

#include "namespaces/images/tree_digest.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

#include <fcntl.h>

namespace podrun::tests {
namespace {

class RootUnpacker : public testing::Test {
 protected:
  UnpackerWorld world_;
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_F(RootUnpacker, AFileHasItsContentModeOwnerAndTime) {
  const auto report = world_.unpack(TarArchive().folder("etc").file(
      "etc/passwd", "root:x:0:0\n", {.mode = 0640, .uid = 12, .gid = 34, .modified = 1'234'567'890}));
  ASSERT_TRUE(report) << report.error().message;
  const struct stat status = world_.look("etc/passwd");
  EXPECT_EQ(status.st_mode, S_IFREG | 0640U);
  EXPECT_EQ(status.st_uid, 12U);
  EXPECT_EQ(status.st_gid, 34U);
  EXPECT_EQ(status.st_mtim.tv_sec, 1'234'567'890);
  EXPECT_EQ(world_.content("etc/passwd"), "root:x:0:0\n");
  EXPECT_EQ(report->entries, 2U);
  EXPECT_EQ(report->bytes, 11U);
}

TEST_F(RootUnpacker, OwnersHave32Bits) {
  const std::uint64_t largest = 4'294'967'294;
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("in-base-256", "x", {.uid = 3'000'000'000, .gid = largest})
                                .file("in-pax", "x", {.pax = {{"uid", "4294967294"}, {"gid", "70000"}}})));
  EXPECT_EQ(world_.look("in-base-256").st_uid, 3'000'000'000U);
  EXPECT_EQ(world_.look("in-base-256").st_gid, largest);
  EXPECT_EQ(world_.look("in-pax").st_uid, largest);
  EXPECT_EQ(world_.look("in-pax").st_gid, 70000U);
}

TEST_F(RootUnpacker, SetUserIdIsKeptAfterTheChangeOfTheOwner) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("su", "x", {.mode = 04755, .uid = 7, .gid = 8})
                                .file("wall", "x", {.mode = 02755, .uid = 0, .gid = 5})
                                .folder("tmp", {.mode = 01777})
                                .folder("mail", {.mode = 02775, .gid = 8})
                                .folder("mail/inherits-nothing", {.mode = 0755})));
  EXPECT_EQ(world_.look("su").st_mode, S_IFREG | 04755U);
  EXPECT_EQ(world_.look("wall").st_mode, S_IFREG | 02755U);
  EXPECT_EQ(world_.look("tmp").st_mode, S_IFDIR | 01777U);
  EXPECT_EQ(world_.look("mail").st_mode, S_IFDIR | 02775U);
  EXPECT_EQ(world_.look("mail/inherits-nothing").st_mode, S_IFDIR | 0755U);
  EXPECT_EQ(world_.look("mail/inherits-nothing").st_gid, 0U);
}

TEST_F(RootUnpacker, LinksAreAsTheyAreWritten) {
  const std::string absolute = "/etc/passwd", up = "../../../../outside", empty_looking = " ", bytes = "\xff/\x01\n";
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .symlink("absolute", absolute, {.uid = 9, .modified = 77})
                                .symlink("up", up)
                                .symlink("blank", empty_looking)
                                .symlink("bytes", bytes)
                                .symlink("long", std::string(4000, 'l'))));
  EXPECT_EQ(world_.target("absolute"), absolute);
  EXPECT_EQ(world_.look("absolute").st_uid, 9U);
  EXPECT_EQ(world_.look("absolute").st_mtim.tv_sec, 77);
  EXPECT_EQ(world_.target("up"), up);
  EXPECT_EQ(world_.target("blank"), empty_looking);
  EXPECT_EQ(world_.target("bytes"), bytes);
  EXPECT_EQ(world_.target("long"), std::string(4000, 'l'));
}

TEST_F(RootUnpacker, HardLinksAreOneInode) {
  const auto report = world_.unpack(TarArchive()
                                        .file("bin/perl", "perl", {.mode = 0755})
                                        .hard_link("bin/perl5.36", "bin/perl")
                                        .hard_link("perl", "./bin/perl5.36", {.mode = 0})
                                        .symlink("link", "nowhere")
                                        .hard_link("link-again", "link"));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.look("bin/perl").st_nlink, 3U);
  EXPECT_EQ(world_.look("perl").st_ino, world_.look("bin/perl").st_ino);
  EXPECT_EQ(world_.look("perl").st_mode, S_IFREG | 0755U) << "the inode has the mode of its own entry";
  EXPECT_EQ(world_.target("link-again"), "nowhere");
  EXPECT_EQ(report->bytes, 4U);
}

TEST_F(RootUnpacker, AFolderHasItsTimeAfterItsContentCame) {
  TarArchive archive;
  archive.folder("", {.mode = 0755});  // refused below: an entry needs a name
  EXPECT_NE(world_.refusal(archive).find("it has no name"), std::string::npos);
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .folder("./", {.mode = 0711, .uid = 3, .modified = 100})
                                .folder("a", {.mode = 0755, .modified = 101})
                                .folder("a/b", {.mode = 0755, .modified = 102})
                                .file("a/b/file")
                                .file("a/.wh.gone")
                                .file("late")
                                .file("a/b/later")
                                .file("a/b/later", "replaced")));
  EXPECT_EQ(world_.look("").st_mtim.tv_sec, 100);
  EXPECT_EQ(world_.look("").st_mode, S_IFDIR | 0711U);
  EXPECT_EQ(world_.look("").st_uid, 3U);
  EXPECT_EQ(world_.look("a").st_mtim.tv_sec, 101);
  EXPECT_EQ(world_.look("a/b").st_mtim.tv_sec, 102);
  EXPECT_EQ(world_.content("a/b/later"), "replaced");
}

TEST_F(RootUnpacker, TheEntryOfAFolderMayComeAfterItsContent) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("a/b/file", "x", {.modified = 50})
                                .folder("a", {.mode = 0700, .uid = 4, .modified = 60})));
  EXPECT_EQ(world_.look("a").st_mode, S_IFDIR | 0700U);
  EXPECT_EQ(world_.look("a").st_uid, 4U);
  EXPECT_EQ(world_.look("a").st_mtim.tv_sec, 60);
  EXPECT_EQ(world_.look("a/b").st_mode, S_IFDIR | 0755U) << "a missing folder";
  EXPECT_EQ(world_.look("a/b").st_uid, 0U);
  EXPECT_EQ(world_.look("a/b").st_mtim.tv_sec, 50) << "that of the entry for which it was made";
}

TEST_F(RootUnpacker, AnEntryReplacesAnEarlierOneOfItsName) {
  ASSERT_TRUE(world_.unpack(TarArchive()
                                .file("a", "first")
                                .symlink("a", "target")
                                .folder("b")
                                .file("b", "file")
                                .symlink("c", "/etc")
                                .folder("c")
                                .file("c/file")
                                .folder("d", {.mode = 0755})
                                .file("d/stays")
                                .folder("d", {.mode = 0700})
                                .fifo("e")
                                .hard_link("e", "b")));
  EXPECT_EQ(world_.target("a"), "target");
  EXPECT_EQ(world_.content("b"), "file");
  EXPECT_EQ(world_.look("c").st_mode & S_IFMT, S_IFDIR + 0U);
  EXPECT_EQ(world_.look("d").st_mode, S_IFDIR | 0700U);
  EXPECT_EQ(world_.paths(), (Paths{"a", "b", "c", "c/file", "d", "d/stays", "e"}));
}

TEST_F(RootUnpacker, AHardLinkToItselfChangesNothing) {
  ASSERT_TRUE(world_.unpack(TarArchive().file("a", "content").hard_link("a", "./a")));
  EXPECT_EQ(world_.content("a"), "content");
}

TEST_F(RootUnpacker, FifosAreMadeAndDevicesLeftOut) {
  const auto report = world_.unpack(TarArchive()
                                        .fifo("run/fifo", {.mode = 0620, .uid = 5})
                                        .device("dev/null", '3', 1, 3)
                                        .device("dev/sda", '4', 8, 0)
                                        .device("like-a-whiteout", '3', 0, 0));
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(world_.look("run/fifo").st_mode, S_IFIFO | 0620U);
  EXPECT_EQ(world_.look("run/fifo").st_uid, 5U);
  EXPECT_EQ(world_.paths(), (Paths{"run", "run/fifo"}));
  ASSERT_EQ(report->left_out.size(), 1U);
  EXPECT_EQ(report->left_out[0], (unpacker::LeftOut{"device nodes", 3, {"\"dev/null\"", "\"dev/sda\"",
                                                                        "\"like-a-whiteout\""}}));
}

TEST_F(RootUnpacker, AnAbsoluteNameIsBelowTheLayersRoot) {
  const std::string victim = world_.folder() + "/victim/file";
  ASSERT_TRUE(world_.unpack(TarArchive().folder("/").folder("/etc").file("/etc/x").file(victim, "mine")));
  EXPECT_EQ(world_.content("etc/x"), "x");
  EXPECT_EQ(world_.content(victim.substr(1)), "mine");
  EXPECT_EQ(UnpackerWorld::tree_of(world_.folder() + "/victim").find("mine"), std::string::npos);
}

TEST_F(RootUnpacker, TheTreeIsWhatAVerificationFinds) {
  const auto report = world_.unpack(TarArchive()
                                        .folder("./")
                                        .file("a/b", std::string(300'000, 'b'))
                                        .hard_link("c", "a/b")
                                        .file(".wh.gone")
                                        .file("a/.wh..wh..opq")
                                        .symlink("link", "a")
                                        .file("capable", "x", {.pax = {{"SCHILY.xattr.user.k", "v"}}}));
  ASSERT_TRUE(report) << report.error().message;
  const auto sum = ns::sum_tree(Fd(::open(world_.layer().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
  ASSERT_TRUE(sum);
  EXPECT_EQ(report->tree, sum->digest);
  EXPECT_EQ(report->entries, sum->entries);
  EXPECT_EQ(report->bytes, sum->bytes);
}

TEST_F(RootUnpacker, TheReportSaysWhetherTheRootHasAnEntry) {
  EXPECT_TRUE(world_.unpack(TarArchive().folder("./"))->has_root);
  EXPECT_FALSE(world_.unpack(TarArchive().folder("a"))->has_root);
  EXPECT_EQ(world_.look("").st_mode, S_IFDIR | 0755U);
}

}  // namespace podrun::tests
