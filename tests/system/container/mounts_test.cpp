// The mounts of a pod are those of its plan, and the host's mountinfo gains no line, whether the host's `/` is private
// or shared, as under systemd.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::set<std::string> steps_that_mount{"MountProc",  "MountSys",    "MountDev",
                                             "MountPts",   "MountMqueue", "BindFromPod",
                                             "AttachTree", "MaskPath",    "ReadOnlyPath"};

/// The mount points of a pod by its plan (`podrun plan -o json`).
std::multiset<std::string> points_in(const nlohmann::json& plan) {
  std::multiset<std::string> points;
  for (const auto& step : plan.at("sandbox")) {
    if (step.at("step") == "Root") points.insert({"/", "/c", "/c"});  // /c, and the mount that covers it
    if (step.at("step") == "SharedMemory") points.insert("/c/_shm");
  }
  for (const auto& container : plan.at("containers")) {
    const std::string root = "/c/" + container.at("name").get<std::string>();
    for (const auto& step : container.at("child")) {
      if (step.at("step") == "AttachRoot") points.insert(root);
      if (steps_that_mount.contains(step.at("step")))
        points.insert(root + step.at("path").get<std::string>());
    }
  }
  return points;
}

/// A mount namespace with a directory in which another file system is mounted.
class Mounts : public testing::TestWithParam<unsigned long> {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(root_ / "data/inner");
    std::filesystem::create_directories(root_ / "data/later");
    host_.emplace(GetParam(), [inner = root_ / "data/inner"] {
      return ::mount("inner", inner.c_str(), "tmpfs", 0, nullptr) == 0 &&
             ::mkdir((inner + "/found").c_str(), 0755) == 0;
    });
    manifest_ = root_.write("mounts.yaml",
                            manifest("mounts",
                                     {{.name = "a", .script = "", .fields = fields_},
                                      {.name = "b", .script = "", .fields = "command: [sleep, '1000']"}},
                                     spec()));
  }

  std::string spec() const {
    return "restartPolicy: Never\nvolumes:\n- name: data\n  hostPath:\n    path: " + root_ / "data" +
           "\n- name: work\n  emptyDir: {}\n";
  }
  void start() {
    const auto started = run(root_, {"-d", manifest_}, {.mount_namespace = host_->fd()});
    ASSERT_EQ(started.status, 0) << started.err;
    pod_ = processes_of(root_, "default_mounts");
  }

  const std::string fields_ =
      "command: [sleep, '1000']\nvolumeMounts:\n- name: data\n  mountPath: /data\n- name: work\n  mountPath: "
      "/work/deep\n"
      "  readOnly: true\n";
  TemporaryRoot root_;
  std::optional<MountNamespace> host_;
  std::string manifest_;
  Processes pod_;
};

TEST_P(Mounts, APodsMountsAreExactlyThoseOfThePlan) {
  const auto plan = run(root_, {"plan", "-o", "json", manifest_}, {.mount_namespace = host_->fd()});
  ASSERT_EQ(plan.status, 0) << plan.err;
  auto expected = points_in(nlohmann::json::parse(plan.out));
  expected.insert("/c/a/data/inner");  // the mount inside the volume
  start();
  std::multiset<std::string> found;
  for (const auto& mount : mounts_of(pod_.pause)) found.insert(mount.point);
  EXPECT_EQ(found, expected);
}

TEST_P(Mounts, APodAddsNoMountToTheHost) {
  const auto before = host_->mounts();
  start();
  EXPECT_EQ(host_->mounts(), before);
  ASSERT_EQ(run(root_, {"stop", "--grace-period", "0", "mounts"}, {.mount_namespace = host_->fd()}).status, 0);
  EXPECT_EQ(host_->mounts(), before);
}

TEST_P(Mounts, APodsMountsArePrivate) {
  start();
  for (const auto& mount : mounts_of(pod_.pause)) EXPECT_EQ(mount.propagation, "") << mount.point;
}

TEST_P(Mounts, MountsBelowAHostPathAreIncluded) {
  start();
  EXPECT_TRUE(std::filesystem::exists(fmt::format("/proc/{}/root/data/inner/found", pod_["a"])));
  EXPECT_EQ(mount_at(mounts_of(pod_["a"]), "/data/inner").type, "tmpfs");
}

TEST_P(Mounts, LaterMountsDoNotPropagateBetweenHostAndPod) {
  start();
  const auto on_the_host = host_->mounts();
  const Fd pods(::open(fmt::format("/proc/{}/ns/mnt", pod_.pause).c_str(), O_RDONLY | O_CLOEXEC));
  const Fd data(::open(fmt::format("/proc/{}/root/data", pod_["a"]).c_str(), O_PATH | O_CLOEXEC));
  EXPECT_TRUE(run_in_mount_namespace(pods.get(), [&] {
    return ::fchdir(data.get()) == 0 && ::mount("pods", "later", "tmpfs", 0, nullptr) == 0;
  }));
  EXPECT_EQ(mount_at(mounts_of(pod_["a"]), "/data/later").source, "pods");
  EXPECT_EQ(host_->mounts(), on_the_host);

  EXPECT_TRUE(
      host_->run([&] { return ::mount("hosts", (root_ / "data/later").c_str(), "tmpfs", 0, nullptr) == 0; }));
  EXPECT_EQ(mount_at(mounts_of(pod_["a"]), "/data/later").source, "pods");
  EXPECT_EQ(host_->mounts().size(), on_the_host.size() + 1);
}

TEST_P(Mounts, MountsAreReadOnlyWhereThePlanSaysSo) {
  start();
  const auto mounts = mounts_of(pod_["a"]);
  for (const auto point : {"/proc", "/sys", "/work/deep", "/proc/sys"})
    EXPECT_TRUE(mount_at(mounts, point).has("ro")) << point;
  for (const auto point : {"/", "/dev", "/data", "/dev/shm"})
    EXPECT_TRUE(mount_at(mounts, point).has("rw")) << point;
  EXPECT_TRUE(mount_at(mounts, "/").has("nodev"));
  const auto pods = mounts_of(pod_.pause);
  EXPECT_TRUE(mount_at(pods, "/").has("ro"));
  EXPECT_TRUE(mount_at(pods, "/c").has("ro"));
}

INSTANTIATE_TEST_SUITE_P(Host, Mounts, testing::Values(MS_PRIVATE, MS_SHARED), [](const auto& host) {
  return std::string(host.param == MS_SHARED ? "WhoseRootIsShared" : "WhoseRootIsPrivate");
});

// This uses the host's own mount namespace.
TEST(MountsOfTheHost, ARunningPodDoesNotChangeTheHostsMounts) {
  TemporaryRoot root;
  const auto before = contents_of("/proc/self/mountinfo");
  const auto started = run(root, {"-d", root.write("two.yaml", two_sleepers("two"))});
  ASSERT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(contents_of("/proc/self/mountinfo"), before);
}

TEST(MountsOfThePause, ThePauseSeesNoneOfTheHostsFileSystems) {
  TemporaryRoot root;
  const auto started = run(root, {"-d", root.write("two.yaml", two_sleepers("two"))});
  ASSERT_EQ(started.status, 0) << started.err;
  const Processes pod = processes_of(root, "default_two");
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/root", pod.pause)))
    names.insert(entry.path().filename());
  EXPECT_EQ(names, (std::set<std::string>{"c"}));
  EXPECT_TRUE(std::filesystem::is_empty(fmt::format("/proc/{}/root/c", pod.pause)))
      << "the containers' roots are covered";
}

}  // namespace
}  // namespace podrun::test
