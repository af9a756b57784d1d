// Attacks of two containers of a pod, together or against each other. They share a network namespace, so that one can
// pass descriptors of its directories to the other over an abstract unix socket.
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class EscapePair : public testing::Test {
 protected:
  EscapePair() { std::filesystem::create_directory(root_ / "meeting"); }

  /// A pod whose containers share the volume /meeting.
  std::string write(std::vector<ContainerText> containers) {
    for (ContainerText& container : containers) {
      container.fields += "\nvolumeMounts: [{name: meeting, mountPath: /meeting}]";
      container.image = "rootfs:" + image_;
    }
    return root_.write("pair.yaml",
                       manifest("pair", containers,
                                "restartPolicy: Always\nvolumes: [{name: meeting, hostPath: {path: " +
                                    root_ / "meeting" + "}}]"));
  }
  /// The output of a container, without its prefix.
  static std::vector<std::string> words_of(const std::string& container, const std::string& output) {
    std::vector<std::string> words;
    for (const std::string& line : lines_of(output))
      if (line.starts_with(container + " | ")) words.push_back(line.substr(container.size() + 3));
    return words;
  }

  TemporaryRoot root_;
  std::string image_ = root_.make_rootfs("image");
};

// The restart of the giver detaches its root, and with it the masks on its /proc. The taker then has a descriptor of a
// /proc without masks.
TEST_F(EscapePair, ANeighboursProcStaysReadOnlyAfterItsMasksAreGone) {
  PodRun pod(root_, {write({{"giver", "", "command: [podrun-probe, give, pair, /proc, /meeting/point]"},
                            {"taker", "", "command: [podrun-probe, take-proc, pair, /meeting/point]"}})});
  ASSERT_TRUE(pod.wait_for_out("second instance: sys/kernel/modprobe"));
  int tries = 0;
  for (const std::string& word : words_of("taker", pod.out())) {
    if (word.find(" instance: ") == std::string::npos) continue;
    ++tries;
    // Some kernels lack some of these files.
    EXPECT_TRUE(word.ends_with(": EROFS") ||
                (word.ends_with(": ENOENT") && !word.ends_with("core_pattern: ENOENT")))
        << word;
  }
  EXPECT_EQ(tries, 6);
}

// SO_PEERPIDFD gives the pidfd of a socket's peer, also in another PID namespace. A container that could take the
// peer's descriptors would have its root, and through /proc its memory.
TEST_F(EscapePair, ASocketsPeerPidfdGivesNoDescriptorOfTheNeighbour) {
  PodRun pod(
      root_,
      {write({{"server", "echo mine > /secret\nexec podrun-probe serve pair /meeting/point"},
              {"attacker", until_stopped_after("podrun-probe take-descriptors pair /meeting/point\necho over")}})});
  ASSERT_TRUE(pod.wait_for_out("attacker | over"));
  const auto words = words_of("attacker", pod.out());
  if (std::ranges::count(words, "the neighbour's pidfd: ENOPROTOOPT") > 0)
    GTEST_SKIP() << "this kernel knows no SO_PEERPIDFD";
  EXPECT_EQ(words, (std::vector<std::string>{"connect: ok", "the neighbour's pidfd: ok", "descriptors: 0", "files: 0",
                                             "over"}));
}

TEST_F(EscapePair, AContainerHelpedOutOfItsChrootFindsNothing) {
  ASSERT_EQ(::mkfifo((root_ / "meeting/ready").c_str(), 0600), 0);
  PodRun pod(
      root_,
      {write({{"giver", "", "command: [podrun-probe, give, pair, /, /meeting/point]"},
              {"attacker",
               "read word < /meeting/ready\npodrun-probe take-root pair /meeting/point victim\necho over"},
              {"victim", until_stopped_after("echo mine > /secret\necho ready > /meeting/ready")}})});
  ASSERT_TRUE(pod.wait_for_out("attacker | over"));
  const std::vector<std::string> nothing{"the third one's file: ENOENT", "the third one's memory: ENOENT",
                                         "the third one's core_pattern: ENOENT", "a new file: EROFS",
                                         "a new directory: EROFS"};
  std::vector<std::string> expected{"bind: ok", "take: ok"};
  for (const char* found : {"one level up:", "two levels up: c", "three levels up: c"}) {
    expected.emplace_back(found);
    expected.insert(expected.end(), nothing.begin(), nothing.end());
  }
  expected.emplace_back("over");
  auto words = words_of("attacker", pod.out());
  words.resize(expected.size());
  EXPECT_EQ(words, expected);
}

}  // namespace
}  // namespace podrun::test
