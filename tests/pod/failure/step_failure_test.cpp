// The messages of failed steps: the manifest's words first, then the step and the system's error.
#include "pod/failure/step_failure.hpp"

#include <cerrno>
#include <cstring>

#include <gtest/gtest.h>

namespace podrun::pod {
namespace {

ContainerPlan plan_of(std::vector<ChildStep> child) {
  ContainerPlan plan;
  plan.name = "app";
  plan.image = "busybox";
  plan.descriptors = {"pause", "cells", "gate", "report", "root", "h", "c#2", "hosts", "message"};
  plan.host = {host::CloneTree{.to = 5, .source = "/srv", .label = "hostPath /srv"},
               host::CloneTree{.to = 6, .source = "/x", .label = "configMap c"},
               host::CloneTree{.to = 7, .source = "/y", .label = "hosts"}};
  plan.child = std::move(child);
  return plan;
}

/// The part of a message before the step.
std::string reason(const std::string& message) {
  return message.substr(0, message.find(" (step "));
}

std::string child_reason(ChildStep step, int error) {
  return reason(child_step_failure(plan_of({std::move(step)}), 0, error));
}

TEST(StepFailure, AFailureAtALinkInAVolumeNamesTheVolume) {
  const ContainerPlan plan = plan_of(
      {step::AttachTree{.root = 4, .tree = 5, .path = "/v"}, step::AttachTree{.root = 4, .tree = 6, .path = "/v/x"},
       step::AttachTree{.root = 4, .tree = 6, .path = "/v/x/bin"}, step::WorkingDirectory{.path = "/v/work/"},
       step::MountProc{.root = 4, .path = "/proc"}});
  const std::string rest = "; links are not followed there, because another container could have made them";
  EXPECT_EQ(reason(child_step_failure(plan, 2, ELOOP)), "/v/x/bin leads through a link in the volume at /v/x" + rest);
  EXPECT_EQ(reason(child_step_failure(plan, 1, ELOOP)), "/v/x leads through a link in the volume at /v" + rest);
  EXPECT_EQ(reason(child_step_failure(plan, 3, ELOOP)), "/v/work leads through a link in the volume at /v" + rest);
  EXPECT_EQ(child_step_failure(plan, 4, ELOOP),
            "/proc in image busybox: too many links, or a link in a volume, where links are not followed (step 5 of 5: "
            "mount proc → /c/app/proc, read-only: Too many levels of symbolic links)");
}

// One that is there may lie behind any link.
TEST(StepFailure, AWorkingDirectoryIsNotMadeBehindEveryLink) {
  EXPECT_EQ(child_step_failure(plan_of({step::WorkingDirectory{.path = "/srv"}}), 0, ELOOP),
            "workingDir /srv: too many links, or one behind which nothing can be made (step 1 of 1: chdir /srv: Too many "
            "levels of symbolic links)");
}

TEST(StepFailure, WithoutAReasonTheStepAndTheErrorRemain) {
  EXPECT_EQ(child_step_failure(plan_of({}), 7, EIO), std::string("step 8: ") + ::strerror(EIO));
  EXPECT_EQ(child_step_failure(plan_of({step::ResetSignals{}}), 0, EIO),
            std::string("step 1 of 1: signals all to their defaults, none blocked: ") + ::strerror(EIO));
}

TEST(StepFailure, AVolumeThatCannotBeMountedIsNamedWithItsPath) {
  const step::AttachTree volume{.root = 4, .tree = 5, .path = "/etc/app"};
  EXPECT_EQ(
      child_reason(volume, ENOTDIR),
      "volume h at /etc/app: that path is a file in the container or lies below one, so no directory can be mounted "
      "there (subPath mounts a single file)");
  EXPECT_EQ(child_reason(volume, EISDIR),
            "volume h at /etc/app: that path is a directory in the container, and the volume is a single file "
            "(hostPath /srv)");
  EXPECT_EQ(child_reason(volume, EROFS),
            "volume h at /etc/app: the container does not have it, and its root is read-only (readOnlyRootFilesystem)");
  EXPECT_EQ(child_reason(step::AttachTree{.root = 4, .tree = 7, .path = "/etc/hosts"}, EISDIR).substr(0, 29),
            "/etc/hosts in image busybox: ");
  EXPECT_EQ(child_reason(step::AttachTree{.root = 4, .tree = 8, .path = "/tmp"}, EISDIR),
            "terminationMessagePath /tmp: that path is a directory in the container");
  EXPECT_EQ(child_reason(step::AttachTree{.root = 4, .tree = 8, .path = "/dev/log"}, ENOSPC),
            "terminationMessagePath /dev/log: the container does not have it, and its root is full");
  EXPECT_EQ(child_reason(step::AttachTree{.root = 4, .tree = 8, .path = "/etc/passwd/log"}, ENOTDIR),
            "terminationMessagePath /etc/passwd/log: a part of that path is a file in the container");
  const ContainerPlan nested = plan_of({volume, step::AttachTree{.root = 4, .tree = 6, .path = "/etc/app/x"}});
  EXPECT_EQ(reason(child_step_failure(nested, 1, EROFS)),
            "volume c at /etc/app/x: the container does not have it, and the volume at /etc/app is read-only");
}

TEST(StepFailure, WhereOnlyTheKernelMakesFilesThatIsSaid) {
  for (const int error : {EROFS, EPERM, EACCES, ENOENT}) {
    const auto plan = plan_of({step::MountSys{.path = "/sys"},
                               step::AttachTree{.root = 4, .tree = 6, .path = "/sys/none"},
                               step::MountPts{.path = "/dev/pts"}, step::WorkingDirectory{.path = "/dev/pts/x"}});
    EXPECT_TRUE(foreseen_reason(plan, 1, error).ends_with(
        "at /sys/none: the container does not have it, and nothing can be made in /sys"));
    EXPECT_EQ(foreseen_reason(plan, 3, error),
              "workingDir /dev/pts/x: the container does not have it, and nothing can be made in /dev/pts");
  }
  const auto devices =
      plan_of({step::MountDev{.path = "/dev"}, step::AttachTree{.root = 4, .tree = 6, .path = "/dev/fd"}});
  EXPECT_TRUE(foreseen_reason(devices, 1, ELOOP).ends_with(
      "at /dev/fd: there is a link on that path, and links in /dev are not followed"));
}

TEST(StepFailure, TheWorkingDirectoryIsCalledAsInTheManifest) {
  EXPECT_EQ(child_step_failure(plan_of({step::WorkingDirectory{.path = "/etc/passwd"}}), 0, ENOTDIR),
            "workingDir /etc/passwd is not a directory, or lies below a file (step 1 of 1: chdir /etc/passwd: Not a "
            "directory)");
  EXPECT_EQ(child_reason(step::WorkingDirectory{.path = "/new"}, EROFS),
            "workingDir /new: the container does not have it, and its root is read-only (readOnlyRootFilesystem)");
}

TEST(StepFailure, WhatTheHostDoesNotAllowIsSaid) {
  EXPECT_NE(child_reason(step::MountProc{.root = 4, .path = "/proc"}, EPERM).find("does not let podrun"),
            std::string::npos);
  EXPECT_EQ(child_reason(step::SetIds{.uid = 7, .gid = 8}, EINVAL),
            "user 7, group 8: podrun cannot take them on; is podrun in a user namespace without them?");
  EXPECT_EQ(child_reason(step::ResourceLimits{}, EPERM),
            "a hard limit is above podrun's own, and podrun lacks CAP_SYS_RESOURCE to raise it");
  EXPECT_EQ(child_reason(step::SetCapabilities{}, EPERM),
            "securityContext.capabilities: podrun itself lacks a capability that the container is to have");
  EXPECT_EQ(child_reason(step::Seccomp{.profile = "localhost/a.json", .rules = {}}, EINVAL),
            "seccompProfile localhost/a.json: the kernel refuses the filter");
}

TEST(StepFailure, AnErrorOutsideOfStepsHasAReasonToo) {
  EXPECT_EQ(process_failure(Error::system("clone3", EAGAIN)).message,
            "this host allows no more processes (clone3: Resource temporarily unavailable)");
  EXPECT_TRUE(cgroup_failure(Error::system("cgroup a", EROFS)).message.ends_with("(cgroup a: Read-only file system)"));
  EXPECT_EQ(cgroup_failure(Error::system("cgroup a", EBUSY)).message, "cgroup a: Device or resource busy");
}

// ---- the program ----

std::string program_reason(int error, const ProgramFacts& program, std::string command = "run.sh") {
  const ContainerPlan plan =
      plan_of({step::AttachTree{.root = 4, .tree = 6, .path = "/c"}, step::Chroot{.root = 4},
               step::SetIds{.uid = 7, .gid = 8}, step::Exec{.argv = {std::move(command)}, .env = {"PATH=/bin:/c"}}});
  return reason(child_step_failure(plan, 3, error, program));
}

ProgramFacts file(std::string_view head, std::uint32_t mode = 0755) {
  return {.kind = ProgramFacts::Kind::File,
          .path = "/c/run.sh",
          .mode = mode,
          .head = read_program_head(head),
          .has_interpreter = false};
}

TEST(ProgramFailure, AMissingProgramIsToldFromAMissingInterpreter) {
  const ProgramFacts missing{.kind = ProgramFacts::Kind::Missing, .path = {}};
  EXPECT_EQ(program_reason(ENOENT, missing), R"(command "run.sh": the container does not have it in PATH (/bin:/c))");
  EXPECT_EQ(program_reason(ENOENT, missing, "/a/b"), R"(command "/a/b": the container has no such file)");
  EXPECT_EQ(program_reason(ENOENT, file("#!/bin/bash\n")),
            R"(command "run.sh" (/c/run.sh): its first line asks for /bin/bash, which the container does not have)");
  EXPECT_EQ(
      program_reason(ENOENT, file("#!/bin/sh\r\n"), "/c/run.sh"),
      R"(command "/c/run.sh": its first line asks for "/bin/sh\r": the file has the line ends of Windows (CR LF); )"
      "make them LF");
  EXPECT_EQ(program_reason(ENOENT, {}, "/a/b"),
            R"(command "/a/b": the container does not have it, or does not have the interpreter that it asks for)");
  ProgramFacts loader = file("");
  loader.head = {.format = ProgramHead::Format::Elf, .interpreter = "/lib/ld.so", .machine = "x86_64"};
  EXPECT_EQ(program_reason(ENOENT, loader, "/c/run.sh"),
            R"(command "/c/run.sh": it needs the dynamic loader /lib/ld.so, which the container does not have: it was )"
            "built for other libraries");
}

TEST(ProgramFailure, AProgramThatMayNotBeExecutedIsDescribed) {
  EXPECT_EQ(
      program_reason(EACCES, file("#!/bin/sh\n", 0644), "/c/run.sh"),
      R"(command "/c/run.sh": it is not executable (mode 0644, owner 0); defaultMode: 0755 of volume c makes it so)");
  ProgramFacts elsewhere = file("", 0600);
  elsewhere.path = "/srv/x";
  EXPECT_EQ(program_reason(EACCES, elsewhere, "/srv/x"),
            R"(command "/srv/x": it is not executable (mode 0600, owner 0))");
  EXPECT_EQ(
      program_reason(EACCES, file("", 0700), "/c/run.sh"),
      R"(command "/c/run.sh": user 7 may not execute it (mode 0700, owner 0), or may not enter a directory on the )"
      "way");
  EXPECT_EQ(program_reason(EACCES, {.kind = ProgramFacts::Kind::Directory, .path = "/etc"}, "/etc"),
            R"(command "/etc": it is a directory)");
  ProgramFacts image_volume = file("");
  image_volume.no_exec = true;
  EXPECT_EQ(program_reason(EACCES, image_volume, "/c/run.sh"),
            R"(command "/c/run.sh": it is on a volume where nothing can be executed)");
}

TEST(ProgramFailure, AFileThatIsNoProgramIsDescribed) {
  EXPECT_EQ(program_reason(ENOEXEC, file(""), "/c/run.sh"), R"(command "/c/run.sh": the file is empty)");
  EXPECT_NE(program_reason(ENOEXEC, file("echo"), "/c/run.sh").find("such as #!/bin/sh"), std::string::npos);
  ProgramFacts foreign = file("");
  foreign.head = {.format = ProgramHead::Format::Elf, .interpreter = {}, .machine = "aarch64"};
  EXPECT_EQ(program_reason(ENOEXEC, foreign, "/c/run.sh"),
            R"(command "/c/run.sh": it is a program for aarch64, not for this machine)");
}

TEST(ProgramFailure, ASecretInACommandIsNotShown) {
  const ContainerPlan plan =
      plan_of({step::Exec{.argv = {"hunter2"}, .env = {}, .shown = {{"hunter2", "<secret s/k>"}}}});
  EXPECT_EQ(child_step_failure(plan, 0, ENOENT).find("hunter2"), std::string::npos);
}

// ---- steps on the host ----

TEST(HostStepFailure, AVolumeOfTheHostIsNamedAsInTheManifest) {
  const ContainerPlan plan = plan_of({});
  EXPECT_EQ(
      host_step_failure(plan, 0, Error::system("/srv", ENOENT)).message,
      "volume h: hostPath /srv does not exist (type: DirectoryOrCreate makes it) (host step 1 of 3: tree hostPath "
      "/srv → fd h: /srv: No such file or directory)");
  EXPECT_TRUE(
      host_step_failure(plan, 0, Error::system("/srv", ENOTDIR))
          .message.starts_with("volume h: hostPath /srv cannot be reached: a part of the path is not a directory ("));
  EXPECT_EQ(host_step_failure(plan, 0, Error::system("/srv", ENOENT)).number, ENOENT);
}

TEST(HostStepFailure, AMountThatIsNotSharedIsToldOnce) {
  ContainerPlan plan = plan_of({});
  plan.host = {host::CloneTree{
      .to = 5, .source = "/srv", .label = "hostPath /srv", .propagation = MountPropagation::HostToContainer}};
  EXPECT_EQ(
      host_step_failure(plan, 0, {"/srv: mountPropagation needs a shared mount", EINVAL}).message,
      "volume h: /srv: mountPropagation needs a shared mount (host step 1 of 1: tree hostPath /srv, HostToContainer "
      "→ fd h)");
}

TEST(HostStepFailure, ASubPathIsNamed) {
  ContainerPlan plan = plan_of({});
  plan.host = {host::CloneTree{.to = 5, .source = "/srv", .label = "hostPath /srv", .sub_path = "a/b"}};
  EXPECT_TRUE(host_step_failure(plan, 0, Error::system("subPath a/b", ENOTDIR))
                  .message.starts_with("volume h: subPath a/b: a part of it is a file, not a directory ("));
}

TEST(HostStepFailure, AnImageOrADiskIsNamed) {
  ContainerPlan plan = plan_of({});
  plan.host = {
      host::OverlayRoot{.to = 4, .image = "app:1", .layers = {"/images/app/1/rootfs"}, .directory = "/var/pods"}};
  EXPECT_TRUE(host_step_failure(plan, 0, Error::system("/images/app/1/rootfs", ENOENT))
                  .message.starts_with("image app:1: its root /images/app/1/rootfs: does not exist ("));
  EXPECT_TRUE(host_step_failure(plan, 0, Error::system("/var/pods/0/upper", ENOSPC))
                  .message.starts_with("the container's writable layer: the disk of /var/pods is full ("));
}

TEST(PodStepFailure, FilesSysctlsAndVolumesAreNamed) {
  PodPlan plan;
  plan.files = {file::CheckHostPath{.volume = "h", .path = "/no", .type = HostPathType::Directory},
                file::MakeDirectory{.path = "/var/pods", .mode = 0700},
                file::GiveToGroup{.path = "/var/claim", .group = 7, .unless_root_has_it = false}};
  EXPECT_EQ(file_step_failure(plan, 0, {"volume h: hostPath /no does not exist"}).message,
            "volume h: hostPath /no does not exist (file step 1 of 3: check hostPath /no of volume h: Directory)");
  EXPECT_TRUE(file_step_failure(plan, 1, Error::system("/var/pods", ENOSPC))
                  .message.starts_with("the disk of /var/pods is full (file step 2 of 3: "));
  EXPECT_TRUE(file_step_failure(plan, 2, Error::system("/var/claim", EROFS))
                  .message.starts_with("fsGroup 7: /var/claim is on a read-only file system ("));
  EXPECT_EQ(
      sandbox_step_failure({sandbox::Sysctl{.name = "net.a", .value = "x"}}, 0, EINVAL).message,
      "securityContext.sysctls: net.a: the kernel refuses the value \"x\" (sandbox step 1 of 1: sysctl net.a = x: "
      "Invalid argument)");
  plan.memory = {memory::EmptyDir{.volume = "cache", .bytes = 1, .mode = 0777}};
  EXPECT_TRUE(memory_step_failure(plan, 0, Error::system("tmpfs", ENOMEM))
                  .message.starts_with("volume cache: this host has no memory left for it ("));
}

}  // namespace
}  // namespace podrun::pod
