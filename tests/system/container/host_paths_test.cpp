// Paths of the host as volumes: their types, and the host's own file systems at odd places.
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>

#include <fmt/format.h>

#include "tests/system/support/container_view.hpp"
#include "tests/system/support/mount_namespace.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

class HostPaths : public testing::Test {
 protected:
  static std::string mounted_at(const std::string& place, const std::string& more = "") {
    return "volumeMounts: [{name: v, mountPath: " + place + more + "}]\n";
  }
  static std::string host_path(const std::string& path, const std::string& type = "\"\"") {
    return fmt::format("volumes: [{{name: v, hostPath: {{path: {}, type: {}}}}}]", path, type);
  }
  TemporaryRoot root_;
};

TEST_F(HostPaths, APathWithoutATypeIsMadeAsADirectory) {
  const std::string file = root_.write(
      "made.yaml",
      manifest("made", {{"c", "stat -c '%F %a %u' /m; touch /m/x", mounted_at("/m")}},
               "restartPolicy: Never\nvolumes: [{name: v, hostPath: {path: " + (root_ / "not/there") + "}}]"));
  EXPECT_TRUE(holds(run(root_, {"plan", file}).out,
                    fmt::format("check        hostPath {} of volume v: a directory (0755)", root_ / "not/there")));
  EXPECT_FALSE(fs::exists(root_ / "not"));
  for (int round = 0; round < 2; ++round) {  // the second time it is there
    const Finished ended = run(root_, {file});
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.out, "c | directory 755 0\n");
    EXPECT_TRUE(fs::exists(root_ / "not/there/x"));
  }
}

TEST_F(HostPaths, EachTypeAcceptsWhatItNamesAndMakesWhatItSays) {
  root_.write("file", "");
  fs::create_directories(root_ / "directory");
  ASSERT_EQ(::mknod((root_ / "socket").c_str(), S_IFSOCK | 0600, 0), 0);
  ASSERT_EQ(::mknod((root_ / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  const auto kind_of = [&](const std::string& name, const std::string& type) {
    return seen(root_, {.script = "stat -c %F /m", .fields = mounted_at("/m"), .spec = host_path(root_ / name, type)});
  };
  EXPECT_EQ(kind_of("directory", "Directory"), "directory");
  EXPECT_EQ(kind_of("made", "DirectoryOrCreate"), "directory");
  EXPECT_EQ(kind_of("file", "File"), "regular empty file");
  EXPECT_EQ(kind_of("made.conf", "FileOrCreate"), "regular empty file");
  EXPECT_EQ(kind_of("socket", "Socket"), "socket");
  EXPECT_EQ(kind_of("null", "CharDevice"), "character special file");
  for (const char* name : {"file", "directory", "socket", "null"})
    EXPECT_NE(kind_of(name, "\"\""), "") << "without a type anything may lie there";
}

/// Where stdin of the container leads, and whether it can write to /dev/null.
constexpr char uses_null[] = "stat -Lc %t:%T /proc/self/fd/0; echo x > /dev/null && echo used";

TEST_F(HostPaths, TheHostsDevicesMayBeMountedAtDev) {
  const auto at_dev = [&](const std::string& more, const std::string& fields, const std::string& spec) {
    return seen(root_, {.script = uses_null,
                        .fields = mounted_at("/dev", more) + fields,
                        .spec = host_path("/dev", "Directory") + spec});
  };
  EXPECT_EQ(at_dev("", "", ""), "1:3\nused");
  EXPECT_EQ(at_dev(", readOnly: true", "", ""), "1:3\nused");
  EXPECT_EQ(at_dev("", "securityContext: {readOnlyRootFilesystem: true}", ""), "1:3\nused");
  EXPECT_EQ(at_dev("", "securityContext: {privileged: true}", ""), "1:3\nused");
  EXPECT_EQ(at_dev("", "", "\nshareProcessNamespace: true"), "1:3\nused");
  EXPECT_EQ(at_dev("", "", "\nhostNetwork: true\nhostPID: true\nhostIPC: true"), "1:3\nused");
}

TEST_F(HostPaths, AContainerWithATerminalStartsOnTheHostsDevices) {
  EXPECT_EQ(seen(root_, {.script = "test -t 0 && echo terminal",
                         .fields = mounted_at("/dev") + "tty: true",
                         .spec = host_path("/dev")}),
            "terminal\r");
}

TEST_F(HostPaths, StdinIsTheNullDeviceWhateverLiesAtDevNull) {
  const std::string stdin_only = "stat -Lc %t:%T /proc/self/fd/0";
  root_.write("file", "text");
  fs::create_directories(root_ / "dev");
  ASSERT_EQ(::mkfifo((root_ / "dev/null").c_str(), 0666), 0);
  const auto with = [&](const std::string& place, const std::string& volume, const std::string& fields = "") {
    return seen(
        root_,
        {.script = stdin_only, .fields = mounted_at(place) + fields, .spec = "volumes: [{name: v, " + volume + "}]"});
  };
  EXPECT_EQ(with("/dev", "emptyDir: {}"), "1:3");
  EXPECT_EQ(with("/dev", "emptyDir: {medium: Memory}"), "1:3");
  EXPECT_EQ(with("/dev", "emptyDir: {}", "securityContext: {privileged: true}"), "1:3");
  EXPECT_EQ(with("/dev", "hostPath: {path: " + root_ / "dev" + "}"), "1:3") << "nobody waits for a FIFO's writer";
  EXPECT_EQ(with("/dev/null", "hostPath: {path: " + root_ / "file" + "}"), "1:3");
  EXPECT_EQ(with("/dev/null", "hostPath: {path: /dev/zero, type: CharDevice}"), "1:3");
  EXPECT_EQ(with("/dev/null", "hostPath: {path: /dev/null}"), "1:3");
}

TEST_F(HostPaths, WhatIsHiddenInProcStaysHiddenUnderAVolumeAtDev) {
  EXPECT_EQ(seen(root_, {.script = "wc -c < /proc/interrupts; wc -c < /proc/keys",
                         .fields = mounted_at("/dev"),
                         .spec = "volumes: [{name: v, emptyDir: {}}]"}),
            "0\n0");
}

TEST_F(HostPaths, TheHostsFileSystemsAreMountedAtOddPlaces) {
  const auto at = [&](const std::string& path, const std::string& place, const std::string& script) {
    return seen(root_, {.script = script, .fields = mounted_at(place), .spec = host_path(path)});
  };
  EXPECT_EQ(at("/proc", "/host/proc", "cat /host/proc/1/comm > /tmp/x && echo read"), "read");
  EXPECT_EQ(at("/sys", "/host/sys", "ls -d /host/sys/kernel"), "/host/sys/kernel");
  EXPECT_EQ(at("/sys", "/sys", "ls -d /sys/kernel; ls -A /sys/firmware"), "/sys/kernel") << "with the masks on it";
  EXPECT_EQ(at("/", "/host", "ls -d /host/proc/1 /host/dev/null"), "/host/dev/null\n/host/proc/1");
  EXPECT_EQ(at("/run", "/run", "echo started"), "started");
}

TEST_F(HostPaths, TheHostsDevicesAreMountedAtDevWhereTheHostsMountsAreShared) {
  MountNamespace host(MS_SHARED, [] { return true; });
  const std::size_t before = host.mounts().size();
  EXPECT_EQ(seen(root_, {.script = uses_null, .fields = mounted_at("/dev"), .spec = host_path("/dev")},
                 {.mount_namespace = host.fd()}),
            "1:3\nused");
  EXPECT_EQ(host.mounts().size(), before);
}

}  // namespace
}  // namespace podrun::test
