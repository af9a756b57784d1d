// A hostile image has links at the places where podrun mounts. They lead only into the container's own root.
#include <filesystem>
#include <set>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// Every path below a directory.
std::set<std::string> inventory(const std::string& directory) {
  std::set<std::string> paths;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) paths.insert(entry.path());
  return paths;
}

class MountTargets : public testing::Test {
 protected:
  MountTargets() {
    fs::create_directories(root_ / "volume");
    fs::create_directories(root_ / "victim");
    root_.write("volume/file", "");
  }

  void link(const std::string& name, const std::string& to) const {
    fs::remove_all(rootfs_ + "/" + name);
    fs::create_symlink(to, rootfs_ + "/" + name);
  }
  /// A pod with the hostile container `a`, which mounts the volume at each of POINTS, and with `b`, which has another
  /// image.
  std::string write(const std::string& script, const std::vector<std::string>& points) const {
    std::string fields = "volumeMounts:\n";
    for (const std::string& point : points) fields += "- {name: v, mountPath: " + point + "}\n";
    if (points.empty()) fields.clear();
    return root_.write(
        "pod.yaml",
        manifest("pod", {{"a", script, fields, "rootfs:" + rootfs_}, {"b", until_stopped}},
                 "restartPolicy: Never\nvolumes: [{name: v, hostPath: {path: " + root_ / "volume" + "}}]"));
  }

  TemporaryRoot root_;
  std::string rootfs_ = root_.make_rootfs("hostile");
};

TEST_F(MountTargets, AVolumesMountPointStaysInsideTheContainer) {
  link("rel", "../b/etc");
  link("up", "../../../../../../etc");
  link("abs", "/etc");
  link("host", root_ / "victim");
  const auto image = inventory(rootfs_);
  const HostSnapshot before = snapshot(root_);
  PodRun pod(root_, {write("ls /b/etc/v1/file /etc/v2/file /etc/v3/file " + root_ / "victim/v4/file" + "\n" +
                               until_stopped,
                           {"/rel/v1", "/up/v2", "/abs/v3", "/host/v4"})});
  ASSERT_TRUE(pod.wait_for_out("victim/v4/file"));
  for (const std::string found : {"/b/etc/v1/file", "/etc/v2/file", "/etc/v3/file"})
    EXPECT_TRUE(holds(pod.out(), "a | " + found + "\n"));
  for (const std::string& change : lines_of(additions(before, snapshot(root_))))
    EXPECT_FALSE(change.starts_with("+ mount")) << change;
  const auto processes = processes_of(root_, "default_pod");
  for (const std::string name : {"v1", "v2", "v3"}) {
    EXPECT_FALSE(fs::exists("/proc/" + std::to_string(processes["b"]) + "/root/etc/" + name))
        << "in the neighbour";
    EXPECT_FALSE(fs::exists("/etc/" + name)) << "on the host";
  }
  EXPECT_TRUE(fs::is_empty(root_ / "victim"));
  EXPECT_EQ(inventory(rootfs_), image) << "the image itself";
}

TEST_F(MountTargets, KernelFileSystemsAreMountedInsideTheContainer) {
  link("dev", "../../b/dev");
  link("proc", root_ / "victim/proc");
  link("sys", "odd/../../../../odd/sys");
  link("etc/hosts", "/../../../etc/podrun-test-hosts");
  link("etc/resolv.conf", "../../../../../../" + root_ / "victim/resolv.conf");
  const auto image = inventory(rootfs_);
  PodRun pod(root_,
             {write(until_stopped_after("head -c 3 /dev/zero | wc -c\ncat /proc/1/comm\nls -d /sys/kernel /b/dev/pts " +
                        root_ / "victim/proc" + "/self\ngrep -c localhost /etc/podrun-test-hosts\nls " +
                        root_ / "victim"),
                    {})});
  ASSERT_TRUE(pod.wait_for_out("a | resolv.conf\n"));
  for (const std::string& said : {std::string("3"), std::string("sh"), std::string("/sys/kernel"),
                                  std::string("/b/dev/pts"), root_ / "victim/proc/self", std::string("proc")})
    EXPECT_TRUE(holds(pod.out(), "a | " + said + "\n"));
  EXPECT_FALSE(fs::exists("/etc/podrun-test-hosts"));
  EXPECT_TRUE(fs::is_empty(root_ / "victim"));
  EXPECT_EQ(inventory(rootfs_), image);
}

TEST_F(MountTargets, ALinkLoopAtAMountPointFailsTheStart) {
  link("loop", "loop");
  const HostSnapshot before = snapshot(root_);
  PodRun pod(root_, {write(until_stopped, {"/loop/v"})});
  EXPECT_EQ(pod.wait_exit(), 3);
  EXPECT_TRUE(
      matches(pod.err(), "pod/a: volume .* at /loop/v: too many links.*: Too many levels of symbolic links"));
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

}  // namespace
}  // namespace podrun::test
