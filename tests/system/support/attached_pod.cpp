// A pod with one container, and clients of `podrun attach`.
#include "tests/system/support/attached_pod.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

namespace podrun::test {

Client::Client(const TemporaryRoot& root, const std::vector<std::string>& options, bool terminal,
               std::function<void()> before_exec) {
  std::vector<std::string> words{"attach"};
  words.insert(words.end(), options.begin(), options.end());
  words.emplace_back("pod");
  Setting setting{.terminal = terminal, .before_exec = std::move(before_exec)};
  int ends[2] = {-1, -1};
  if (!terminal) {
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    setting.before_exec = [in = ends[0], also = std::move(setting.before_exec)] {
      ::dup2(in, STDIN_FILENO);
      if (also) also();
    };
  }
  const Fd theirs(ends[0]);
  input_ = Fd(ends[1]);
  run_ = std::make_unique<PodRun>(root, words, setting);
}

void Client::send(const std::string& text) const {
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t taken = ::write(input_.get(), text.data() + sent, text.size() - sent);
    ASSERT_GT(taken, 0);
    sent += static_cast<std::size_t>(taken);
  }
}

void AttachedPod::start(const std::string& fields, const std::string& script, const std::string& policy) {
  const std::string path =
      root_.write("pod.yaml", manifest("pod", {{"app", script, fields}}, "restartPolicy: " + policy));
  const Finished started = run(root_, {"-d", path});
  ASSERT_EQ(started.status, 0) << started.err;
}

testing::AssertionResult AttachedPod::wait_for_log(const std::string& words) {
  return PodRun(root_, {"logs", "-f", "pod"}).wait_for_out(words);
}

}  // namespace podrun::test
