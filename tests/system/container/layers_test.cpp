// A container's root as the container sees it: an overlay that shows nothing of the host. Its writable layer is on the
// disk, or in memory if the disk is an overlay itself (as on CI machines).
#include <signal.h>
#include <sys/mount.h>

#include <filesystem>

#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

const std::string script = "grep ' / / ' /proc/self/mountinfo\necho text > /file\ncat /file\nexit 0";

TEST(Layers, AContainersRootMountShowsNoHostPath) {
  const TemporaryRoot root;
  PodRun pod(root, {root.write("pod.yaml", manifest("pod", {{"c", script}}))});
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_TRUE(matches(
      pod.out(), "c \\| [0-9 :]+ / / rw,nodev,relatime - overlay none rw,lowerdir=[0-9]+,upperdir=[0-9]+,"));
  EXPECT_FALSE(matches(pod.out(), "podrun|/var|/tmp"));
}

TEST(Layers, LayersAreInMemoryWhereTheDiskIsAnOverlay) {
  const TemporaryRoot root;
  for (const char* directory : {"lower", "upper", "work", "var/lib/podrun"})
    fs::create_directories(root / directory);
  const MountNamespace host(MS_PRIVATE, [&] {
    const std::string options =
        "lowerdir=" + root / "lower" + ",upperdir=" + root / "upper" + ",workdir=" + root / "work";
    return ::mount("disk", (root / "var/lib/podrun").c_str(), "overlay", 0, options.c_str()) == 0;
  });
  PodRun pod(root, {root.write("pod.yaml", manifest("pod", {{"c", script}, {"neighbour", script}}))},
             {.mount_namespace = host.fd()});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(holds(pod.out(), "c         | text\n"));
  EXPECT_TRUE(holds(pod.out(), "neighbour | text\n"));
  EXPECT_TRUE(holds(pod.err(), "in memory")) << "that is said";
}

bool is_removed(const std::string& directory) {
  const Deadline deadline = soon();
  while (fs::exists(directory) && std::chrono::steady_clock::now() < deadline) {}
  return !fs::exists(directory);
}

// A supervisor that dies between the clone of a restart and its exec has not removed the layer of the previous
// instance.
TEST(Layers, TheNextSupervisorRemovesThePreviousInstancesLayer) {
  const TemporaryRoot root;
  const std::string once = "[ -e /v/mark ] || { touch /v/mark; exit 0; }\n";
  PodRun pod(
      root, {root.write("pod.yaml",
                        manifest("pod", {{"c", once + ready_until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                                 "restartPolicy: Always\nvolumes: [{name: v, emptyDir: {}}]"))});
  ASSERT_TRUE(pod.wait_for_out("c | ready"));
  const std::string former = fs::directory_iterator(root.layout().storage())->path() / "containers/c/0";
  ASSERT_TRUE(is_removed(former));
  fs::create_directories(former + "/upper/large");
  EXPECT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  EXPECT_TRUE(is_removed(former));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

}  // namespace
}  // namespace podrun::test
