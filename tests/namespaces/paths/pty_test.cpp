// A pty in a container's own devpts. A directory that only looks like a devpts is refused.
#include "namespaces/paths/pty.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {
namespace {

TEST(Pty, ADirectoryThatIsNoDevptsIsRefused) {
  const supervisor::TemporaryDirectory root;
  std::filesystem::create_directories(root / "dev/pts");
  std::filesystem::create_symlink("/dev/pts/ptmx", root / "dev/pts/ptmx");
  const Fd directory(::open((root / "").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(find_devpts(directory.get()).error().message, "/dev/pts: no devpts is mounted there");
  std::filesystem::remove_all(root / "dev");
  EXPECT_EQ(find_devpts(directory.get()).error().number, ENOENT);
}

TEST(Pty, ANewPtyConnectsItsEndsAndIsNoControllingTerminal) {
  const Fd directory(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  const auto devpts = find_devpts(directory.get());
  ASSERT_TRUE(devpts) << devpts.error().message;
  const auto pty = open_pty(devpts->get(), ::getuid());
  ASSERT_TRUE(pty) << pty.error().message;
  ASSERT_EQ(::write(pty->peer.get(), "out", 3), 3);
  char text[8];
  EXPECT_EQ(::read(pty->master.get(), text, sizeof text), 3);
  EXPECT_EQ(::isatty(pty->peer.get()), 1);
  int session = 0;
  EXPECT_NE(::ioctl(pty->peer.get(), TIOCGSID, &session), 0);
}

}  // namespace
}  // namespace podrun::ns
