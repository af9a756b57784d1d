// The folder in which each pod publishes its names.
#include <gtest/gtest.h>

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>

#include "namespaces/kernel/files.hpp"
#include "namespaces/network/published_names.hpp"

namespace podrun::ns {
namespace {

class PublishedNames : public testing::Test {
 protected:
  PublishedNames() {
    EXPECT_NE(::mkdtemp(root_.data()), nullptr);
    auto opened = open_names_folder(path());
    EXPECT_TRUE(opened);
    if (opened) folder_ = std::move(*opened);
  }
  ~PublishedNames() override { std::filesystem::remove_all(root_); }

  std::string path() const { return root_ + "/run/.names"; }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path())) names.insert(entry.path().filename());
    return names;
  }

  std::string root_ = "/tmp/podrun-names-XXXXXX";
  Fd folder_;
};

const resolver::PublishedPod web{.namespace_name = "default", .name = "web", .hostname = "front"};

}  // namespace

TEST_F(PublishedNames, AreWrittenForAllToReadWhateverTheUmask) {
  const mode_t before = ::umask(0077);
  ASSERT_TRUE(publish_names(folder_.get(), web));
  ::umask(before);
  EXPECT_EQ(resolver::parse(*read_file(path() + "/default_web")), web);
  struct stat status {};
  ASSERT_EQ(::stat((path() + "/default_web").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0644U);
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U);
  ASSERT_EQ(::stat((root_ + "/run").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0700U) << "nobody else reaches them";
}

TEST_F(PublishedNames, ReplaceTheFormerOnesAndNoOthers) {
  resolver::PublishedPod other = web, changed = web;
  other.name = "web.new";
  changed.is_ready = true;
  ASSERT_TRUE(publish_names(folder_.get(), web));
  ASSERT_TRUE(publish_names(folder_.get(), other));
  ASSERT_TRUE(publish_names(folder_.get(), changed));
  EXPECT_EQ(files(), (std::set<std::string>{"default_web", "default_web.new"}));
  EXPECT_EQ(resolver::parse(*read_file(path() + "/default_web")), changed);
  EXPECT_EQ(resolver::parse(*read_file(path() + "/default_web.new")), other);
}

TEST_F(PublishedNames, AreWithdrawnWithWhatWasBegun) {
  ASSERT_TRUE(publish_names(folder_.get(), web));
  ASSERT_TRUE(write_file(path() + "/.default_web~77", "half", 0600));
  EXPECT_EQ(publishers(path()), std::vector<std::string>{"default_web"});
  ASSERT_TRUE(withdraw_names(folder_.get(), "default_web"));
  ASSERT_TRUE(withdraw_names(folder_.get(), "default_web"));
  EXPECT_EQ(files(), std::set<std::string>{});
  ASSERT_TRUE(open_names_folder(path())) << "it is there already";
}

// The supervisor of a pod whose pause was killed may write while the next run starts, and others clean up.
TEST_F(PublishedNames, ThatAnotherProcessWritesStay) {
  ASSERT_TRUE(write_file(path() + "/.default_web~1", "of another process", 0600));
  ASSERT_TRUE(write_file(path() + "/.default_web.new~1", "of another pod", 0600));
  ASSERT_TRUE(publish_names(folder_.get(), web));
  EXPECT_EQ(*read_file(path() + "/.default_web~1"), "of another process");
  EXPECT_EQ(publishers(path()), (std::vector<std::string>{"default_web", "default_web.new"}));
  ASSERT_TRUE(withdraw_names(folder_.get(), "default_web"));
  EXPECT_EQ(files(), std::set<std::string>{".default_web.new~1"});
}

TEST_F(PublishedNames, ThatCannotBeWrittenAreAnErrorAndLeaveNothing) {
  resolver::PublishedPod wrong = web;
  wrong.hostname = "a b";
  const auto result = publish_names(folder_.get(), wrong);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().number, EINVAL);
  EXPECT_EQ(files(), std::set<std::string>{});
}

TEST_F(PublishedNames, AreNotWrittenThroughALink) {
  ASSERT_TRUE(write_file(root_ + "/target", "kept", 0600));
  std::filesystem::create_symlink("../../target", path() + "/.default_web~" + std::to_string(::getpid()));
  EXPECT_FALSE(publish_names(folder_.get(), web));
  EXPECT_EQ(*read_file(root_ + "/target"), "kept");
}

}  // namespace podrun::ns
