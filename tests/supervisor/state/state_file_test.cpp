// state.json with writers that are killed, and readers at any time.
#include "supervisor/state/state_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

namespace podrun::supervisor {
namespace {

/// The run directory of a pod, in a temporary root.
class StateFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/podrun-state-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    layout = Layout(name);
    std::filesystem::create_directories(layout.run_of(id));
  }
  void TearDown() override { std::filesystem::remove_all(layout.root()); }

  StateFile file() const { return {layout, id}; }

  const std::string id = "default_web";
  Layout layout;
};

/// A record with `containers` containers. Each of them holds `counter`, so that a mixture of two records can be
/// recognized.
PodRecord record_with(std::uint64_t counter, std::size_t containers = 3) {
  PodRecord record{.id = "default_web", .name = "web", .namespace_name = "default"};
  for (std::size_t index = 0; index < containers; ++index) {
    record.containers.push_back({.name = "container-" + std::to_string(index), .image = "localhost/busybox"});
    record.status.containers.push_back({.restart_count = static_cast<int>(counter)});
    record.status.containers.back().last = Termination{.exit_code = 1,
                                                       .reason = "Error",
                                                       .message = std::string(counter % 97, 'm'),
                                                       .started = {},
                                                       .finished = {}};
  }
  return record;
}

/// The counter of a record. Fails the test if the record is a mixture.
std::uint64_t counter_of(const PodRecord& record) {
  const int counter = record.status.containers.front().restart_count;
  for (const ContainerStatus& container : record.status.containers) EXPECT_EQ(container.restart_count, counter);
  return static_cast<std::uint64_t>(counter);
}

TEST_F(StateFileTest, TheLastWrittenStateIsRead) {
  ASSERT_TRUE(file().allocate());
  for (std::uint64_t counter = 1; counter <= 5; ++counter) {
    ASSERT_TRUE(file().write(record_with(counter)));
    const auto read = read_state(layout, id);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(counter_of(*read), counter);
  }
}

TEST_F(StateFileTest, AStateNeverWrittenIsReportedAsNoSuchFile) {
  EXPECT_EQ(read_state(layout, id).error().number, ENOENT);
  ASSERT_TRUE(file().allocate());
  EXPECT_EQ(read_state(layout, id).error().number, ENOENT);
}

TEST_F(StateFileTest, AllocatingAgainKeepsTheState) {
  ASSERT_TRUE(file().allocate());
  ASSERT_TRUE(file().write(record_with(1)));
  ASSERT_TRUE(file().allocate());
  EXPECT_TRUE(read_state(layout, id));
}

TEST_F(StateFileTest, TheStateFileIsPrivateWhateverTheUmask) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(file().allocate());
  ::umask(before);
  for (const std::string& path : {layout.state(id), layout.spare(id)}) {
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u) << path;
    EXPECT_GT(status.st_blocks, 0) << path << " has no room of its own";
  }
}

TEST_F(StateFileTest, ALargeRecordMakesTheFileGrow) {
  ASSERT_TRUE(file().allocate());
  for (const std::size_t containers : {1u, 200u, 3u, 400u, 2u}) {
    ASSERT_TRUE(file().write(record_with(containers, containers)));
    const auto read = read_state(layout, id);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->containers.size(), containers);
  }
}

TEST_F(StateFileTest, ADamagedFileIsAnError) {
  ASSERT_TRUE(file().allocate());
  ASSERT_TRUE(file().write(record_with(1)));
  std::fstream(layout.state(id), std::ios::in | std::ios::out).seekp(100) << "#";
  const auto read = read_state(layout, id);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("damaged"), std::string::npos) << read.error().message;
}

TEST_F(StateFileTest, AKilledWriterLeavesAWholeStateNoOlderThanTheLast) {
  ASSERT_TRUE(file().allocate());
  ASSERT_TRUE(file().write(record_with(0)));
  std::mt19937 random(1);
  std::uint64_t recorded = 0;
  for (int round = 0; round < 300; ++round) {
    int written[2];
    ASSERT_EQ(::pipe2(written, O_NONBLOCK | O_CLOEXEC), 0);
    const pid_t writer = ::fork();
    if (writer == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (std::uint64_t counter = recorded + 1;; ++counter) {
        if (!file().write(record_with(counter))) ::_exit(1);
        (void)!::write(written[1], "", 1);
      }
    }
    // In two of three rounds, wait until it has written. In the third one it may be killed before it has begun.
    pollfd begun{written[0], POLLIN, 0};
    if (round % 3 != 0) {
      ASSERT_EQ(::poll(&begun, 1, 10'000), 1);
    }
    // Read a random number of times while it writes, then kill it. A record may be read a moment before it is durable,
    // so the next one to be read may be older.
    for (auto reads = random() % 4; reads-- > 0;) {
      const auto read = read_state(layout, id);
      ASSERT_TRUE(read) << read.error().message;
      ASSERT_GE(counter_of(*read), recorded);
    }
    ::kill(writer, SIGKILL);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer failed";
    const auto read = read_state(layout, id);
    ASSERT_TRUE(read) << read.error().message;
    ASSERT_GE(counter_of(*read), recorded);
    recorded = counter_of(*read);
    for (const int end : written) ::close(end);
  }
  EXPECT_GE(recorded, 200u) << "the writers never got to write";
}

TEST_F(StateFileTest, TerminationMessagesAreDroppedWhenTheDiskIsFull) {
  ASSERT_TRUE(file().allocate());
  const pid_t child = ::fork();
  if (child == 0) {  // for this process the disk is full
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit full{16 * 1024, 16 * 1024};
    PodRecord record = record_with(7);
    record.status.containers[1].last->message = std::string(20'000, 'm');
    ::_exit(::setrlimit(RLIMIT_FSIZE, &full) == 0 && file().write(record) ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  const auto read = read_state(layout, id);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(counter_of(*read), 7U);
  EXPECT_EQ(read->status.containers[1].last->exit_code, 1);
  EXPECT_EQ(read->status.containers[1].last->message, "");
}

}  // namespace
}  // namespace podrun::supervisor
