// The rights of containers: capabilities, ids, no_new_privs and read-only roots.
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/system/support/container_view.hpp"

namespace podrun::test {
namespace {

// CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW AUDIT_WRITE SETFCAP.
const std::string twelve = "00000000a00025fb";
const std::string none = "0000000000000000";

/// A pod with one container that waits, and the status of its process.
class ContainerRights : public testing::Test {
 protected:
  pid_t start(const std::string& fields, const std::string& image = "localhost/busybox") {
    const auto text = manifest(
        "rights",
        {{.name = "c", .script = "", .fields = "command: [sleep, '1000']\n" + fields, .image = image}});
    const auto started = run(root_, {"-d", root_.write("rights.yaml", text)});
    EXPECT_EQ(started.status, 0) << started.err;
    return processes_of(root_, "default_rights")["c"];
  }

  TemporaryRoot root_;
};

TEST_F(ContainerRights, AContainerHasTwelveCapabilitiesByDefault) {
  const pid_t container = start("");
  for (const auto set : {"CapPrm", "CapEff", "CapBnd"}) EXPECT_EQ(status_of(container, set), twelve) << set;
  for (const auto set : {"CapInh", "CapAmb"}) EXPECT_EQ(status_of(container, set), none) << set;
  EXPECT_EQ(status_of(container, "NoNewPrivs"), "0");
  EXPECT_EQ(status_of(container, "Uid"), "0 0 0 0");
  EXPECT_EQ(status_of(container, "Groups"), "0");
}

TEST_F(ContainerRights, AContainerOfAnotherUserHasNoEffectiveCapabilities) {
  const pid_t container = start("securityContext: {runAsUser: 1000}");
  for (const auto set : {"CapPrm", "CapEff", "CapInh", "CapAmb"})
    EXPECT_EQ(status_of(container, set), none) << set;
  EXPECT_EQ(status_of(container, "CapBnd"), twelve);
}

TEST_F(ContainerRights, ForbiddenPrivilegeEscalationSetsNoNewPrivs) {
  EXPECT_EQ(status_of(start("securityContext: {allowPrivilegeEscalation: false}"), "NoNewPrivs"), "1");
}

TEST_F(ContainerRights, IdsAreThoseOfTheManifest) {
  const pid_t container = start("securityContext: {runAsUser: 1234, runAsGroup: 5678}");
  EXPECT_EQ(status_of(container, "Uid"), "1234 1234 1234 1234");
  EXPECT_EQ(status_of(container, "Gid"), "5678 5678 5678 5678");
  EXPECT_EQ(status_of(container, "Groups"), "5678");
}

TEST_F(ContainerRights, GroupsAreThoseOfTheImagesUser) {
  const std::string rootfs = root_.make_rootfs("image");
  std::ofstream(rootfs + "/etc/group", std::ios::app) << "audio:x:29:nobody,www\nvideo:x:44:nobody\n";
  const pid_t container = start("securityContext: {runAsUser: 1000}", "rootfs:" + rootfs);
  EXPECT_EQ(status_of(container, "Gid"), "1000 1000 1000 1000");
  EXPECT_EQ(status_of(container, "Groups"), "29 1000");
}

TEST_F(ContainerRights, AReadOnlyRootCannotBeWritten) {
  EXPECT_EQ(
      seen(root_, {.script = "(touch /here) 2>&1 | sed 's/.*: //'; (: > /etc/hosts) 2>&1 | sed 's/.*: //'\n"
                             "touch /work/there && ls /work",
                   .fields = "securityContext: {readOnlyRootFilesystem: true}\n"
                             "volumeMounts: [{name: work, mountPath: /work}]",
                   .spec = "volumes: [{name: work, emptyDir: {}}]"}),
      "Read-only file system\nRead-only file system\nthere");
}

// As in container runtimes, the directory is made before the root becomes read-only.
TEST_F(ContainerRights, AMissingWorkingDirectoryIsMadeInAReadOnlyRoot) {
  for (const std::string_view more : {"", ", capabilities: {add: [SYS_CHROOT]}", ", privileged: true"})
    EXPECT_EQ(seen(root_, {.script = "pwd; (touch here) 2>&1 | sed 's/.*: //'",
                           .fields = fmt::format("workingDir: /not/there\n"
                                                 "securityContext: {{readOnlyRootFilesystem: true{}}}",
                                                 more)}),
              "/not/there\nRead-only file system")
        << more;
}

// A set-user-ID program of the image gains the rights that the manifest allows.
TEST_F(ContainerRights, ASetUserIdProgramObeysAllowPrivilegeEscalation) {
  namespace fs = std::filesystem;
  const std::string rootfs = root_.make_rootfs("image");
  fs::permissions(rootfs + "/bin/podrun-probe", fs::perms::set_uid | fs::perms(0755));
  const auto uid_of_probe = [&](const std::string& fields) {
    return seen(root_, {.script = "podrun-probe identity | grep ^Uid:",
                        .fields = "securityContext: {runAsUser: 1000" + fields + "}",
                        .image = "rootfs:" + rootfs});
  };
  EXPECT_EQ(uid_of_probe(""), "Uid:\t1000\t0\t0\t0");
  EXPECT_EQ(uid_of_probe(", allowPrivilegeEscalation: false"), "Uid:\t1000\t1000\t1000\t1000");
}

}  // namespace
}  // namespace podrun::test
