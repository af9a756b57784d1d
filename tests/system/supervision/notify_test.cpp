// sd_notify(3) messages, received by a socket of the test. They carry the pid of the pause.
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// The receiving end of $NOTIFY_SOCKET.
class NotifySocket {
 public:
  struct Message {
    pid_t sender = 0;
    std::string text;
  };

  explicit NotifySocket(const std::string& path) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX};
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    const int on = 1;
    ::setsockopt(socket_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
  }

  /// Waits for the next message. Empty if none comes.
  Message receive() const {
    pollfd readable{socket_.get(), POLLIN, 0};
    if (::poll(&readable, 1, milliseconds_left(soon())) <= 0) return {};
    char text[4096];
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred))];
    iovec place{text, sizeof text};
    msghdr header{
        .msg_iov = &place, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    const ssize_t length = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    if (length < 0) return {};
    Message message{.text = std::string(text, static_cast<std::size_t>(length))};
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) continue;
      ucred sender{};
      std::memcpy(&sender, CMSG_DATA(part), sizeof sender);
      message.sender = sender.pid;
    }
    return message;
  }

 private:
  Fd socket_;
};

/// The value of NAME= in a message, "" if it is not there.
std::string assignment(const NotifySocket::Message& message, const std::string& name) {
  for (const std::string& line : lines_of(message.text))
    if (line.starts_with(name + "=")) return line.substr(name.size() + 1);
  return "";
}

TEST(Notify, SystemdIsNotifiedOfStartAndStopByThePause) {
  TemporaryRoot root;
  const NotifySocket systemd(root / "notify");
  const std::string file =
      root.write("pod.yaml", manifest("pod", {{"a", ready_until_stopped}, {"b", ready_until_stopped}},
                                      "terminationGracePeriodSeconds: 70"));
  PodRun pod(root, {file}, {.environment = {{"NOTIFY_SOCKET", root / "notify"}}});

  const auto ready = systemd.receive();
  EXPECT_EQ(assignment(ready, "READY"), "1") << ready.text;
  EXPECT_EQ(assignment(ready, "STATUS"), "2 of 2 containers run");
  EXPECT_EQ(ready.sender, pod.pid());
  EXPECT_NE(processes_of(root, "default_pod")["b"], 0) << "ready means that all containers run";

  ASSERT_TRUE(pod.wait_for_out("ready", 2));
  pod.signal(SIGTERM);
  const auto stopping = systemd.receive();
  EXPECT_EQ(assignment(stopping, "STOPPING"), "1") << stopping.text;
  EXPECT_EQ(assignment(stopping, "STATUS"), "stopping: 2 of 2 containers run");
  EXPECT_EQ(stopping.sender, pod.pid());
  const std::string extension = assignment(stopping, "EXTEND_TIMEOUT_USEC");
  ASSERT_NE(extension, "");
  EXPECT_GE(std::stoull(extension), 70'000'000U) << "systemd would kill before the grace period is over";
  for (const std::string status : {"stopping: 1 of 2 containers run", "stopped"}) {
    const auto next = systemd.receive();
    EXPECT_EQ(next.text, "STATUS=" + status);
    EXPECT_EQ(next.sender, pod.pid());
  }
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST(Notify, TheStatusTextFollowsTheContainersStates) {
  TemporaryRoot root;
  const NotifySocket systemd(root / "notify");
  std::string text =
      manifest("pod", {{"a", until_stopped}, {"b", "exit 3"}, {"missing", "", "command: [/no/such/program]"}},
               "restartPolicy: Always");
  text.insert(text.find("spec:"),
              "  annotations: {podrun.io/backoff-initial: 1h, podrun.io/backoff-max: 1h, "
              "podrun.io/systemd-ready: started}\n");
  PodRun pod(root, {root.write("pod.yaml", text)}, {.environment = {{"NOTIFY_SOCKET", root / "notify"}}});
  const std::string last =
      "1 of 3 containers run; b waits to be restarted (exit 3); missing waits to be restarted (did not start)";
  std::string status;
  for (bool ready = false; status != last;) {
    const auto message = systemd.receive();
    ASSERT_NE(message.text, "") << "the last was " << status;
    EXPECT_EQ(assignment(message, "READY"), ready ? "" : "1") << message.text;
    EXPECT_NE(assignment(message, "STATUS"), status) << "nothing has changed";
    status = assignment(message, "STATUS");
    ready = true;
  }
  // The next supervisor sends it again.
  end_descendant(wait_for_state(root, "default_pod", [](const auto&) { return true; }).supervisor);
  EXPECT_EQ(assignment(systemd.receive(), "STATUS"), last);
  pod.signal(SIGTERM);
  while (status != "stopped") {
    const auto message = systemd.receive();
    ASSERT_NE(message.text, "") << "the last was " << status;
    status = assignment(message, "STATUS");
  }
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST(Notify, TheStatusTellsWhatAPodWaitsForUntilItIsReady) {
  TemporaryRoot root;
  const NotifySocket systemd(root / "notify");
  std::string text = manifest("pod", {{"app", ready_until_stopped}});
  text.insert(text.find("  containers:"),
              "  initContainers:\n  - {name: migrate, image: localhost/busybox, volumeMounts: [{name: v, mountPath: /v}],\n"
              "     command: [sh, -c, 'until [ -e /v/go ]; do sleep 0.02; done']}\n"
              "  volumes: [{name: v, hostPath: {path: " +
                  (root / "v") + ", type: DirectoryOrCreate}}]\n");
  PodRun pod(root, {root.write("pod.yaml", text)}, {.environment = {{"NOTIFY_SOCKET", root / "notify"}}});
  auto message = systemd.receive();
  while (assignment(message, "STATUS") == "initializing: migrate is being started") message = systemd.receive();
  EXPECT_EQ(message.text, "STATUS=initializing: migrate runs") << "it is not ready";
  root.write("v/go", "");
  do message = systemd.receive();
  while (assignment(message, "READY").empty() && !message.text.empty());
  EXPECT_EQ(assignment(message, "STATUS"), "1 of 1 container runs");
  ASSERT_TRUE(pod.wait_for_out("ready"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

/// A service whose process ends before it was ready has failed for systemd.
TEST(Notify, APodThatEndsWellWasReady) {
  TemporaryRoot root;
  const NotifySocket systemd(root / "notify");
  const std::string file =
      root.write("pod.yaml", manifest("pod", {{"a", "true"}, {"b", "true"}}, "restartPolicy: Never"));
  PodRun pod(root, {file}, {.environment = {{"NOTIFY_SOCKET", root / "notify"}}});
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_EQ(assignment(systemd.receive(), "READY"), "1");
}

TEST(Notify, AFailedStartSendsNoNotification) {
  TemporaryRoot root;
  const NotifySocket systemd(root / "notify");
  const std::string file = root.write(
      "pod.yaml", manifest("pod", {{"a", until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}},
                           "volumes: [{name: v, hostPath: {path: /no/such/directory, type: Directory}}]"));
  EXPECT_EQ(run(root, {file}, {.environment = {{"NOTIFY_SOCKET", root / "notify"}}}).status, 3);
  // An earlier message would have been received before this one.
  sockaddr_un address{.sun_family = AF_UNIX};
  (root / "notify").copy(address.sun_path, sizeof address.sun_path - 1);
  const Fd own(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::sendto(own.get(), "OURS=1", 6, 0, reinterpret_cast<const sockaddr*>(&address), sizeof address),
            6);
  EXPECT_EQ(systemd.receive().text, "OURS=1");
}

}  // namespace
}  // namespace podrun::test
