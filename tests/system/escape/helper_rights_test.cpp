// The rights of each of podrun's own processes, and the reasons: rule 4 of SECURITY.md.
#include <filesystem>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "namespaces/helper/helper_rights.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// The rights of a process, from /proc.
struct Rights {
  std::string user, effective, bounding, no_new_privileges, filters;
  bool is_dumpable = false;
  bool has_empty_root = false;
  bool has_callers_words = false;

  bool operator==(const Rights&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Rights& rights) {
  return out << fmt::format("uid {}, CapEff {}, CapBnd {}, NoNewPrivs {}, Seccomp {}{}{}{}", rights.user,
                            rights.effective, rights.bounding, rights.no_new_privileges, rights.filters,
                            rights.is_dumpable ? ", dumpable" : "", rights.has_empty_root ? ", empty root" : "",
                            rights.has_callers_words ? ", the caller's words" : "");
}

Rights rights_of(pid_t pid) {
  std::error_code error;
  const std::string user = status_of(pid, "Uid");
  struct stat status{};
  // The files in /proc of a process that is not dumpable belong to root, proc(5).
  const bool is_roots = user.starts_with("0 ");
  const std::string path = fmt::format("/proc/{}/environ", pid);
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  const auto root = std::filesystem::path(fmt::format("/proc/{}/root/", pid));
  return {.user = user.substr(0, user.find(' ')),
          .effective = status_of(pid, "CapEff"),
          .bounding = status_of(pid, "CapBnd"),
          .no_new_privileges = status_of(pid, "NoNewPrivs"),
          .filters = status_of(pid, "Seccomp"),
          .is_dumpable = !is_roots && status.st_uid != 0,
          .has_empty_root = std::filesystem::is_directory(root, error) && std::filesystem::is_empty(root, error),
          .has_callers_words = holds(proc_file(pid, "environ"), "callers-own")};
}

constexpr char none[] = "0000000000000000", kill_alone[] = "0000000000000020";

class HelperRights : public testing::Test {
 protected:
  void SetUp() override {
    const std::string path = root_.write("pod.yaml", manifest("pod", {{"a", until_stopped}, {"b", until_stopped}},
                                                              "restartPolicy: Always\nshareProcessNamespace: true"));
    ASSERT_EQ(run(root_, {"-d", path}, callers_).status, 0);
    pod_ = processes_of(root_, "default_pod");
    init_ = wait_for_state(root_, "default_pod", [](const auto& record) { return record.init > 0; }).init;
  }

  TemporaryRoot root_;
  Setting callers_{.environment = {{"SECRET", "callers-own"}}};
  Processes pod_;
  pid_t init_ = 0;
};

// Containers share the PID namespace of the init. It only reaps, which needs no rights.
TEST_F(HelperRights, TheInitHasNoRights) {
  EXPECT_EQ(rights_of(init_), (Rights{.user = std::to_string(helper::id),
                                      .effective = none,
                                      .bounding = none,
                                      .no_new_privileges = "1",
                                      .filters = "2",
                                      .has_empty_root = true}));
  EXPECT_TRUE(descriptors_of(init_).empty());
  EXPECT_TRUE(group_of(init_).ends_with("/default_pod/_helpers")) << "no process is in the pod's own group";
  auto words = command_line_of(init_);
  std::erase(words, "");
  EXPECT_EQ(words, (std::vector<std::string>{"podrun-pause", "default_pod"}));
}

// The pause sees no files of the host. But it starts the next supervisor, which starts containers with the rights of
// their manifest. It therefore keeps its capabilities, and has neither no_new_privs nor a filter, which all of them
// would inherit.
TEST_F(HelperRights, ThePausesRootHoldsOnlyAnEmptyFolder) {
  const Rights pause = rights_of(pod_.pause), own = rights_of(::getpid());
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(fmt::format("/proc/{}/root/", pod_.pause)))
    found.push_back(entry.path().filename());
  EXPECT_EQ(found, (std::vector<std::string>{"c"}));
  EXPECT_EQ(pause.effective, own.effective);
  EXPECT_EQ(pause.no_new_privileges, "0");
}

// The monitor of exec is in the host's PID namespace, not in a container. It signals the command, which may be any
// user's.
TEST_F(HelperRights, AMonitorMayOnlySignal) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"exec", "pod/a", "--", "sh", "-c", "echo here; sleep 1000"},
           {"debug", "pod/b", "--image", "localhost/busybox", "--", "sh", "-c", "echo here; sleep 1000"},
           {"exec", "--ns", "net", "pod/a", "--", "sh", "-c", "echo here; sleep 1000"}}) {
    PodRun client(root_, words, callers_);
    ASSERT_TRUE(client.wait_for_out("here")) << client.err();
    const pid_t monitor = children_of(client.pid()).at(0);
    Rights expected{.user = std::to_string(helper::id),
                    .effective = kill_alone,
                    .bounding = none,
                    .no_new_privileges = "1",
                    .filters = "2",
                    .has_empty_root = true};
    expected.has_callers_words = words[1] == "--ns";  // like its command, which is a program of the host
    EXPECT_EQ(rights_of(monitor), expected) << words[0];
    EXPECT_LE(descriptors_of(monitor).size(), 3U) << "the lifeline, the gate and cgroup.kill of the command's group";
    EXPECT_EQ(group_of(monitor), group_of(init_));
    client.signal(SIGTERM);
    EXPECT_NE(client.wait_exit(), 0);
  }
}

// The supervisor carries out the manifest as root in the host's namespaces. No container sees it.
TEST_F(HelperRights, TheSupervisorIsRoot) {
  EXPECT_EQ(rights_of(pod_.supervisor).effective, rights_of(::getpid()).effective);
  EXPECT_EQ(namespaces_of(pod_.supervisor), namespaces_of(::getpid()));
}

}  // namespace
}  // namespace podrun::test
