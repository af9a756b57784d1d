// A pod that was started by a podrun before state version 2: its pause holds no plan, and there are copies of its
// manifest and of its images. It is entered, taken over and restarted.
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <map>

#include "namespaces/kernel/files.hpp"
#include "namespaces/launch/image_store.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "pod/spec/image.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/stored_pod.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// A pod of a container whose environment comes from a file, and of one that writes that file. The parameter says
/// whether the manifest has a Secret, and is therefore in the pause's memory instead of a file.
class LegacyPod : public testing::TestWithParam<bool> {
 protected:
  LegacyPod() {
    text_ = manifest("pod",
                     {{"writer", "echo \"K='1'\" > /v/env\n" + ready_until_stopped, "volumeMounts: [{name: v, "
                                                                                    "mountPath: /v}]\n"},
                      {"reader", until_stopped_after("echo \"X is $X\""),
                       "env: [{name: X, valueFrom: {fileKeyRef: {volumeName: v, path: env, key: K}}}]\n"}},
                     "restartPolicy: Always\nvolumes: [{name: v, emptyDir: {}}]");
    text_.insert(text_.find("spec:"),
                 "  annotations: {podrun.io/backoff-initial: 10ms, podrun.io/backoff-max: 20ms}\n");
    if (GetParam()) text_ = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {a: b}\n---\n" + text_;
  }

  /// The oldest of such podruns did not seal their files in memory.
  static void hold(ns::PauseClient& pause, const std::string& name, const std::string& text) {
    const Fd file(::memfd_create(name.c_str(), MFD_CLOEXEC));
    ASSERT_TRUE(ns::write_all(file.get(), text, name) && pause.hold(name, {file.get()}));
  }

  /// What such a podrun wrote, and had the pause hold.
  void write_copies(ns::PauseClient& pause, const Processes& processes) const {
    pod::Images images;
    const auto image = ns::find_image("localhost/busybox", root_.layout().image_roots(build_folder));
    ASSERT_TRUE(image) << image.error().message;
    images.emplace("localhost/busybox", *image);
    ASSERT_TRUE(ns::write_file(root_.layout().images("default_pod"), pod::to_json(images), 0600));
    if (GetParam()) {
      hold(pause, "podrun-manifest", text_);
    } else {
      ASSERT_TRUE(ns::write_file(root_.layout().manifest("default_pod"), text_, 0600));
    }
    hold(pause, "variables/reader", proc_file(processes["reader"], "environ"));
  }

  /// The state of such a podrun names no revisions.
  void forget_revisions() const {
    auto record = supervisor::read_state(root_.layout(), "default_pod");
    ASSERT_TRUE(record) << record.error().message;
    for (supervisor::ContainerRecord& container : record->containers) container.revision = 0;
    ASSERT_TRUE(supervisor::StateFile(root_.layout(), "default_pod").write(*record));
  }

  /// Speaks to the pause in the name of a supervisor that is stopped.
  void make_legacy(const Processes& processes) const {
    const auto supervisor = ns::open_process(processes.supervisor);
    ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGSTOP));
    Fd socket(static_cast<int>(::syscall(SYS_pidfd_getfd, supervisor->pidfd.get(), pause::socket_fd, 0)));
    ASSERT_TRUE(socket);
    ns::PauseClient pause(std::move(socket));
    const auto held = ns::files_in_memory(processes.pause);
    ASSERT_TRUE(held) << held.error().message;
    for (const auto& [name, file] : *held) ASSERT_TRUE(pause.release(name));
    write_copies(pause, processes);
    forget_revisions();
    ASSERT_TRUE(pause.list()) << "when it answers, it has done what was sent before";
    EXPECT_FALSE(ns::files_in_memory(processes.pause)->contains(supervisor::pod_hold));
  }

  /// The copies have whole Secrets. Nobody needs them any more.
  void expect_plans_without_copies(pid_t pause) const {
    const auto held = ns::files_in_memory(pause);
    ASSERT_TRUE(held);
    for (const char* name : {"pod", "inputs", "plan/writer/1", "plan/reader/2"})
      EXPECT_TRUE(held->contains(name)) << name;
    for (const char* name : {"podrun-manifest", "variables/reader"}) EXPECT_FALSE(held->contains(name)) << name;
    EXPECT_EQ(::access(root_.layout().manifest("default_pod").c_str(), F_OK), -1);
    EXPECT_EQ(::access(root_.layout().images("default_pod").c_str(), F_OK), -1);
  }

  void expect_in_reader(const std::string& value) const {
    const Finished entered = run(root_, {"exec", "pod/reader", "--", "sh", "-c", "echo $X"});
    EXPECT_EQ(entered.out, value + "\n") << entered.err;
  }

  TemporaryRoot root_;
  std::string text_;
};

TEST_P(LegacyPod, IsEnteredTakenOverAndRestarted) {
  const HostSnapshot before = snapshot(root_);
  {
    PodRun pod(root_, {root_.write("pod.yaml", text_)});
    ASSERT_TRUE(pod.wait_for_out("reader | X is 1\n")) << pod.err();
    // A later supervisor has its end of the socket where make_legacy() expects it.
    ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
    ASSERT_TRUE(pod.wait_for_err("took over 2 containers")) << pod.err();
    const Processes processes = processes_of(root_, "default_pod");
    make_legacy(processes);
    expect_in_reader("1");
    EXPECT_EQ(run(root_, {"exec", "pod/writer", "--", "sh", "-c", "echo \"K='2'\" > /v/env"}).status, 0);
    EXPECT_EQ(run(root_, {"ns", "--verify", "pod"}).status, 0);

    ASSERT_EQ(::kill(processes.supervisor, SIGKILL), 0);
    ASSERT_TRUE(pod.wait_for_err("took over 2 containers", 2)) << pod.err();
    expect_in_reader("1");

    ASSERT_EQ(::kill(processes["reader"], SIGKILL), 0);
    ASSERT_TRUE(pod.wait_for_out("reader | X is 2\n")) << pod.err();
    wait_for_state(root_, "default_pod", [](const supervisor::PodRecord& now) {
      return now.status.containers.at(1).state == supervisor::ContainerState::Running &&
             now.containers.at(1).revision == 2;
    });
    // The pause has done what was asked before it opened the gate of this instance.
    expect_plans_without_copies(processes.pause);
    expect_in_reader("2");
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  }
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

INSTANTIATE_TEST_SUITE_P(Manifest, LegacyPod, testing::Bool(),
                         [](const auto& with) { return with.param ? "InMemory" : "InAFile"; });

}  // namespace
}  // namespace podrun::test
