// The reason is at hand: why a container did not start, why its log is empty, for whom a stop waits.
#include <filesystem>
#include <string>

#include <sys/mount.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "tests/system/commands/verbs.hpp"
#include "tests/system/support/mount_namespace.hpp"

namespace podrun::test {
namespace {

class Why : public Verbs {
 protected:
  std::string write(const std::string& text) { return root_.write("pod.yaml", text); }
  /// What a pod says whose only container has a command that cannot be executed.
  std::string refusal(const std::string& fields) {
    const Finished ended = run(root_, {write(manifest("web", {{"app", "", fields}}))});
    EXPECT_EQ(ended.status, 1) << ended.err;
    return ended.err;
  }
  /// The refusal of a script in a ConfigMap.
  std::string refusal_of_script(const std::string& script, const std::string& mode = "0755") {
    const std::string text =
        manifest("web", {{"app", "", "command: [/c/run.sh]\nvolumeMounts: [{name: c, mountPath: /c}]"}},
                 "restartPolicy: Never\nvolumes: [{name: c, configMap: {name: c, defaultMode: " + mode + "}}]") +
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {run.sh: \"" + script + "\"}\n";
    const Finished ended = run(root_, {write(text)});
    EXPECT_EQ(ended.status, 1) << ended.err;
    return ended.err;
  }
  std::string with_host_path(const std::string& path, const std::string& type) {
    return write(manifest("web", {{"app", until_stopped, "volumeMounts: [{name: h, mountPath: /h}]"}},
                          fmt::format("volumes: [{{name: h, hostPath: {{path: {}, type: {}}}}}]", path, type)));
  }

  const std::string absent_ = root_ / "absent";  ///< a path of the host at which nothing is
};

// ---- starts ----

TEST_F(Why, AScriptWithoutItsInterpreterNamesIt) {
  EXPECT_TRUE(
      holds(refusal_of_script("#!/bin/bash\\n"),
            "command \"/c/run.sh\": its first line asks for /bin/bash, which the container does not have (step "));
}

TEST_F(Why, AScriptWithTheLineEndsOfWindowsIsTold) {
  EXPECT_TRUE(
      holds(refusal_of_script("#!/bin/sh\\r\\n"), "the file has the line ends of Windows (CR LF); make them LF"));
}

TEST_F(Why, AScriptWithoutAFirstLineOrAModeIsTold) {
  EXPECT_TRUE(holds(refusal_of_script("echo hi\\n"), "nor a script whose first line is \"#!\""));
  EXPECT_TRUE(holds(refusal_of_script("#!/bin/sh\\n", "0644"),
                    "it is not executable (mode 0644, owner 0); defaultMode: 0755 of volume c makes it so"));
}

TEST_F(Why, AProgramWithoutItsDynamicLoaderNamesTheLoader) {
  const std::string rootfs = root_.make_rootfs("image");
  std::filesystem::copy_file("/bin/true", rootfs + "/bin/dynamic");
  const Finished ended = run(
      root_, {write(manifest("web", {{.name = "app", .fields = "command: [dynamic]", .image = "rootfs:" + rootfs}}))});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(matches(ended.err,
                      "command \"dynamic\" \\(/bin/dynamic\\): it needs the dynamic loader /lib.*/ld-linux.*, "
                      "which the container does not have"))
      << ended.err;
}

TEST_F(Why, ACommandThatAUserMayNotExecuteNamesTheUser) {
  const std::string rootfs = root_.make_rootfs("image");
  std::filesystem::copy_file(rootfs + "/bin/busybox", rootfs + "/bin/own");
  ASSERT_EQ(::chmod((rootfs + "/bin/own").c_str(), 0700), 0);
  const Finished ended = run(
      root_, {write(manifest(
                 "web", {{.name = "app",
                          .fields = "command: [/bin/own]\nsecurityContext: {runAsUser: 7, capabilities: {drop: [ALL]}}",
                          .image = "rootfs:" + rootfs}}))});
  EXPECT_EQ(ended.status, 1);
  EXPECT_TRUE(holds(ended.err, "command \"/bin/own\": user 7 may not execute it (mode 0700, owner 0)")) << ended.err;
}

TEST_F(Why, ACommandOfExecThatIsNotThereIsToldInTheSameWords) {
  start(two_sleepers("two"));
  const Finished ended = run(root_, {"exec", "two/a", "--", "nosuch"});
  EXPECT_EQ(ended.status, 127);
  EXPECT_TRUE(holds(ended.err, "two/a: command \"nosuch\": the container does not have it in PATH (")) << ended.err;
}

TEST_F(Why, AMissingHostPathIsToldInTheManifestsWords) {
  const std::string sentence = "volume h: hostPath " + absent_ + " does not exist (type: DirectoryOrCreate makes it)";
  const std::string path = with_host_path(absent_, "Directory");
  for (const std::vector<std::string>& words : {std::vector<std::string>{path}, {"-d", path}}) {
    const Finished ended = run(root_, words);
    EXPECT_EQ(ended.status, 3);
    EXPECT_TRUE(holds(ended.err, sentence + " (file step ")) << ended.err;
  }
}

TEST_F(Why, AValueThatTheKernelRefusesIsTold) {
  const Finished ended =
      run(root_,
          {write(manifest("web", {{"app", until_stopped}},
                          "securityContext: {sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: abc}]}"))});
  EXPECT_NE(ended.status, 0);
  EXPECT_TRUE(holds(ended.err, "\"abc\"")) << ended.err;
}

// ---- check ----

TEST_F(Why, CheckWarnsOfAMountThatNothingPropagatesTo) {
  const std::string mount = "volumeMounts: [{name: h, mountPath: /h, mountPropagation: HostToContainer}]";
  const std::string path =
      write(manifest("web", {{"app", until_stopped, mount}}, "volumes: [{name: h, hostPath: {path: /}}]"));
  const auto warns = [&] {
    return holds(run(root_, {"check", path}).err, "warning: container app: volume h: /: mountPropagation "
                                                  "HostToContainer needs a mount of the host that is shared");
  };
  const auto nothing = [] { return true; };
  EXPECT_TRUE(MountNamespace(MS_PRIVATE, nothing).run(warns));
  EXPECT_FALSE(MountNamespace(MS_SHARED, nothing).run(warns));
}

TEST_F(Why, CheckWarnsOfWhatThisHostDoesNotHave) {
  const auto check = [&](const std::string& path) {
    const Finished ended = run(root_, {"check", path});
    EXPECT_EQ(ended.status, 0) << ended.err;
    return ended.err;
  };
  EXPECT_TRUE(holds(check(with_host_path(absent_, "Directory")),
                    "warning: volume h: hostPath " + absent_ + " does not exist (type: DirectoryOrCreate makes it)"));
  EXPECT_TRUE(
      holds(check(with_host_path(absent_, "Socket")), "hostPath " + absent_ + " does not exist (its type Socket"));
  EXPECT_TRUE(holds(check(with_host_path(root_ / "pod.yaml", "Directory")), "is a file, and its type Directory wants"));
  EXPECT_FALSE(holds(check(with_host_path(root_ / "made", "DirectoryOrCreate")), "does not exist"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "made"));
  EXPECT_TRUE(holds(check(write(manifest("web", {{"app", "exit 0", "", "rootfs:" + absent_}}))),
                    "warning: image rootfs:" + absent_ + ": no such directory"));
  EXPECT_TRUE(holds(check(write(manifest("web", {{"app", "exit 0",
                                                  "securityContext: {seccompProfile: {type: Localhost, "
                                                  "localhostProfile: no.json}}"}}))),
                    "warning: container app: there is no seccomp profile \"no.json\""));
}

TEST_F(Why, CheckSaysWhereAHostPathIsMissing) {
  const std::string path = with_host_path(absent_, "Directory");
  const Finished checked = run(root_, {"check", path});
  EXPECT_TRUE(checked.err.starts_with(path + ":")) << checked.err;
  EXPECT_TRUE(checked.err.ends_with("1 warning\n")) << checked.err;
  const Finished written = run(root_, {"check", "-o", "json", path});
  EXPECT_EQ(written.err, "");
  EXPECT_TRUE(holds(written.out, "\"severity\": \"warning\"")) << written.out;
  EXPECT_TRUE(holds(written.out, "volume h: hostPath " + absent_ + " does not exist")) << written.out;
}

TEST_F(Why, AMissingImageListsTheImagesThatThereAre) {
  const std::string file = write(manifest("web", {{"app", "exit 0", "", "busybox"}}));
  const Finished ended = run(root_, {"run", "--pull=never", file});
  EXPECT_EQ(ended.status, 3);
  EXPECT_TRUE(holds(ended.err, "folders of images on this host: localhost/busybox")) << ended.err;
  EXPECT_TRUE(holds(ended.err, "did you mean localhost/busybox?")) << ended.err;

  const Finished fetched = run(root_, {"-d", file});
  EXPECT_EQ(fetched.status, 1);
  EXPECT_TRUE(holds(fetched.err, "; this host has localhost/busybox")) << fetched.err;
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "web"}).status, 0);
}

// ---- logs and ps ----

TEST_F(Why, AnEmptyLogPointsToTheReason) {
  start(manifest("web", {{"app", until_stopped}}));
  const Finished runs = run(root_, {"logs", "web"});
  EXPECT_EQ(runs.status, 0);
  EXPECT_EQ(runs.out, "");
  EXPECT_EQ(runs.err, "podrun: container app has no log: it runs, and has printed nothing yet\n");
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "web"}).status, 0);

  EXPECT_EQ(run(root_, {write(manifest("quiet", {{"app", "exit 3"}}))}).status, 1);
  EXPECT_EQ(run(root_, {"logs", "quiet"}).err,
            "podrun: container app has no log: it ended with exit code 3, and had printed nothing\n");

  (void)refusal("command: [/no/such/program]");
  EXPECT_TRUE(
      holds(run(root_, {"logs", "web"}).err,
            "container app has no log: it did not start: command \"/no/such/program\": the container has no such "
            "file"));
}

TEST_F(Why, ALogThatIsFollowedSaysFirstThatItIsEmpty) {
  start(manifest("web", {{"app", until_stopped}}));
  PodRun logs(root_, {"logs", "-f", "web"});
  EXPECT_TRUE(logs.wait_for_err("container app has no log: it runs, and has printed nothing yet"));
}

TEST_F(Why, OnlyAContainerThatDidNotRunIsNamedBesideOneThatPrints) {
  EXPECT_EQ(
      run(root_, {write(manifest(
                     "web", {{"says", "echo hi"}, {"silent", "exit 0"}, {"gone", "", "command: [/no/such/program]"}}))})
          .status,
      1);
  const Finished logs = run(root_, {"logs", "web"});
  EXPECT_TRUE(holds(logs.out, "says   | hi\n")) << logs.out;
  EXPECT_TRUE(logs.err.starts_with("podrun: container gone has no log: it did not start: ")) << logs.err;
  EXPECT_FALSE(holds(logs.err, "silent"));
}

TEST_F(Why, APodWhoseStartFailedIsListedWithItsReason) {
  EXPECT_EQ(run(root_, {with_host_path(absent_, "Directory")}).status, 3);
  EXPECT_TRUE(matches(run(root_, {"ps", "-a"}).out, "\nweb +0/1 +StartError +0 +[0-9]+s\n"));
  const auto status = json({"ps", "-a"}).at("items").at(0).at("status");
  EXPECT_EQ(status.at("phase"), "Failed");
  EXPECT_TRUE(holds(status.at("message").get<std::string>(), "volume h: hostPath " + absent_ + " does not exist"));
  EXPECT_TRUE(
      holds(run(root_, {"logs", "web"}).err, "the start of the pod failed: web: volume h: hostPath " + absent_));
}

TEST_F(Why, APodThatLeftNoStatusIsDead) {
  EXPECT_EQ(run(root_, {write(manifest("web", {{"app", "exit 0"}}))}).status, 0);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root_.layout().logs()))
    if (entry.path().filename() == "status.json") std::filesystem::remove(entry.path());
  EXPECT_TRUE(matches(run(root_, {"ps", "-a"}).out, "\nweb +0/0 +Dead +0 +[0-9]+s\n"));
}

// ---- stop ----

TEST_F(Why, AStopThatTakesLongSaysForWhomItWaits) {
  start(manifest("web", {{"deaf", "trap '' TERM; echo ready; while :; do sleep 1; done"}, {"quick", until_stopped}},
                 "terminationGracePeriodSeconds: 600"));
  {
    PodRun logs(root_, {"logs", "-f", "web", "deaf"});
    ASSERT_TRUE(logs.wait_for_out("ready"));
  }
  PodRun stop(root_, {"stop", "web"});
  ASSERT_TRUE(stop.wait_for_err("waiting for deaf (TERM sent "));
  EXPECT_TRUE(matches(stop.err(), "podrun: waiting for deaf \\(TERM sent [0-9]+s ago, KILL in [0-9m]+s\\)\n"))
      << stop.err();
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "web"}).status, 0);
  EXPECT_EQ(stop.wait_exit(), 0);
}

TEST_F(Why, AStopThatIsQuickSaysNothing) {
  start(two_sleepers("two"));
  const Finished stopped = run(root_, {"stop", "--grace-period", "0", "two"});
  EXPECT_EQ(stopped.status, 0);
  EXPECT_EQ(stopped.err, "");
}

TEST_F(Why, APodThatAlreadyRunsSaysHowToReplaceIt) {
  start(two_sleepers("two"));
  const Finished again = run(root_, {"-d", write(two_sleepers("two"))});
  EXPECT_EQ(again.status, 4);
  EXPECT_TRUE(matches(without_root(again.err, root_),
                      "^podrun: pod two already runs \\(started [0-9]+s ago\\); stop it with: podrun "
                      "stop two; or replace it with: podrun run --replace FILE\n$"))
      << again.err;
}

}  // namespace
}  // namespace podrun::test
