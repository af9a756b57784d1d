// Files that containers write: volumes are shared, each instance has a new layer, and images do not change.
#include <filesystem>
#include <fstream>
#include <map>

#include <fmt/format.h>

#include "tests/system/support/container_view.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

class Volumes : public testing::Test {
 protected:
  TemporaryRoot root_;
};

/// Each file below a directory, with its kind, mode and modification time.
std::map<std::string, std::string> inventory(const std::string& directory) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    const auto status = entry.symlink_status();
    const auto written = entry.is_symlink() ? 0 : entry.last_write_time().time_since_epoch().count();
    files[entry.path()] = fmt::format("{} {:o} {}", static_cast<int>(status.type()),
                                      static_cast<unsigned>(status.permissions()), written);
  }
  return files;
}

TEST_F(Volumes, AnEmptyDirIsSharedAndOpenToEverybody) {
  const std::string mounts = "volumeMounts: [{name: work, mountPath: /work}]";
  PodRun pod(
      root_,
      {root_.write(
          "shared.yaml",
          manifest(
              "shared",
              {{"a", "mkfifo -m 666 /work/f; stat -c %a /work\necho through the volume > /work/f", mounts},
               {"b", "mkfifo -m 666 /work/f; cat /work/f\ntouch /work/mine && stat -c %u /work/mine",
                mounts + "\nsecurityContext: {runAsUser: 1000}"}},
              "restartPolicy: Never\nvolumes: [{name: work, emptyDir: {}}]"))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("a | 777\n"));
  EXPECT_TRUE(pod.wait_for_out("b | through the volume\n"));
  EXPECT_TRUE(pod.wait_for_out("b | 1000\n"));
}

TEST_F(Volumes, AReadOnlyMountRefusesWrites) {
  fs::create_directories(root_ / "data");
  EXPECT_EQ(seen(root_, {.script = "(touch /data/x) 2>&1 | sed 's/.*: //'; touch /also/x && ls /data",
                         .fields = "volumeMounts:\n- {name: data, mountPath: /data, readOnly: true}\n"
                                   "- {name: data, mountPath: /also}",
                         .spec = "volumes: [{name: data, hostPath: {path: " + root_ / "data" + "}}]"}),
            "Read-only file system\nx");
}

TEST_F(Volumes, AHostPathMayBeAFile) {
  root_.write("motd", "from the host\n");
  EXPECT_EQ(seen(root_, {.script = "cat /etc/motd",
                         .fields = "volumeMounts: [{name: motd, mountPath: /etc/motd}]",
                         .spec = "volumes: [{name: motd, hostPath: {path: " + root_ / "motd" + "}}]"}),
            "from the host");
}

TEST_F(Volumes, TheImageStaysAsItIs) {
  const std::string rootfs = root_.make_rootfs("image");
  fs::remove_all(rootfs + "/dev");
  fs::remove_all(rootfs + "/sys");
  const auto before = inventory(rootfs);
  EXPECT_EQ(
      seen(root_,
           {.script = "echo changed > /etc/passwd; rm /bin/vi; mkdir /srv/x; ls -d /deep/er/work /sys/class",
            .fields = "volumeMounts: [{name: work, mountPath: /deep/er/work}]",
            .spec = "volumes: [{name: work, emptyDir: {}}]",
            .image = "rootfs:" + rootfs}),
      "/deep/er/work\n/sys/class");
  EXPECT_EQ(inventory(rootfs), before);
}

TEST_F(Volumes, EachInstanceHasAFreshLayerWhileAnEmptyDirPersists) {
  const std::string script =
      "ls /work; [ -e /layer ] && echo an old layer\n"
      "[ -e /work/kept ] && exit 0\n"
      "touch /layer /work/kept; exit 1";
  PodRun pod(root_, {root_.write(
                        "layers.yaml",
                        manifest("layers", {{"c", script, "volumeMounts: [{name: work, mountPath: /work}]"}},
                                 "restartPolicy: OnFailure\nvolumes: [{name: work, emptyDir: {}}]"))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(), "c | kept\n");
}

TEST_F(Volumes, TwoContainersOfOneImageHaveLayersOfTheirOwn) {
  PodRun pod(root_, {root_.write(
                        "two.yaml",
                        manifest("two", {{"a", "echo mine > /file; mkfifo /dev/shm/f; echo > /dev/shm/f"},
                                         {"b", "mkfifo /dev/shm/f; read x < /dev/shm/f; ls /file 2>&1"}}))});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(pod.wait_for_out("b | ls: /file: No such file or directory"));
}

// If the mount point is a dangling link, its target is made inside the container's root.
TEST_F(Volumes, AMountPointThatIsALinkStaysInsideTheContainer) {
  const std::string rootfs = root_.make_rootfs("image"), nowhere = root_ / "nowhere";
  fs::create_symlink(nowhere, rootfs + "/absolute");
  fs::create_symlink("../../../../../.." + nowhere, rootfs + "/srv/relative");
  fs::create_directories(root_ / "data");
  root_.write("data/here", "");
  const auto before = inventory(rootfs);
  for (const std::string point : {"/absolute", "/srv/relative"}) {
    EXPECT_EQ(seen(root_, {.script = "ls " + nowhere,
                           .fields = "volumeMounts: [{name: data, mountPath: " + point + "}]",
                           .spec = "volumes: [{name: data, hostPath: {path: " + root_ / "data" + "}}]",
                           .image = "rootfs:" + rootfs}),
              "here");
    EXPECT_FALSE(fs::exists(nowhere)) << point;
  }
  EXPECT_EQ(inventory(rootfs), before);
}

}  // namespace
}  // namespace podrun::test
