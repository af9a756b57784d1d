// fileKeyRef: variables from a file that another container of the pod writes. It is read at each start.
#include <signal.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using supervisor::PodRecord;

/// A reference to a key of the file "env" in the volume "v".
std::string from_file(const std::string& name, const std::string& key, const std::string& more = "") {
  return "- {name: " + name + ", valueFrom: {fileKeyRef: {volumeName: v, path: env, key: " + key + more + "}}}\n";
}

class EnvFile : public testing::TestWithParam<std::string> {
 protected:
  /// A pod of a writer, which runs SCRIPT with the volume at /v, and a reader, which runs READS with variables of the
  /// file.
  std::string write(const std::string& script, const std::string& reads, const std::string& variables,
                    const std::string& spec = "") const {
    return root_.write("pod.yaml",
                       "apiVersion: v1\nkind: Pod\nmetadata:\n  name: pod\n"
                       "  annotations: {podrun.io/backoff-initial: 10ms, podrun.io/backoff-max: 20ms}\n" +
                           after_metadata(manifest("pod",
                                                   {{"writer", script, "volumeMounts: [{name: v, mountPath: /v}]"},
                                                    {"reader", reads, "env:\n" + variables}},
                                                   "volumes: [{name: v, emptyDir: " + GetParam() + "}]\n" + spec)));
  }
  static int times(const std::string& text, const std::string& words) {
    int count = 0;
    for (std::size_t at = text.find(words); at != text.npos; at = text.find(words, at + 1)) ++count;
    return count;
  }
  static std::string after_metadata(const std::string& text) { return text.substr(text.find("spec:")); }

  /// How the reader's last instance ended. Waits until one has failed.
  supervisor::Termination failed_start() const {
    const PodRecord record = wait_for_state(root_, "default_pod", [](const PodRecord& now) {
      return now.status.containers.at(1).last.has_value();
    });
    return record.status.containers.at(1).last.value_or(supervisor::Termination{});
  }

  TemporaryRoot root_;
};

TEST_P(EnvFile, AContainerStartsOnceItsEnvFileIsWritten) {
  const HostSnapshot before = snapshot(root_);
  {
    PodRun pod(root_,
               {write("write() { echo \"COLOUR='dark  blue'\" > /v/new; mv /v/new /v/env; }\n"
                      "trap 'exit 0' TERM\ntrap write USR1\necho ready\nwhile :; do sleep 1000 & wait $!; done\n",
                      "trap 'exit 0' TERM\necho \"[$X][$W][${Z-unset}]\"\nsleep 1000 & wait $!\n",
                      from_file("X", "COLOUR") + "- {name: W, value: '-$(X)-'}\n" +
                          from_file("Z", "SIZE", ", optional: true"))});
    ASSERT_TRUE(pod.wait_for_out("writer | ready")) << pod.err();
    ASSERT_TRUE(pod.wait_for_err("reader: did not start: ", 2)) << "the pod goes on";
    const supervisor::Termination end = failed_start();
    EXPECT_EQ(end.exit_code, 128);
    EXPECT_EQ(end.reason, "StartError");
    EXPECT_EQ(end.message, "pod: container reader: env X: the file \"env\" in the volume \"v\" is not there");
    const PodRecord record =
        wait_for_state(root_, "default_pod", [](const PodRecord& now) { return now.containers.at(0).pid > 0; });
    const auto writer = ns::open_process(record.containers.at(0).pid);
    ASSERT_TRUE(writer && ns::send_signal(*writer, SIGUSR1));
    EXPECT_TRUE(pod.wait_for_out("reader | [dark  blue][-dark  blue-][unset]\n")) << pod.err();
    EXPECT_EQ(run(root_, {"exec", "pod/writer", "--", "sh", "-c", "echo \"COLOUR='red'\" > /v/env"}).status, 0);
    const Finished entered = run(root_, {"exec", "pod/reader", "--", "sh", "-c", "echo \"[$X][$W][${Z-unset}]\""});
    EXPECT_EQ(entered.out, "[dark  blue][-dark  blue-][unset]\n") << entered.err;
    EXPECT_FALSE(holds(run(root_, {"ps", "-o", "json"}).out, "\"value\": \"dark")) << "a value of the file is shown";
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  }
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_P(EnvFile, AVariableOfAnEnvFileExpandsInASubPath) {
  PodRun pod(root_,
             {write("mkdir -p /v/there; echo here > /v/there/word; echo \"K='there'\" > /v/env\n" + ready_until_stopped,
                    "cat /m/word; sleep 1000",
                    from_file("X", "K") + "volumeMounts: [{name: v, mountPath: /m, subPathExpr: $(X)}]\n")});
  EXPECT_TRUE(pod.wait_for_out("reader | here\n")) << pod.err();
}

TEST_P(EnvFile, ALaterSupervisorReadsTheEnvFile) {
  PodRun pod(root_, {write("echo \"K='1'\" > /v/env\n" + ready_until_stopped, "echo \"X is $X\"; sleep 1000",
                           from_file("X", "K"))});
  ASSERT_TRUE(pod.wait_for_out("reader | X is 1\n")) << pod.err();
  const Processes processes = processes_of(root_, "default_pod");
  const auto supervisor = ns::open_process(processes.supervisor), reader = ns::open_process(processes["reader"]);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers")) << pod.err();
  ASSERT_TRUE(reader && ns::send_signal(*reader, SIGKILL));
  EXPECT_TRUE(pod.wait_for_out("reader | X is 1\n", 2)) << pod.err();
}

TEST_P(EnvFile, AHostileEnvFileIsAStartErrorAndLeaksNothing) {
  struct Trick {
    std::string script, error;
  };
  root_.write("secret", "K='stolen'\n");
  for (const Trick& trick :
       {Trick{"ln -s " + root_ / "secret" + " /v/env", " is not there"},
        Trick{"ln -s ../../../../../../../../../.." + root_ / "secret" + " /v/env", " is not there"},
        Trick{"ln -s /proc/self/environ /v/env", " is not there"},
        Trick{"ln -s env /v/env", ": open: Too many levels of symbolic links"},
        Trick{"mkfifo /v/env", ": it is not a regular file"}, Trick{"mkdir /v/env", ": it is not a regular file"},
        Trick{"truncate -s 100G /v/env", ": it has more than 64 KiB"},
        Trick{"echo \"K='a\" > /v/env", ": line 1: its quote is not closed"}}) {
    PodRun pod(root_, {write(trick.script + "\n" + ready_until_stopped, "echo \"X is $X\"", from_file("X", "K"))});
    ASSERT_TRUE(pod.wait_for_out("writer | ready")) << pod.err();
    EXPECT_TRUE(pod.wait_for_err(trick.error, 2 + times(pod.err(), trick.error))) << trick.script << pod.err();
    EXPECT_FALSE(holds(pod.out(), "stolen"));
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << trick.script << pod.err();
  }
}

TEST_P(EnvFile, AMissingEnvFileFailsOnlyItsContainer) {
  PodRun pod(root_, {write("echo alive", "echo never", from_file("X", "K"), "restartPolicy: Never\n")});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(holds(pod.out(), "writer | alive"));
  EXPECT_FALSE(holds(pod.out(), "never"));
  EXPECT_TRUE(holds(pod.err(), "the file \"env\" in the volume \"v\" is not there"));
}

INSTANTIATE_TEST_SUITE_P(OnDiskAndInMemory, EnvFile, testing::Values("{}", "{medium: Memory}"),
                         [](const auto& of) { return std::string(of.param == "{}" ? "OnDisk" : "InMemory"); });

}  // namespace
}  // namespace podrun::test
