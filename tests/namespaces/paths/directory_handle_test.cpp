// Directories held by descriptor, while other processes change the paths that lead to them.
#include "namespaces/paths/directory_handle.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using supervisor::contents_of;

class DirectoryHandles : public testing::Test {
 protected:
  DirectoryHandles() {
    fs::create_directories(directory_ / "log");
    fs::create_directories(directory_ / "victim/run/app");
  }
  /// The errno of a result, 0 if it succeeded.
  static int error_of(const Result<>& done) { return done ? 0 : done.error().number; }
  static int error_of(const Result<Fd>& done) { return done ? 0 : done.error().number; }
  std::vector<std::string> all_of_victim() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "victim"))
      names.push_back(entry.path().filename());
    return names;
  }

  supervisor::TemporaryDirectory directory_;
  DirectoryHandle folder_{directory_ / "log", "pods/run/app"};
};

TEST_F(DirectoryHandles, ADirectoryIsMadeWithItsModes) {
  const mode_t umask = ::umask(0077);
  EXPECT_EQ(error_of(folder_.open()), ENOENT);
  EXPECT_EQ(error_of(folder_.make()), 0);
  ::umask(umask);
  const auto mode_of = [&](const std::string& name) {
    struct stat status {};
    return ::stat((directory_ / name).c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  };
  EXPECT_EQ(mode_of("log/pods"), 0755U);
  EXPECT_EQ(mode_of("log/pods/run"), 0750U);
  EXPECT_EQ(mode_of("log/pods/run/app"), 0750U);
  EXPECT_EQ(error_of(folder_.make()), 0) << "it is there";
}

TEST_F(DirectoryHandles, ALinkAboveTheDirectoryIsFollowedAndNoneInIt) {
  fs::create_symlink("log", directory_ / "link");
  DirectoryHandle by_link(directory_ / "link", "pods/run");
  EXPECT_EQ(error_of(by_link.make()), 0);
  EXPECT_TRUE(fs::exists(directory_ / "log/pods/run"));

  fs::create_symlink(directory_ / "victim/run/app", directory_ / "log/pods/run/app");
  EXPECT_EQ(error_of(folder_.open()), ELOOP);
  EXPECT_EQ(error_of(folder_.make()), ELOOP);
  fs::remove_all(directory_ / "log/pods");
  fs::create_symlink(directory_ / "victim", directory_ / "log/pods");
  EXPECT_EQ(error_of(folder_.make()), ELOOP);
  EXPECT_EQ(all_of_victim(), (std::vector<std::string>{"run", "app"}));
}

TEST_F(DirectoryHandles, AnOpenDirectoryStaysInUseWhenALinkReplacesItsName) {
  ASSERT_EQ(error_of(folder_.make()), 0);
  fs::rename(directory_ / "log/pods", directory_ / "log/moved");
  fs::create_symlink(directory_ / "victim", directory_ / "log/pods");
  EXPECT_EQ(error_of(folder_.make()), ELOOP);
  EXPECT_EQ(error_of(folder_.create_file("0.log", 0640)), 0);
  EXPECT_EQ(error_of(folder_.write_file("status.json", "{}", 0640)), 0);
  EXPECT_EQ(contents_of(directory_ / "log/moved/run/app/status.json"), "{}");
  EXPECT_EQ(folder_.read_file("status.json").value_or(""), "{}");
  EXPECT_EQ(folder_.names().size(), 2U);
  EXPECT_EQ(all_of_victim(), (std::vector<std::string>{"run", "app"}));
}

TEST_F(DirectoryHandles, WritingReplacesALinkOrAFifoInsteadOfUsingIt) {
  ASSERT_EQ(error_of(folder_.make()), 0);
  std::ofstream(directory_ / "file") << "untouched";
  for (const char* const name : {"link", "link.new"}) fs::create_symlink(directory_ / "file", folder_.path_of(name));
  ::mkfifo(folder_.path_of("fifo").c_str(), 0600);  // opening it would block
  ::mkfifo(folder_.path_of("fifo.new").c_str(), 0600);
  for (const char* const name : {"link", "fifo"}) {
    EXPECT_NE(error_of(folder_.open_file(name)), 0) << name;
    EXPECT_NE(error_of(folder_.append_to(name, 0640)), 0) << name;
    EXPECT_FALSE(folder_.read_file(name)) << name;
    EXPECT_EQ(error_of(folder_.write_file(name, "new", 0640)), 0) << name;
    EXPECT_EQ(contents_of(folder_.path_of(name)), "new");
    EXPECT_FALSE(fs::is_symlink(folder_.path_of(name)));
  }
  EXPECT_EQ(contents_of(directory_ / "file"), "untouched");
}

TEST_F(DirectoryHandles, AWriteThatFailsLeavesNothing) {
  ASSERT_EQ(error_of(folder_.make()), 0);
  fs::create_directory(folder_.path_of("status.json"));
  EXPECT_EQ(error_of(folder_.write_file("status.json", "{}", 0640)), EISDIR);
  EXPECT_EQ(folder_.names(), (std::vector<std::string>{"status.json"}));
}

TEST_F(DirectoryHandles, AppendingContinuesAnExistingFile) {
  ASSERT_EQ(error_of(folder_.make()), 0);
  for (const char* const word : {"one", "two"}) {
    const auto file = folder_.append_to("podrun.log", 0640);
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_EQ(::write(file->get(), word, 3), 3);
  }
  EXPECT_EQ(contents_of(folder_.path_of("podrun.log")), "onetwo");
}

TEST_F(DirectoryHandles, ADirectoryThatIsNotOpenHasNoFiles) {
  EXPECT_TRUE(folder_.names().empty());
  EXPECT_EQ(error_of(folder_.open_file("file")), ENOENT);
  EXPECT_EQ(error_of(folder_.create_file("file", 0640)), ENOENT);
  EXPECT_EQ(folder_.below("more").path(), directory_ / "log/pods/run/app/more");
}

}  // namespace
}  // namespace podrun::ns
