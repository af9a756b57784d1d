// The logs of running pods: rotation, following, limits, and full disks.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <regex>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "supervisor/logs/cri_log_format.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_retention.hpp"
#include "tests/supervisor/directory_handles.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using supervisor::find_logs;
using supervisor::LogFileStat;

/// The whole output of `flood`.
std::string flooded(int count) {
  std::string text;
  for (int number = 0; number < count; ++number) {
    text += fmt::format("{} ", number);
    text.append(static_cast<std::size_t>(number % 100), 'x') += '\n';
  }
  return text + "end\n";
}

class ContainerLogs : public testing::Test {
 protected:
  ContainerLogs() {
    ::mkfifo((root_ / "go").c_str(), 0600);
    ::mkdir((root_ / "v").c_str(), 0700);
    image_ = "rootfs:" + root_.make_rootfs("image");
  }
  /// A pod with one container `a`. Its second instance finds the file /v/x.
  std::string write(const std::string& script) const {
    const std::string volumes = "volumeMounts: [{name: v, mountPath: /v}, {name: go, mountPath: /go}]";
    return root_.write(
        "pod.yaml",
        manifest("pod", {{"a", script, volumes, image_}},
                 fmt::format("restartPolicy: OnFailure\nvolumes: [{{name: v, hostPath: {{path: {}}}}}, "
                             "{{name: go, hostPath: {{path: {}}}}}]",
                             root_ / "v", root_ / "go")));
  }
  std::string log_directory() const {
    for (const auto& run : fs::directory_iterator(root_.layout().logs()))
      if (run.is_directory()) return run.path() / "a";
    return "";
  }
  /// The texts of an instance's records, without time stamps and tags.
  std::string logged(std::uint64_t instance) const {
    std::string text;
    for (const LogFileStat& log : find_logs(*supervisor::held(log_directory())))
      if (log.file.instance == instance)
        for (const std::string& line : lines_of(contents_of(log_directory() + "/" + log.file.name())))
          text.append(supervisor::parse_record(line).value_or(supervisor::Record{}).text) += '\n';
    return text;
  }

  TemporaryRoot root_;
  std::string image_;
};

TEST_F(ContainerLogs, LogsAreReadAcrossRotationsRestartsAndSupervisors) {
  // The second flood waits for a word that is written after both kills, so that the container outlives two supervisors
  // at any speed.
  constexpr int before = 120'000;
  constexpr int after = 50'000;
  const std::string path =
      write(fmt::format("[ -e /v/x ] && {{ echo second; exit 0; }}; touch /v/x\n"
                        "read word < /go; podrun-probe flood /nothing {}\n"
                        "read word < /go; podrun-probe flood /nothing {}; exit 1",
                        before, after));
  ASSERT_EQ(run(root_, {"-d", path}).status, 0);
  PodRun follower(root_, {"logs", "-f", "pod", "a"});
  SupervisorKiller killer(wait_for_state(root_, "default_pod", [](const auto&) { return true; }).pause);
  root_.write("go", "go\n");
  for (const auto delay : {5ms, 2ms}) ASSERT_TRUE(killer.kill_next(delay));
  root_.write("go", "go\n");
  const std::string expected = flooded(before) + flooded(after);
  EXPECT_EQ(follower.wait_exit(), 0);
  EXPECT_TRUE(follower.out() == expected + "second\n") << follower.out().size() << " bytes";

  const std::vector<LogFileStat> logs = find_logs(*supervisor::held(log_directory()));
  ASSERT_EQ(logs.size(), 3U);
  for (const LogFileStat& log : logs) EXPECT_LE(log.size, supervisor::largest_log);
  EXPECT_EQ(run(root_, {"logs", "pod", "a"}).out, "second\n");
  EXPECT_TRUE(run(root_, {"logs", "-p", "pod", "a"}).out == expected);
  const std::string tail = run(root_, {"logs", "-p", "--tail", "150001", "pod", "a"}).out;
  EXPECT_TRUE(tail.starts_with("20001 x")) << tail.substr(0, 100);
  EXPECT_TRUE(expected.ends_with(tail));
}

TEST_F(ContainerLogs, OutputIsShownAcrossRotations) {
  constexpr int count = 170'000;
  PodRun pod(root_, {write(fmt::format("podrun-probe flood /nothing {}", count))});
  EXPECT_EQ(pod.wait_exit(), 0);
  const std::string expected = std::regex_replace(flooded(count), std::regex("(^|\n)(?=.)"), "$1a | ");
  EXPECT_TRUE(pod.out() == expected) << pod.out().size() << " bytes of " << expected.size();
}

TEST_F(ContainerLogs, LogsOfThreeRunsAreKept) {
  const std::string path = write("echo hello");
  for (int runs = 1; runs <= 5; ++runs) {
    EXPECT_EQ(run(root_, {path}).status, 0);
    const fs::directory_iterator kept(root_.layout().logs());
    EXPECT_EQ(std::distance(begin(kept), end(kept)), std::min(runs, 3));
  }
  EXPECT_EQ(run(root_, {"logs", "pod", "a"}).out, "hello\n");
}

// ---- a terminal that is stopped ----

using ContainerLogsUnshown = ContainerLogs;

TEST_F(ContainerLogsUnshown, OnlyRemovedLogsAreSkippedForASlowReader) {
  constexpr int count = 900'000;
  PodRun pod(root_, {write(fmt::format("podrun-probe flood /nothing {}; echo > /go", count))});
  // Nothing is read from the terminal until everything is logged.
  EXPECT_EQ(contents_of(root_ / "go"), "\n");
  EXPECT_EQ(pod.wait_exit(soon() + test_timeout), 0);
  long next = 0;
  int gaps = 0;
  for (const std::string& line : lines_of(pod.out())) {
    if (line == "a | end") continue;
    ASSERT_TRUE(line.starts_with("a | "));
    const long number = std::stol(line.substr(4));
    gaps += number != next;
    ASSERT_GE(number, next);
    next = number + 1;
  }
  EXPECT_EQ(next, count);
  EXPECT_EQ(gaps, 1);
  EXPECT_TRUE(matches(pod.err(), "a: [0-9.]+ MiB of its log had to be removed before they could be shown"));
  off_t bytes = 0;
  for (const LogFileStat& log : find_logs(*supervisor::held(log_directory()))) bytes += log.size;
  EXPECT_LE(bytes, supervisor::kept_bytes);
}

// ---- a disk of a few MiB ----

class LogDisk : public ContainerLogs {
 protected:
  static constexpr std::size_t mib = 1 << 20;

  /// JUNK bytes of the disk are used.
  void make_disk(const std::string& options, std::size_t junk) {
    const std::string logs = root_.layout().logs();
    fs::create_directories(logs);
    host_.emplace(MS_PRIVATE, [=] {
      return ::mount("tmpfs", logs.c_str(), "tmpfs", 0, options.c_str()) == 0 &&
             (junk == 0 || ns::write_file(logs + "/junk", std::string(junk, 'x'), 0600));
    });
  }
  Setting setting() const { return {.mount_namespace = host_->fd()}; }
  void remove_junk() const {
    EXPECT_TRUE(host_->run([path = root_.layout().logs() + "/junk"] { return ::unlink(path.c_str()) == 0; }));
  }
  /// The whole log of an instance, read in the mount namespace of the disk.
  std::string logged_there(std::uint64_t instance) const {
    const std::string copy = root_ / "copy";
    EXPECT_TRUE(host_->run([&] { return bool(ns::write_file(copy, logged(instance), 0600)); }));
    return contents_of(copy);
  }

  std::optional<MountNamespace> host_;
};

TEST_F(LogDisk, AFullDiskLosesOnlyCountedLines) {
  constexpr int count = 60'000;
  make_disk("size=4m", 2 * mib);
  PodRun pod(
      root_,
      {write(fmt::format("podrun-probe flood /nothing {}; read word < /go; echo after; exit 3", count))},
      setting());
  ASSERT_TRUE(pod.wait_for_err("a: log: "));
  EXPECT_TRUE(matches(pod.err(), "0.log: No space left on device: lines are dropped until it can be written"));
  // The next supervisor knows of the lost lines.
  SupervisorKiller killer(pod.pid());
  ASSERT_TRUE(killer.kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over"));
  // The flood ends before its output is read, because the rest of it would fill the disk again.
  const Fd go(::open((root_ / "go").c_str(), O_WRONLY | O_CLOEXEC));
  remove_junk();
  ASSERT_EQ(::write(go.get(), "go\n", 3), 3);
  ASSERT_TRUE(pod.wait_for_err("exited with 3"));

  const std::string text = logged_there(0);
  const std::regex marker("podrun: ([0-9]+) lines? (is|are) missing here: No space left on device");
  long there = 0, missing = 0;
  for (const std::string& line : lines_of(text)) {
    std::smatch found;
    if (!line.starts_with("podrun: "))
      ++there;
    else if (std::regex_match(line, found, marker))
      missing += std::stol(found[1]);
  }
  EXPECT_GT(missing, 1000);
  EXPECT_EQ(there + missing, count + 2) << text.substr(text.size() - 300);
  EXPECT_TRUE(text.ends_with("after\n")) << text.substr(text.size() - 300);
  pod.signal(SIGKILL);
}

TEST_F(LogDisk, AFullDiskRemovesRotatedFilesFirst) {
  constexpr int count = 250'000;
  make_disk("size=26m", 8 * mib);
  PodRun pod(root_, {write(fmt::format("podrun-probe flood /nothing {}", count))}, setting());
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  const std::string text = logged_there(0);
  EXPECT_EQ(text.find("missing"), std::string::npos);
  EXPECT_TRUE(flooded(count).ends_with(text)) << text.substr(0, 300);
}

TEST_F(LogDisk, AReadOnlyDiskPreventsThePodsStart) {
  make_disk("ro", 0);
  const Finished refused = run(root_, {write("echo hello")}, setting());
  EXPECT_EQ(refused.status, 3);
  EXPECT_TRUE(matches(refused.err, "/var/log/pods/.*: Read-only file system"));
}

// The directory is held by descriptor, so a mount over it changes nothing.
TEST_F(LogDisk, ARestartKeepsLoggingUnderAReadOnlyMountOverTheLogs) {
  make_disk("size=4m", 0);
  PodRun pod(
      root_,
      {write("[ -e /v/x ] && { podrun-probe flood /nothing 3000; read word < /go; echo found; exit 0; }\n"
             "touch /v/x; read word < /go; exit 1")},
      setting());
  ASSERT_TRUE(pod.wait_for_err("started"));
  const std::string logs = root_.layout().logs();
  ASSERT_TRUE(host_->run([&] { return ::mount("tmpfs", logs.c_str(), "tmpfs", MS_RDONLY, "") == 0; }));
  root_.write("go", "go\n");
  ASSERT_TRUE(pod.wait_for_err("Read-only file system: new lines go to the folder that was opened before"));
  ASSERT_TRUE(pod.wait_for_err("instance 1"));
  // It reads after it has printed more than the pipe holds.
  const Fd go(::open((root_ / "go").c_str(), O_WRONLY | O_CLOEXEC));
  ASSERT_TRUE(host_->run([&] { return ::umount2(logs.c_str(), MNT_DETACH) == 0; }));
  ASSERT_EQ(::write(go.get(), "go\n", 3), 3);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_FALSE(holds(logged_there(1), "lines are missing here"));
  EXPECT_TRUE(logged_there(1).ends_with("\nfound\n"));
}

}  // namespace
}  // namespace podrun::test
