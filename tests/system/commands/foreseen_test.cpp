// Mounts and working directories that cannot be: check and the start say so at the same place, in the same words, and
// what check accepts starts.
#include <sys/mount.h>

#include <array>
#include <filesystem>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

/// A pod whose container has these lines, from line 16 on. The volumes: an emptyDir, a directory of the host, one of
/// its files, a ConfigMap.
std::string pod_with(const TemporaryRoot& root, std::string_view lines) {
  return fmt::format(
      "apiVersion: v1\nkind: Pod\nmetadata: {{name: foreseen}}\nspec:\n  restartPolicy: Never\n"
      "  terminationGracePeriodSeconds: 0\n  volumes:\n  - {{name: data, emptyDir: {{}}}}\n"
      "  - {{name: there, hostPath: {{path: {0}/there}}}}\n"
      "  - {{name: file, hostPath: {{path: {0}/file, type: File}}}}\n"
      "  - {{name: map, configMap: {{name: map}}}}\n"
      "  - {{name: image, image: {{reference: 'rootfs:{0}/image'}}}}\n"
      "  containers:\n  - name: c\n    image: 'rootfs:{0}/image'\n{1}"
      "    command: [sh, -c, 'exit 0']\n"
      "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: map}}\ndata: {{a: b}}\n",
      std::string(root.path()), lines);
}

class Foreseen : public Verbs {
 protected:
  void SetUp() override {
    namespace fs = std::filesystem;
    const std::string rootfs = root_.make_rootfs("image");
    fs::create_directories(rootfs + "/run");
    fs::create_directories(rootfs + "/var");
    fs::remove_all(rootfs + "/var/run");
    fs::create_symlink("/run", rootfs + "/var/run");
    fs::create_symlink("/dev/pts", rootfs + "/terminals");
    fs::create_symlink("/circle", rootfs + "/circle");
    fs::create_directories(root_ / "there/sub");
    root_.write("file", "");
    root_.write("there/file", "");
    fs::create_symlink("sub", root_ / "there/link");
    fs::create_symlink("sub/../..", root_ / "there/up");
    fs::create_symlink("file", root_ / "there/to-file");
  }
};

struct Refused {
  std::string_view lines;
  std::string_view error;  ///< how the error begins, behind the file's name
};

const std::array refused{
    Refused{"    volumeMounts: [{name: data, mountPath: /sys/none}]\n",
            ":16:44: error: container c: volume data at /sys/none: the container does not have it, and nothing can be "
            "made in /sys"},
    Refused{"    volumeMounts: [{name: data, mountPath: /sys/none/deeper, readOnly: true}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /sys/fs/cgroup/none}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /sys/none}]\n    securityContext: {privileged: true}\n",
            ":16:44: error: container c: volume data at /sys/none: the container does not have it, and nothing can be "
            "made in /sys"},
    Refused{"    volumeMounts: [{name: file, mountPath: /sys/none}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /sys/kernel/uevent_seqnum}]\n",
            ":16:44: error: container c: volume data at /sys/kernel/uevent_seqnum: that path is a file"},
    Refused{"    volumeMounts: [{name: data, mountPath: /dev/pts/none}]\n",
            ":16:44: error: container c: volume data at /dev/pts/none: the container does not have it, and nothing can "
            "be made in /dev/pts"},
    Refused{"    volumeMounts: [{name: data, mountPath: /terminals/none}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /dev/mqueue/none}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /dev/null}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: data, mountPath: /dev/fd}]\n",
            ":16:44: error: container c: volume data at /dev/fd: there is a link on that path, and links in /dev are "
            "not followed"},
    Refused{"    volumeMounts: [{name: data, mountPath: /etc/passwd}]\n",
            ":16:44: error: container c: volume data at /etc/passwd: that path is a file in the container"},
    Refused{"    volumeMounts: [{name: data, mountPath: /etc/passwd/none}]\n", ":16:44"},
    Refused{"    volumeMounts: [{name: file, mountPath: /etc}]\n",
            ":16:44: error: container c: volume file at /etc: that path is a directory"},
    Refused{"    volumeMounts:\n    - {name: data, mountPath: /a, readOnly: true}\n"
            "    - {name: there, mountPath: /a/none}\n",
            ":18:32: error: container c: volume there at /a/none: the container does not have it, and the volume at /a "
            "is read-only"},
    Refused{"    volumeMounts:\n    - {name: there, mountPath: /a, readOnly: true}\n"
            "    - {name: data, mountPath: /a/none}\n", ":18:31"},
    Refused{"    volumeMounts: [{name: data, mountPath: /etc, readOnly: true}]\n",
            ":15:12: error: container c: /etc/hosts in image"},
    Refused{"    volumeMounts: [{name: data, mountPath: /etc/passwd, subPath: x}]\n",
            ":16:44: error: container c: volume data at /etc/passwd: that path is a file in the container"},
    Refused{"    volumeMounts: [{name: there, mountPath: /etc/passwd, subPath: sub}]\n", ":16:45"},
    Refused{"    volumeMounts: [{name: there, mountPath: /usr, subPath: file}]\n",
            ":16:45: error: container c: volume there at /usr: that path is a directory in the container"},
    Refused{"    volumeMounts: [{name: map, mountPath: /usr, subPath: a}]\n", ":16:43"},
    Refused{"    volumeMounts: [{name: there, mountPath: /x, subPath: file/x}]\n",
            ":16:58: error: container c: volume there: subPath file/x"},
    Refused{"    volumeMounts: [{name: image, mountPath: /x, subPath: none}]\n",
            ":16:58: error: container c: volume image: subPath none"},
    Refused{"    terminationMessagePath: /sys/none\n",
            ":16:29: error: container c: terminationMessagePath /sys/none: the container does not have it, and"},
    Refused{"    terminationMessagePath: /usr\n",
            ":16:29: error: container c: terminationMessagePath /usr: that path is a directory in the container"},
    Refused{"    terminationMessagePath: /dev/pts/none\n", ":16:29"},
    Refused{"    workingDir: /sys/none\n", ":16:17: error: container c: workingDir /sys/none: the container does not "
                                           "have it, and nothing can be made in /sys"},
    Refused{"    workingDir: /proc/none\n", ":16:17: error: container c: workingDir /proc/none: the container"},
    Refused{"    workingDir: /dev/pts/none\n", ":16:17"},
    Refused{"    workingDir: /etc/passwd\n", ":16:17: error: container c: workingDir /etc/passwd is not a directory"},
    Refused{"    workingDir: /m/none\n    volumeMounts: [{name: map, mountPath: /m}]\n",
            ":16:17: error: container c: workingDir /m/none: the container does not have it, and the volume at /m is "
            "read-only"},
    Refused{"    workingDir: /m/a\n    volumeMounts: [{name: map, mountPath: /m}]\n", ":16:17"},
    Refused{"    volumeMounts: [{name: data, mountPath: /circle}]\n",
            ":16:44: error: container c: volume data at /circle: too many links"},
    Refused{"    workingDir: /circle/x\n", ":16:17: error: container c: workingDir /circle/x: too many links"},
    Refused{"    workingDir: /m/link/none\n    volumeMounts: [{name: there, mountPath: /m}]\n",
            ":16:17: error: container c: /m/link/none leads through a link in the volume at /m"},
    Refused{"    workingDir: /m/to-file\n    volumeMounts: [{name: there, mountPath: /m}]\n",
            ":16:17: error: container c: workingDir /m/to-file is not a directory"},
};

TEST_F(Foreseen, CheckAndTheStartRefuseWhatCannotBe) {
  for (const auto& [lines, error] : refused) {
    const std::string path = root_.write("foreseen.yaml", pod_with(root_, lines));
    const Finished checked = run(root_, {"check", path}), started = run(root_, {path});
    EXPECT_EQ(checked.status, 2) << lines << checked.err;
    EXPECT_TRUE(holds(checked.err, path + std::string(error))) << lines << checked.err;
    EXPECT_EQ(started.status, 3) << lines;
    const std::string_view place = "container c: ";
    const auto at = error.find(place);
    if (at == std::string_view::npos) continue;
    EXPECT_TRUE(holds(started.err, std::string(error.substr(at + place.size())))) << started.err;
  }
}

constexpr std::array accepted{
    "    volumeMounts: [{name: data, mountPath: /sys/fs/cgroup}]\n",
    "    volumeMounts: [{name: data, mountPath: /sys/fs/cgroup}, {name: there, mountPath: /sys/fs/cgroup/x/y}]\n",
    "    volumeMounts: [{name: data, mountPath: /dev/none/x}, {name: file, mountPath: /dev/file}]\n",
    "    volumeMounts: [{name: data, mountPath: /dev/pts}, {name: there, mountPath: /dev/pts/x}]\n",
    "    volumeMounts: [{name: data, mountPath: /dev/shm/x}, {name: there, mountPath: /dev/mqueue}]\n",
    "    volumeMounts: [{name: data, mountPath: /var/run/x}, {name: there, mountPath: /run/x/y}]\n",
    "    volumeMounts: [{name: file, mountPath: /etc/passwd}, {name: data, mountPath: /none/a/b}]\n",
    "    volumeMounts: [{name: there, mountPath: /a, readOnly: true}, {name: data, mountPath: /a/sub}]\n",
    "    volumeMounts: [{name: there, mountPath: /a}, {name: data, mountPath: /a/made}]\n",
    "    volumeMounts: [{name: there, mountPath: /etc/passwd, subPath: file}]\n",
    "    volumeMounts: [{name: map, mountPath: /etc/passwd, subPath: a}]\n",
    "    volumeMounts: [{name: data, mountPath: /x, subPath: a/b}, {name: there, mountPath: /y, subPath: new}]\n",
    "    terminationMessagePath: /none/x/y\n",
    "    terminationMessagePath: /dev/x\n",
    "    workingDir: /proc/self/fd\n",
    "    workingDir: /sys/class/net/lo\n",
    "    workingDir: /var/run/x\n",
    "    workingDir: /m\n    volumeMounts: [{name: map, mountPath: /m}]\n",
    "    workingDir: /m/link\n    volumeMounts: [{name: there, mountPath: /m}]\n",
    "    workingDir: /m/up/run\n    volumeMounts: [{name: there, mountPath: /m}]\n",
    "    workingDir: /none/x\n    securityContext: {readOnlyRootFilesystem: true}\n",
    "    workingDir: /none/x\n    securityContext: {privileged: true, readOnlyRootFilesystem: true}\n",
};

TEST_F(Foreseen, WhatCheckAcceptsStarts) {
  for (const std::string_view lines : accepted) {
    const std::string path = root_.write("foreseen.yaml", pod_with(root_, lines));
    const Finished checked = run(root_, {"check", path}), started = run(root_, {path});
    EXPECT_EQ(checked.status, 0) << lines << checked.err;
    EXPECT_EQ(started.status, 0) << lines << started.err;
  }
}

// The host's mounts in a volume stay writable beneath a read-only mount, and what the start itself makes is there.
TEST_F(Foreseen, WhatAReadOnlyVolumeGetsByTheStartOrTheHostIsNoFailure) {
  const std::string file_system = root_ / "there/mounted";
  std::filesystem::create_directories(file_system);
  ASSERT_EQ(::mount("none", file_system.c_str(), "tmpfs", 0, nullptr), 0);
  const std::string volumes = fmt::format(
      "  - {{name: made, hostPath: {{path: {0}/there/made, type: DirectoryOrCreate}}}}\n"
      "  - {{name: untyped, hostPath: {{path: {0}/there/untyped}}}}\n"
      "  - {{name: written, hostPath: {{path: {0}/there/written, type: FileOrCreate}}}}\n  containers:\n",
      std::string(root_.path()));
  for (const std::string_view mounts :
       {"{name: there, mountPath: /a, readOnly: true}, {name: data, mountPath: /a/mounted/none}",
        "{name: there, mountPath: /a, readOnly: true}, {name: made, mountPath: /a/made, readOnly: true}",
        "{name: there, mountPath: /a, readOnly: true}, {name: untyped, mountPath: /a/untyped, readOnly: true}",
        "{name: there, mountPath: /a, readOnly: true}, {name: written, mountPath: /a/written, readOnly: true}",
        "{name: data, mountPath: /a, readOnly: true}, {name: data, mountPath: /a/x, subPath: x, readOnly: true}"}) {
    std::string text = pod_with(root_, fmt::format("    volumeMounts: [{}]\n", mounts));
    text.replace(text.find("  containers:\n"), std::string_view("  containers:\n").size(), volumes);
    const std::string path = root_.write("foreseen.yaml", text);
    const Finished checked = run(root_, {"check", path}), started = run(root_, {path});
    EXPECT_EQ(checked.status, 0) << mounts << checked.err;
    EXPECT_EQ(started.status, 0) << mounts << started.err;
  }
  EXPECT_EQ(::umount2(file_system.c_str(), MNT_DETACH), 0);
}

// An init container often clears what a former run has left.
TEST_F(Foreseen, WhatAnotherContainerMayReplaceIsNoFailure) {
  constexpr std::string_view first =
      "  initContainers:\n  - name: first\n    image: localhost/busybox\n"
      "    command: [sh, -c, 'rm -rf /w/file && mkdir /w/file']\n"
      "    volumeMounts: [{name: there, mountPath: /w}]\n  containers:\n";
  for (const std::string_view lines :
       {"    volumeMounts: [{name: there, mountPath: /a}, {name: data, mountPath: /a/file}]\n",
        "    volumeMounts: [{name: there, mountPath: /a, readOnly: true}, {name: data, mountPath: /a/file}]\n",
        "    volumeMounts: [{name: there, mountPath: /usr, subPath: file}]\n",
        "    volumeMounts: [{name: there, mountPath: /a, subPath: file/x}]\n",
        "    workingDir: /a/file/x\n    volumeMounts: [{name: there, mountPath: /a}]\n"}) {
    std::string text = pod_with(root_, lines);
    text.replace(text.find("  containers:\n"), std::string_view("  containers:\n").size(), first);
    std::filesystem::remove_all(root_ / "there/file");
    root_.write("there/file", "");
    const std::string path = root_.write("foreseen.yaml", text);
    const Finished checked = run(root_, {"check", path}), started = run(root_, {path});
    EXPECT_EQ(checked.status, 0) << lines << checked.err;
    EXPECT_EQ(started.status, 0) << lines << started.err;
  }
}

// Another container may make what this one needs before it starts.
TEST_F(Foreseen, WhatAnotherContainerMayMakeIsNoFailure) {
  const std::string path = root_.write(
      "foreseen.yaml",
      "apiVersion: v1\nkind: Pod\nmetadata: {name: foreseen}\nspec:\n  restartPolicy: Never\n"
      "  volumes: [{name: data, emptyDir: {}}]\n  initContainers:\n  - name: first\n    image: localhost/busybox\n"
      "    command: [mkdir, /data/made]\n    volumeMounts: [{name: data, mountPath: /data}]\n  containers:\n"
      "  - name: c\n    image: localhost/busybox\n    command: [pwd]\n    workingDir: /data/made\n"
      "    volumeMounts: [{name: data, mountPath: /data, readOnly: true}]\n");
  EXPECT_EQ(run(root_, {"check", path}).status, 0);
  EXPECT_EQ(run(root_, {path}).status, 0);
}

}  // namespace
}  // namespace podrun::test
