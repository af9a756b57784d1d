// A running pod as /proc shows it: the namespaces, roots and parents of its processes.
#include <unistd.h>

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using pod::NamespaceKind;

class Namespaces : public testing::Test {
 protected:
  void SetUp() override {
    const auto started = run(root_, {"-d", root_.write("two.yaml", two_sleepers("two"))});
    ASSERT_EQ(started.status, 0) << started.err;
    pod_ = processes_of(root_, "default_two");
  }
  std::vector<pid_t> containers() const { return {pod_["a"], pod_["b"]}; }

  TemporaryRoot root_;
  Processes pod_;
};

/// The pids in the /proc of a process's root.
std::set<std::string> pids_seen_by(pid_t pid) {
  std::set<std::string> pids;
  for (const auto& entry : std::filesystem::directory_iterator(fmt::format("/proc/{}/root/proc", pid)))
    if (const std::string name = entry.path().filename();
        name.find_first_not_of("0123456789") == std::string::npos)
      pids.insert(name);
  return pids;
}

TEST_F(Namespaces, PauseAndContainersShareNetMntIpcAndUts) {
  for (const auto kind : {NamespaceKind::Net, NamespaceKind::Mnt, NamespaceKind::Ipc, NamespaceKind::Uts}) {
    const auto pods = namespace_of(pod_.pause, kind);
    EXPECT_NE(pods, 0U);
    EXPECT_NE(pods, namespace_of(::getpid(), kind)) << "the pod's is the host's";
    for (const pid_t container : containers()) EXPECT_EQ(namespace_of(container, kind), pods);
  }
}

TEST_F(Namespaces, EachContainerIsPid1OfAPidNamespaceOfItsOwn) {
  std::set<std::uint64_t> distinct{namespace_of(::getpid(), NamespaceKind::Pid)};
  for (const pid_t container : containers()) {
    EXPECT_TRUE(distinct.insert(namespace_of(container, NamespaceKind::Pid)).second) << "shared with another";
    EXPECT_TRUE(status_of(container, "NSpid").ends_with(fmt::format("{} 1", container)));
  }
  EXPECT_EQ(namespace_of(pod_.pause, NamespaceKind::Pid), namespace_of(::getpid(), NamespaceKind::Pid));
}

TEST_F(Namespaces, AContainerSeesOnlyItsOwnProcesses) {
  for (const pid_t container : containers()) EXPECT_EQ(pids_seen_by(container), std::set<std::string>{"1"});
}

TEST_F(Namespaces, UserCgroupAndTimeAreTheHosts) {
  for (const pid_t process : {pod_.pause, pod_.supervisor, pod_["a"], pod_["b"]})
    for (const auto kind : {NamespaceKind::User, NamespaceKind::Cgroup, NamespaceKind::Time})
      EXPECT_EQ(namespace_of(process, kind), namespace_of(::getpid(), kind)) << comm_of(process);
}

TEST_F(Namespaces, EachProcessHasARootOfItsOwn) {
  const std::set<RootId> roots{root_of(::getpid()), root_of(pod_.pause), root_of(pod_["a"]),
                               root_of(pod_["b"])};
  EXPECT_EQ(roots.size(), 4U);
}

TEST_F(Namespaces, ThePauseIsTheParentOfContainersAndSupervisor) {
  const auto children = children_of(pod_.pause);
  EXPECT_EQ(std::set(children.begin(), children.end()), (std::set{pod_.supervisor, pod_["a"], pod_["b"]}));
}

TEST_F(Namespaces, ProcessNamesShowRoleAndPod) {
  EXPECT_EQ(comm_of(pod_.pause), "podrun-pause");
  EXPECT_EQ(comm_of(pod_.supervisor), "podrun");
  for (const pid_t process : {pod_.pause, pod_.supervisor})
    EXPECT_TRUE(holds(proc_file(process, "cmdline"), "default_two")) << comm_of(process);
}

TEST_F(Namespaces, TheSupervisorIsInTheHostsNamespaces) {
  EXPECT_EQ(namespaces_of(pod_.supervisor), namespaces_of(::getpid()));
  EXPECT_EQ(root_of(pod_.supervisor), root_of(::getpid()));
}

TEST_F(Namespaces, SupervisorAndContainersHaveSessionsOfTheirOwn) {
  for (const pid_t process : {pod_.supervisor, pod_["a"], pod_["b"]})
    EXPECT_EQ(session_of(process), process) << comm_of(process);
}

TEST_F(Namespaces, EachContainerHasACgroupOfItsOwn) {
  for (const std::string name : {"a", "b"})
    EXPECT_TRUE(
        holds(proc_file(pod_[name], "cgroup"), "0::/" + root_.cgroup_base() + "/default_two/" + name + "\n"));
}

}  // namespace
}  // namespace podrun::test
