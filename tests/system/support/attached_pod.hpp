// A pod with one container, and clients of `podrun attach`.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {

/// A client, `podrun attach OPTIONS pod`. Without a terminal its stdin is a pipe.
class Client {
 public:
  Client(const TemporaryRoot& root, const std::vector<std::string>& options, bool terminal = false,
         std::function<void()> before_exec = nullptr);

  PodRun* operator->() { return run_.get(); }
  /// Writes to its stdin. Blocks if the pipe is full.
  void send(const std::string& text) const;
  /// Closes its stdin.
  void end_input() { input_.reset(); }

 private:
  Fd input_;
  std::unique_ptr<PodRun> run_;
};

class AttachedPod : public testing::Test {
 protected:
  /// Starts the pod `default_pod` in the background. Its container `app` runs SCRIPT and has these FIELDS.
  void start(const std::string& fields, const std::string& script, const std::string& policy = "Never");
  /// Waits until its log contains WORDS.
  testing::AssertionResult wait_for_log(const std::string& words);
  std::string logs() const { return run(root_, {"logs", "pod"}).out; }
  void stop() const { EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0); }

  TemporaryRoot root_;
};

}  // namespace podrun::test
