// The system calls that podrun's own filter denies a container, depending on its composition: user namespaces if the
// root is not a chroot, children of the pause if PIDs are shared, and the sockets of a hypervisor.
#include <sys/mount.h>

#include <functional>
#include <map>
#include <regex>

#include <fmt/format.h>

#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// The outcome of each attempt of the probe, "NAME: OUTCOME".
using Outcomes = std::map<std::string, std::string>;

Outcomes outcomes_in(const std::string& out) {
  Outcomes outcomes;
  const std::regex line("(?:c \\| )?(.*): (.*)");
  for (const std::string& text : lines_of(out))
    if (std::smatch found; std::regex_match(text, found, line)) outcomes[found[1]] = found[2];
  return outcomes;
}

#ifdef __x86_64__
const bool has_i386 = true;
#else
const bool has_i386 = false;
#endif

/// The expected outcome of i386 system calls. If the kernel has none, the probe is ended by a signal.
void expect(const Outcomes& outcomes, const Outcomes& expected, std::size_t of_i386) {
  EXPECT_EQ(outcomes.size(), expected.size() - (has_i386 ? 0 : of_i386));
  for (const auto& [attempt, outcome] : expected) {
    const std::string found = outcomes.contains(attempt) ? outcomes.at(attempt) : "was not made";
    if (attempt.starts_with("i386") && (!has_i386 || found == "EFAULT")) continue;
    EXPECT_EQ(found, outcome) << attempt;
  }
}

/// The manifest of a pod with one container `c`.
struct Pod {
  std::string name;
  std::string fields = "";      ///< of the container
  std::string spec = "";        ///< of the pod
  std::string namespaces = "";  ///< of the container, by the annotation

  friend void PrintTo(const Pod& pod, std::ostream* out) { *out << pod.name; }
};

class EscapeCalls : public testing::TestWithParam<Pod> {
 protected:
  std::string write(const Pod& pod, const std::string& command) const {
    std::string text = manifest("pod", {{"c", "", "command: " + command + "\n" + pod.fields, image_}},
                                "restartPolicy: Never\nterminationGracePeriodSeconds: 0\n" + pod.spec);
    if (!pod.namespaces.empty())
      text.insert(text.find("spec:"), "  annotations: {podrun.io/namespaces: 'c: " + pod.namespaces + "'}\n");
    return root_.write("pod.yaml", text);
  }

  /// The outcome of the probe as the container's first process, and as a command of `podrun exec` and of `podrun
  /// debug`.
  void each_way(const Pod& pod, const std::string& mode, const std::function<void(const Outcomes&)>& judge) const {
    SCOPED_TRACE(pod.name);
    PodRun first(root_, {write(pod, "[podrun-probe, " + mode + "]")}, setting_);
    EXPECT_EQ(first.wait_exit(), 0) << first.err();
    judge(outcomes_in(first.out()));

    const Finished started = run(root_, {"-d", write(pod, "[sleep, '1000']")}, setting_);
    ASSERT_EQ(started.status, 0) << started.err;
    enter(mode, judge);
    EXPECT_EQ(run(root_, {"stop", "pod"}, setting_).status, 0);
  }
  void enter(const std::string& mode, const std::function<void(const Outcomes&)>& judge) const {
    const Finished execd = run(root_, {"exec", "pod/c", "--", "podrun-probe", mode}, setting_);
    EXPECT_EQ(execd.status, 0) << execd.err;
    judge(outcomes_in(execd.out));
    const Finished beside =
        run(root_, {"debug", "pod/c", "--image", image_, "--", "/bin/podrun-probe", mode}, setting_);
    EXPECT_EQ(beside.status, 0) << beside.err;
    judge(outcomes_in(beside.out));
  }

  /// A mount namespace with shared mounts, as under systemd, for mountPropagation.
  MountNamespace host_{MS_SHARED, [] { return true; }};
  Setting setting_{.mount_namespace = host_.fd()};
  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
};

std::string name_of(const testing::TestParamInfo<Pod>& tested) { return tested.param.name; }

// ---- user namespaces ----

const Outcomes no_user_namespace{{"mount control groups", "EPERM"},
                                 {"unshare", "EPERM"},
                                 {"unshare with others", "EPERM"},
                                 {"clone", "EPERM"},
                                 {"clone3", "ENOSYS"},
                                 {"setns", "EPERM"},
                                 {"i386 unshare", "EPERM"},
                                 {"i386 clone", "EPERM"},
                                 {"a thread", "ok"}};

class UserNamespaces : public EscapeCalls {};

TEST_P(UserNamespaces, AContainerWithItsOwnRootCannotCreateUserNamespaces) {
  each_way(GetParam(), "make-user-namespaces",
           [](const Outcomes& outcomes) { expect(outcomes, no_user_namespace, 2); });
}

INSTANTIATE_TEST_SUITE_P(
    Each, UserNamespaces,
    testing::Values(
        Pod{.name = "Private", .namespaces = "mnt=private"},
        Pod{.name = "SysChroot", .fields = "securityContext: {capabilities: {add: [SYS_CHROOT]}}"},
        Pod{.name = "AnotherUser", .fields = "securityContext: {runAsUser: 1000}", .namespaces = "mnt=private"},
        Pod{.name = "Propagation",
            .fields = "volumeMounts: [{name: v, mountPath: /v, mountPropagation: HostToContainer}]",
            .spec = "volumes: [{name: v, hostPath: {path: /srv}}]"}),
    name_of);

TEST_F(UserNamespaces, AJoinerOfAPrivateMountNamespaceCannotCreateUserNamespaces) {
  std::string text = manifest("pod",
                              {{"c", "", "command: [sleep, '1000']", image_},
                               {"d", "", "command: [podrun-probe, make-user-namespaces]", image_}},
                              "restartPolicy: Never\nterminationGracePeriodSeconds: 0");
  text.insert(text.find("spec:"),
              "  annotations:\n    podrun.io/namespaces: |\n      c: mnt=private\n      d: mnt=container:c\n");
  PodRun pod(root_, {root_.write("pod.yaml", text)});
  ASSERT_TRUE(pod.wait_for_err("d: exited with 0"));
  Outcomes outcomes;
  for (const auto& [attempt, outcome] : outcomes_in(pod.out()))
    outcomes[attempt.substr(attempt.find("| ") + 2)] = outcome;
  expect(outcomes, no_user_namespace, 2);
}

TEST_F(UserNamespaces, AContainerWithSysAdminCanCreateUserNamespaces) {
  PodRun pod(root_, {write({.name = "", .fields = "securityContext: {capabilities: {add: [SYS_ADMIN]}}"},
                           "[podrun-probe, make-user-namespaces]")}, setting_);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  const Outcomes outcomes = outcomes_in(pod.out());
  for (const char* attempt : {"unshare", "unshare with others", "clone", "clone3"})
    EXPECT_EQ(outcomes.at(attempt), "ok") << attempt;
}

// ---- children of the pause and of exec's processes ----

class Siblings : public EscapeCalls {};

TEST_P(Siblings, AContainerWithSharedPidsCannotCloneSiblings) {
  each_way(GetParam(), "make-siblings", [](const Outcomes& outcomes) {
    expect(outcomes,
           {{"clone", "EPERM"}, {"clone with others", "EPERM"}, {"clone3", "ENOSYS"}, {"i386 clone", "EPERM"},
            {"i386 clone3", "ENOSYS"}, {"a child of its own", "ok"}, {"a thread", "ok"}},
           2);
  });
}

INSTANTIATE_TEST_SUITE_P(Each, Siblings,
                         testing::Values(Pod{.name = "Pod", .spec = "shareProcessNamespace: true"},
                                         Pod{.name = "Host", .spec = "hostPID: true"},
                                         Pod{.name = "Administrator",
                                             .fields = "securityContext: {capabilities: {add: [SYS_ADMIN]}}",
                                             .spec = "shareProcessNamespace: true"}),
                         name_of);

TEST_F(Siblings, AnEnteringCommandCannotCloneSiblings) {
  ASSERT_EQ(run(root_, {"-d", write({.name = ""}, "[sleep, '1000']")}, setting_).status, 0);
  enter("make-siblings", [](const Outcomes& outcomes) {
    EXPECT_EQ(outcomes.at("clone"), "EPERM");
    EXPECT_EQ(outcomes.at("clone3"), "ENOSYS");
    EXPECT_EQ(outcomes.at("a thread"), "ok");
  });
}

// ---- sockets ----

class Vsock : public EscapeCalls {};

TEST_P(Vsock, AVsockSocketIsRefused) {
  each_way(GetParam(), "open-vsock", [](const Outcomes& outcomes) {
    expect(outcomes,
           {{"socket", "EAFNOSUPPORT"}, {"socket of a wide family", "EAFNOSUPPORT"}, {"i386 socket", "EAFNOSUPPORT"},
            {"i386 socket of the pod", "ok"}, {"socket of the pod", "ok"}},
           2);
  });
}

INSTANTIATE_TEST_SUITE_P(Each, Vsock,
                         testing::Values(Pod{.name = "ByDefault"},
                                         Pod{.name = "InTheHostsNetwork", .spec = "hostNetwork: true"}),
                         name_of);

// ---- filters ----

TEST_F(EscapeCalls, AnEnteringCommandHasEveryFilterOfTheContainer) {
  const Pod pod{.name = "",
                .fields = "securityContext: {allowPrivilegeEscalation: false, seccompProfile: {type: RuntimeDefault}}"};
  ASSERT_EQ(run(root_, {"-d", write(pod, "[sleep, '1000']")}, setting_).status, 0);
  const Finished entered =
      run(root_, {"exec", "pod/c", "--", "grep", "Seccomp_filters", "/proc/1/status", "/proc/self/status"}, setting_);
  EXPECT_EQ(entered.out, "/proc/1/status:Seccomp_filters:\t2\n/proc/self/status:Seccomp_filters:\t2\n") << entered.err;
}

// ---- terminals ----

TEST_F(EscapeCalls, AContainerCanOpenAtMost256Terminals) {
  for (const std::string tty : {"false", "true"}) {
    SCOPED_TRACE(tty);
    PodRun pod(root_, {write({.name = "", .fields = "tty: " + tty}, "[podrun-probe, fill-terminals]")}, setting_);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
    const std::string count = tty == "true" ? "255" : "256";
    EXPECT_TRUE(matches(pod.out(), "terminals: " + count + "\\r?\n")) << pod.out();
    EXPECT_TRUE(matches(pod.out(), "another: ENOSPC")) << pod.out();
  }
}

}  // namespace
}  // namespace podrun::test
