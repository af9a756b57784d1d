// What an unpacker may do while it unpacks: rule 4 of SECURITY.md.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "namespaces/helper/process_steps.hpp"
#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/unpacker/unpacker_filter.hpp"
#include "tests/namespaces/unpacker/unpacker_world.hpp"

namespace podrun::tests {
namespace {
namespace fs = std::filesystem;

/// An unpacker in the middle of a layer: it waits for the rest of its blob.
class RootUnpackerRights : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(world_.layer());
    const Fd folder(::open(world_.layer().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ns::Channel pipe = ns::make_pipe().value();
    blob_ = std::move(pipe.second);
    auto started = ns::start_unpacker(world_.program(),
                                      {.name = "a layer", .blob = pipe.first.get(), .folder = folder.get()});
    ASSERT_TRUE(started) << started.error().message;
    unpacking_.emplace(std::move(*started));
    const Fd watch(::inotify_init1(IN_CLOEXEC));
    ASSERT_GE(::inotify_add_watch(watch.get(), world_.layer().c_str(), IN_CREATE), 0);
    TarArchive archive;
    archive.file("first").file("second");
    ASSERT_TRUE(ns::write_all(blob_.get(), archive.bytes(), "blob"));
    alignas(inotify_event) char event[4096];
    ASSERT_GT(::read(watch.get(), event, sizeof event), 0);  // it makes the first file, so it is confined
  }
  std::string proc(const std::string& name) const {
    return "/proc/" + std::to_string(unpacking_->pid()) + "/" + name;
  }
  std::string status(const std::string& field) const {
    std::istringstream lines(*ns::read_file(proc("status")));
    for (std::string line; std::getline(lines, line);)
      if (line.starts_with(field + ":")) return line.substr(std::min(line.size(), field.size() + 2));
    return "none";
  }

  UnpackerWorld world_;
  Fd blob_;
  std::optional<ns::LayerUnpacking> unpacking_;
};

/// Runs work in a child process under the unpacker's filter. The work returns an errno.
int under_filter(int (*work)()) {
  auto child = ns::run_in_child([&] {
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) return 201;
    const auto& instructions = unpacker::filter.instructions;
    const sock_fprog program{std::size(instructions), const_cast<sock_filter*>(instructions)};
    if (helper::load_filter(program) != 0) return 202;
    return work();
  });
  return ns::exit_code_of(ns::wait_for(*child).value_or(-1));
}

int result(long value) { return value < 0 ? errno : 0; }

}  // namespace

TEST_F(RootUnpackerRights, ItHasAUserOfItsOwnAndFiveCapabilities) {
  const std::string user = std::to_string(unpacker::user_id), ids = user + "\t" + user + "\t" + user + "\t" + user;
  EXPECT_EQ(status("Uid"), ids);
  EXPECT_EQ(status("Gid"), ids);
  EXPECT_EQ(status("Groups"), " ");
  // CHOWN, DAC_OVERRIDE, FOWNER, FSETID and SETFCAP.
  EXPECT_EQ(status("CapEff"), "000000008000001b");
  EXPECT_EQ(status("CapPrm"), "000000008000001b");
  for (const char* set : {"CapInh", "CapBnd", "CapAmb"}) EXPECT_EQ(status(set), "0000000000000000");
  EXPECT_EQ(status("NoNewPrivs"), "1");
  EXPECT_EQ(status("Seccomp"), "2");
  EXPECT_EQ(status("Threads"), "1");
  EXPECT_EQ(*ns::read_file(proc("comm")), "podrun-unpacker\n");
  EXPECT_EQ(*ns::read_file(proc("environ")), "");
  struct stat environment {};
  ASSERT_EQ(::stat(proc("environ").c_str(), &environment), 0);
  EXPECT_EQ(environment.st_uid, 0U) << "it is not dumpable: proc(5)";
  const std::string limits = *ns::read_file(proc("limits"));
  EXPECT_NE(limits.find("Max address space         536870912            536870912"), limits.npos) << limits;
  EXPECT_NE(limits.find("Max processes             0 "), limits.npos) << limits;
}

TEST_F(RootUnpackerRights, ItHasNoFileSystemButTheLayersFolder) {
  const std::string mounts = *ns::read_file(proc("mountinfo"));
  EXPECT_EQ(std::ranges::count(mounts, '\n'), 1) << mounts;
  EXPECT_NE(mounts.find(" / rw,nosuid,nodev,noexec"), mounts.npos) << mounts;
  EXPECT_NE(mounts.find("nosymfollow"), mounts.npos) << mounts;
  for (const std::string place : {"root", "cwd"}) {
    EXPECT_TRUE(fs::exists(proc(place) + "/first")) << place;
    EXPECT_TRUE(fs::equivalent(proc(place) + "/..", proc(place) + "/.")) << place;
  }
  for (const auto& entry : fs::directory_iterator(proc("fd"))) {
    const std::string target = fs::read_symlink(entry).string();
    EXPECT_TRUE(target == "/dev/null" || target.starts_with("pipe:") || target == "/" || target == "/first")
        << entry << target;
  }
}

TEST_F(RootUnpackerRights, ItsNamespacesAreItsOwn) {
  for (const char* kind : {"mnt", "net", "ipc", "uts"})
    EXPECT_NE(fs::read_symlink(proc("ns/") + kind), fs::read_symlink(std::string("/proc/self/ns/") + kind)) << kind;
}

TEST_F(RootUnpackerRights, ItEndsTheLayerWhenTheBlobEnds) {
  blob_.reset();
  const auto report = unpacking_->finish();
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->entries, 2U);
}

TEST_F(RootUnpackerRights, ItsEndIsAnError) {
  ASSERT_EQ(::kill(unpacking_->pid(), SIGKILL), 0);
  const auto report = unpacking_->finish();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message, "a layer: podrun-unpacker ended with 137");
}

TEST_F(RootUnpackerRights, ItEndsWithWhoHasForgottenIt) {
  const pid_t pid = unpacking_->pid();
  unpacking_.reset();
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(pid)));
}

TEST(RootUnpackerFilter, ItMakesFilesAndNothingElse) {
  EXPECT_EQ(under_filter([] { return result(::socket(AF_UNIX, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::socket(AF_INET, SOCK_STREAM, 0)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::fork()); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::kill(1, 0)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::chroot(".")); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::chdir("/")); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::unshare(CLONE_NEWUSER)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::execl("/bin/true", "true", nullptr)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::prctl(PR_SET_DUMPABLE, 1)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::rename("/nowhere", "/nowhere-else")); }), EPERM);
  EXPECT_EQ(under_filter([] {
    return ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
  }), EPERM);
}

TEST(RootUnpackerFilter, ItMakesNoDeviceButAWhiteout) {
  EXPECT_EQ(under_filter([] { return result(::mknodat(AT_FDCWD, "/nowhere/x", S_IFCHR, 0)); }), ENOENT);
  EXPECT_EQ(under_filter([] { return result(::mknodat(AT_FDCWD, "/nowhere/x", S_IFIFO, 0)); }), ENOENT);
  EXPECT_EQ(under_filter([] { return result(::mknodat(AT_FDCWD, "/nowhere/x", S_IFCHR, ::makedev(1, 3))); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::mknodat(AT_FDCWD, "/nowhere/x", S_IFBLK, 0)); }), EPERM);
  EXPECT_EQ(under_filter([] { return result(::mknodat(AT_FDCWD, "/nowhere/x", S_IFSOCK, 0)); }), EPERM);
}

}  // namespace podrun::tests
