// Files and directories on the host.
#include "namespaces/kernel/files.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"
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

std::string read_held(pid_t holder, const std::string& name) {
  const auto file = open_file_in_memory(holder, name);
  return file ? read_file_in_memory(*file, name).value_or("") : "";
}

TEST_F(Files, AFileInMemoryIsFoundByItsNameAndCannotBeChanged) {
  const auto file = file_in_memory("a/name 1", "secret");
  const auto other = file_in_memory("a/name 2", "other");
  ASSERT_TRUE(file && other);
  EXPECT_EQ(read_held(::getpid(), "a/name 1"), "secret");
  EXPECT_EQ(open_file_in_memory(::getpid(), "a/name").error().number, ENOENT);
  const auto files = files_in_memory(::getpid());
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_TRUE(files->contains("a/name 1") && files->contains("a/name 2"));
  EXPECT_EQ(read_file_in_memory(files->at("a/name 2"), "a/name 2").value_or(""), "other");
  const Fd again(::open(fmt::format("/proc/self/fd/{}", file->get()).c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_TRUE(again);
  EXPECT_EQ(::pwrite(again.get(), "x", 1, 0), -1);
  EXPECT_EQ(errno, EPERM);
  EXPECT_EQ(::ftruncate(again.get(), 0), -1);
  EXPECT_EQ(::ftruncate(again.get(), 100), -1);
}

TEST_F(Files, AFileInMemoryThatCanBeChangedIsNotOurs) {
  const Fd changeable(::memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  ASSERT_EQ(::write(changeable.get(), "forged", 6), 6);
  EXPECT_EQ(open_file_in_memory(::getpid(), "name").error().number, ENOENT);
  EXPECT_FALSE(files_in_memory(::getpid())->contains("name"));
  EXPECT_TRUE(open_file_in_memory(::getpid(), "name", Seals::NotRequired));
  const auto sealed = file_in_memory("name", "stored");
  ASSERT_TRUE(sealed);
  EXPECT_EQ(read_held(::getpid(), "name"), "stored");
}

/// Makes DIRECTORY the root of this process, with a /proc.
Result<> change_root(const std::string& directory) {
  if (::unshare(CLONE_NEWNS) < 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0 ||
      ::mkdir((directory + "/proc").c_str(), 0755) < 0 ||
      ::mount("/proc", (directory + "/proc").c_str(), nullptr, MS_BIND, nullptr) < 0 ||
      ::chroot(directory.c_str()) < 0 || ::chdir("/") < 0)
    return fail_system(directory);
  return {};
}

// What a descriptor of another process leads to may be replaced at any time, so a link that looks right proves nothing.
TEST(RootFiles, WhatOnlyHasTheNameOfAFileInMemoryIsNotOpened) {
  const supervisor::TemporaryDirectory directory;
  const auto looked = run_in_child_to_end("a FIFO", [&] {
    if (const auto changed = change_root(directory / "."); !changed) return changed.error().number;
    const char* const path = "/memfd:name (deleted)";
    if (::mkfifo(path, 0600) < 0) return errno;
    const Fd held(::open(path, O_RDWR | O_CLOEXEC));
    const test::OpenedFiles opened;
    if (!held || !opened.watch(path)) return errno;
    ::alarm(10);  // a read of the FIFO would never end
    if (const auto found = open_file_in_memory(::getpid(), "name"); found) return EEXIST;
    return opened.any() ? EBUSY : 0;
  });
  EXPECT_TRUE(looked) << looked.error().message;
}

// Where vm.memfd_noexec is 2, Linux 6.3 to 6.5 refuse any other.
TEST_F(Files, NobodyCanExecuteAFileInMemory) {
  constexpr unsigned noexec_seal = 8;
  if (const Fd probe(::memfd_create("probe", noexec_seal)); !probe) GTEST_SKIP() << "the kernel is before Linux 6.3";
  const auto file = file_in_memory("made", "text");
  ASSERT_TRUE(file) << file.error().message;
  struct stat status {};
  ASSERT_EQ(::fstat(file->get(), &status), 0);
  EXPECT_EQ(status.st_mode & 0111U, 0U);
}

TEST_F(Files, AProcessThatHasEndedHasNoFilesInMemory) {
  EXPECT_FALSE(files_in_memory(0x7fffffff));
  EXPECT_FALSE(open_file_in_memory(0x7fffffff, "name"));
}

}  // namespace
}  // namespace podrun::ns
