// The kinds of volumes and the fields of mounts, as a container sees them.
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/system/support/container_view.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

class VolumeKinds : public testing::Test {
 protected:
  TemporaryRoot root_;
};

TEST_F(VolumeKinds, AnInMemoryEmptyDirIsSharedAndLimited) {
  const std::string mounts = "volumeMounts: [{name: m, mountPath: /m}, {name: m, mountPath: /part, subPath: a/b}]";
  const std::string first =
      "mount | grep -c ' /m type tmpfs'; stat -c %a /m /part\n"
      "head -c 2000000 /dev/zero > /m/big 2>&- || echo full; rm /m/big\n"
      "echo kept > /m/a/b/kept; mkfifo -m 666 /m/f; echo ready; read word < /m/f; exit 1\n";
  PodRun pod(
      root_,
      {root_.write(
          "memory.yaml",
          manifest("memory",
                   {{"c", "if cat /part/kept 2>&-; then echo > /m/g; exit 0; fi\n" + first, mounts},
                    {"d", "mkfifo -m 666 /m/g; read word < /m/g; ls /m", mounts}},
                   "restartPolicy: OnFailure\nvolumes: [{name: m, emptyDir: {medium: Memory, sizeLimit: 1Mi}}]"))});
  ASSERT_TRUE(pod.wait_for_out("c | ready\n")) << pod.out() << pod.err();
  EXPECT_EQ(pod.out(), "c | 1\nc | 777\nc | 777\nc | full\nc | ready\n");
  EXPECT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers"));
  const pid_t c = processes_of(root_, "default_memory")["c"];
  root_.write("go", "");
  { std::ofstream(fmt::format("/proc/{}/root/m/f", c)) << "go\n"; }
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("c | kept\n")) << "over the restart of container and supervisor";
  EXPECT_TRUE(pod.wait_for_out("d | a\nd | f\nd | g\n"));
}

TEST_F(VolumeKinds, ASubPathIsCreatedAndMounted) {
  fs::create_directories(root_ / "data");
  PodRun pod(root_, {root_.write(
                        "part.yaml",
                        manifest("part",
                                 {{"c",
                                   "if [ -h /all/t ]; then ls /t | sort; exit 0; fi\n"
                                   "touch /t/mine && stat -c '%a %u' /t/mine\n"
                                   "touch /all/marker; rm -r /all/t; ln -s / /all/t; exit 1",
                                   "securityContext: {runAsUser: 1000}\n"
                                   "volumeMounts: [{name: v, mountPath: /all}, {name: v, mountPath: /t, subPath: t}]"}},
                                 "restartPolicy: OnFailure\nvolumes: [{name: v, emptyDir: {}}]"))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(), "c | 644 1000\nc | marker\nc | t\n") << "a link to / is one to the volume";
}

TEST_F(VolumeKinds, AnImageVolumeIsReadOnlyAndNotExecutable) {
  EXPECT_EQ(seen(root_, {.script = "ls -d /image/bin/busybox; (/image/bin/busybox true) 2>&1 | sed 's/.*: //'\n"
                                   "(touch /image/x) 2>&1 | sed 's/.*: //'",
                         .fields = "volumeMounts: [{name: image, mountPath: /image}]",
                         .spec = "volumes: [{name: image, image: {reference: localhost/busybox}}]"}),
            "/image/bin/busybox\nPermission denied\nRead-only file system");
}

TEST_F(VolumeKinds, ADeviceIsUsableOnlyAsAHostPathOfItsOwn) {
  fs::create_directories(root_ / "devices");
  ASSERT_EQ(::mknod((root_ / "devices/null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
  const auto view = [&](const std::string& type) {
    return View{.script = "echo x > /dev/mine && echo used; (echo x > /devices/null) 2>&1 | sed 's/.*: //'",
                .fields = "volumeMounts: [{name: one, mountPath: /dev/mine}, {name: all, mountPath: /devices}]",
                .spec = fmt::format("volumes: [{{name: one, hostPath: {{path: {0}/null, type: {1}}}}}, "
                                    "{{name: all, hostPath: {{path: {0}, type: Directory}}}}]",
                                    root_ / "devices", type)};
  };
  EXPECT_EQ(seen(root_, view("CharDevice")), "used\nPermission denied");
  const auto refused = run(root_, {root_.write("wrong.yaml", manifest("wrong", {{"c", "true", view("File").fields}},
                                                                      view("File").spec))});
  EXPECT_EQ(refused.status, 3);
  EXPECT_TRUE(holds(
      refused.err,
      fmt::format("volume one: hostPath {}/null is a character device, and its type File wants a file",
                  root_ / "devices")))
      << refused.err;
}

/// Runs in a mount namespace with shared mounts and a file system at data/sub.
class VolumePropagation : public testing::Test {
 protected:
  VolumePropagation() : host_(MS_SHARED, [this] {
      fs::create_directories(root_ / "data/sub");
      fs::create_directories(root_ / "data/later");
      fs::create_directories(root_ / "data/out");
      return ::mount("sub", (root_ / "data/sub").c_str(), "tmpfs", 0, nullptr) == 0;
    }) {}
  std::string volumes() const { return "volumes: [{name: data, hostPath: {path: " + root_ / "data" + "}}]"; }

  TemporaryRoot root_;
  MountNamespace host_;
};

TEST_F(VolumePropagation, MountsPropagateAsTheManifestSays) {
  const auto mount = [](const std::string& kind) {
    return "volumeMounts: [{name: data, mountPath: /data, mountPropagation: " + kind + "}]";
  };
  const std::string script =
      "trap 'grep -c \" /data/later \" /proc/self/mountinfo; exit 0' TERM; echo ready; sleep 1000 & wait $!";
  PodRun pod(root_, {root_.write("cross.yaml",
                                 manifest("cross",
                                          {{"none", script, mount("None")},
                                           {"in", script, mount("HostToContainer")},
                                           {"both", "mount -t tmpfs out /data/out\n" + script,
                                            mount("Bidirectional") + "\nsecurityContext: {privileged: true}"}},
                                          "restartPolicy: Never\n" + volumes()))},
             {.mount_namespace = host_.fd()});
  for (const char* name : {"none", "in  ", "both"})
    ASSERT_TRUE(pod.wait_for_out(std::string(name) + " | ready")) << pod.err();
  EXPECT_TRUE(host_.run([&] { return ::mount("later", (root_ / "data/later").c_str(), "tmpfs", 0, nullptr) == 0; }));
  int out = 0;
  for (const std::string& line : host_.mounts()) out += line.find("/data/out ") != std::string::npos ? 1 : 0;
  EXPECT_EQ(out, 1) << "what the privileged one has mounted";
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("none | 0\n"));
  EXPECT_TRUE(pod.wait_for_out("in   | 1\n"));
  EXPECT_TRUE(pod.wait_for_out("both | 1\n"));
}

TEST_F(VolumePropagation, ReadOnlyCoversSubmountsOnlyIfRecursive) {
  EXPECT_EQ(seen(root_,
                 {.script = "for d in a b; do for f in x sub/x; do touch /$d/$f 2>&- && echo $d/$f; done; done; true",
                  .fields = "volumeMounts:\n- {name: data, mountPath: /a, readOnly: true}\n"
                            "- {name: data, mountPath: /b, readOnly: true, recursiveReadOnly: Enabled}",
                  .spec = volumes()},
                 {.mount_namespace = host_.fd()}),
            "a/sub/x");
}

}  // namespace
}  // namespace podrun::test
