// Files and directories on the host.
#include "namespaces/kernel/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/volumes/file_steps.hpp"
#include "tests/opened_files.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;

class Files : public testing::Test {
 protected:
  Files() : umask_(::umask(0077)) {}
  ~Files() override { ::umask(umask_); }

  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
  }
  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

  supervisor::TemporaryDirectory directory_;

 private:
  mode_t umask_;
};

TEST_F(Files, ModesDoNotDependOnTheUmask) {
  ASSERT_TRUE(make_directories(directory_ / "a/b/c", 01777));
  EXPECT_EQ(mode_of(directory_ / "a"), 0755U);
  EXPECT_EQ(mode_of(directory_ / "a/b"), 0755U);
  EXPECT_EQ(mode_of(directory_ / "a/b/c"), 01777U);
  ASSERT_TRUE(write_file(directory_ / "hosts", "127.0.0.1 localhost\n", 0644));
  EXPECT_EQ(mode_of(directory_ / "hosts"), 0644U);
}

TEST_F(Files, ADirectoryThatIsThereKeepsItsMode) {
  ASSERT_TRUE(make_directories(directory_ / "a", 0711));
  ASSERT_TRUE(make_directories(directory_ / "a", 0755));
  EXPECT_EQ(mode_of(directory_ / "a"), 0711U);
}

TEST_F(Files, AnErrorNamesThePath) {
  write(directory_ / "file", "");
  const auto made = make_directories(directory_ / "file/below", 0755);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().message, directory_ / "file/below: Not a directory");
  const auto read = read_file(directory_ / "missing");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, directory_ / "missing: No such file or directory");
}

TEST_F(Files, WritingReplacesAnOpenFileInsteadOfChangingIt) {
  const std::string path = directory_ / "file";
  ASSERT_TRUE(write_file(path, "before", 0644));
  const Fd opened(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(write_file(path, "after", 0600));
  char text[16] = {};
  EXPECT_EQ(::read(opened.get(), text, sizeof text), 6);
  EXPECT_STREQ(text, "before");
  EXPECT_EQ(read_file(path).value(), "after");
  EXPECT_EQ(mode_of(path), 0600U);
}

TEST_F(Files, WritingDoesNotFollowALinkAtItsTemporaryName) {
  write(directory_ / "victim", "untouched");
  fs::create_symlink(directory_ / "victim", directory_ / "file.new");
  EXPECT_FALSE(write_file(directory_ / "file", "text", 0644));
  EXPECT_EQ(read_file(directory_ / "victim").value(), "untouched");
}

TEST_F(Files, ReadingAFileAboveTheLimitIsAnError) {
  write(directory_ / "file", std::string(1000, 'x'));
  EXPECT_EQ(read_file(directory_ / "file", 1000).value().size(), 1000U);
  EXPECT_EQ(read_file(directory_ / "file", 999).error().number, EFBIG);
}

TEST_F(Files, RemovingATreeFollowsNoLink) {
  fs::create_directories(directory_ / "tree/sub");
  write(directory_ / "victim", "untouched");
  fs::create_directories(directory_ / "victims");
  write(directory_ / "victims/file", "untouched");
  fs::create_symlink(directory_ / "victim", directory_ / "tree/file");
  fs::create_symlink(directory_ / "victims", directory_ / "tree/sub/directory");
  const auto removed = remove_tree(directory_ / "tree");
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_FALSE(fs::exists(directory_ / "tree"));
  EXPECT_EQ(read_file(directory_ / "victim").value(), "untouched");
  EXPECT_EQ(read_file(directory_ / "victims/file").value(), "untouched");
}

TEST_F(Files, RemovingATreeThatIsALinkIsAnError) {
  fs::create_directories(directory_ / "victims/sub");
  fs::create_symlink(directory_ / "victims", directory_ / "tree");
  EXPECT_FALSE(remove_tree(directory_ / "tree"));
  EXPECT_TRUE(fs::exists(directory_ / "victims/sub"));
}

TEST_F(Files, RemovingAMissingTreeIsNoError) {
  EXPECT_TRUE(remove_tree(directory_ / "missing"));
}

TEST_F(Files, FileStepsMakeDirectoriesAndFiles) {
  ASSERT_TRUE(perform(pod::file::MakeDirectory{.path = directory_ / "volumes/site", .mode = 0777}));
  ASSERT_TRUE(perform(
      pod::file::Write{.path = directory_ / "volumes/hosts", .content = "::1 localhost\n", .mode = 0644}));
  EXPECT_EQ(mode_of(directory_ / "volumes/site"), 0777U);
  EXPECT_EQ(read_file(directory_ / "volumes/hosts").value(), "::1 localhost\n");
}

TEST_F(Files, ReadingTheEndOfANonRegularFileIsAnError) {
  const std::string fifo = directory_ / "fifo", link = directory_ / "link", file = directory_ / "file";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  write(file, "text");
  fs::create_symlink("file", link);
  const test::OpenedFiles opened;
  ASSERT_TRUE(opened.watch(fifo));
  EXPECT_EQ(read_file_tail(file, 2).value(), "xt");
  for (const std::string& path : {fifo, link, directory_ / ""}) {
    const auto end = read_file_tail(path, 2);
    ASSERT_FALSE(end) << path;
    EXPECT_EQ(end.error().number, EINVAL) << path;
  }
  EXPECT_FALSE(opened.any());
}

TEST_F(Files, AFileInMemoryIsFoundByItsNameAndCannotBeChanged) {
  const auto file = file_in_memory("a/name 1", "secret");
  const auto other = file_in_memory("a/name 2", "other");
  ASSERT_TRUE(file && other);
  EXPECT_EQ(read_file_in_memory(::getpid(), "a/name 1").value_or(""), "secret");
  EXPECT_EQ(read_file_in_memory(::getpid(), "a/name").error().number, ENOENT);
  const auto files = files_in_memory(::getpid());
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_TRUE(files->contains("a/name 1") && files->contains("a/name 2"));
  const std::string path = files->at("a/name 2");
  EXPECT_EQ(read_path_in_memory(path).value_or(""), "other");
  const Fd again(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  EXPECT_EQ(::pwrite(again.get(), "x", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(again.get(), 0), -1);
  EXPECT_EQ(::ftruncate(again.get(), 100), -1);
}

TEST_F(Files, AProcessThatHasEndedHasNoFilesInMemory) {
  EXPECT_FALSE(files_in_memory(0x7fffffff));
  EXPECT_FALSE(read_file_in_memory(0x7fffffff, "name"));
}

}  // namespace
}  // namespace podrun::ns
