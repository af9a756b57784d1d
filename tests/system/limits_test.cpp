// Pods of many containers, started by somebody whose shell allows few open files.
#include <sys/resource.h>

#include <fmt/format.h>

#include "tests/system/supervisor_hunt.hpp"
#include "tests/system/support.hpp"

namespace podrun::test {
namespace {

/// Lowers the soft limit of this process, which what it starts inherits.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t few) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{.rlim_cur = few, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST(Limits, ManyContainersRunAlsoWhereTheCallerMayOpenFewFiles) {
  constexpr int count = 30;
  const TemporaryRoot root;
  std::vector<ContainerText> containers;
  for (int number = 0; number < count; ++number)
    containers.push_back({fmt::format("c{}", number), until_stopped});
  const std::string path = root.write("pod.yaml", manifest("pod", containers));

  const FewDescriptors few(128);
  PodRun pod(root, {path});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", count));
  SupervisorHunt hunt(pod.pid());
  ASSERT_TRUE(hunt.kill_next());
  EXPECT_TRUE(pod.wait_for_err(fmt::format("took over {} containers", count)));
}

TEST(Limits, APodOfMoreContainersThanItsPauseCanKeepIsRefused) {
  const TemporaryRoot root;
  const HostSnapshot before = snapshot(root);
  std::vector<ContainerText> containers;
  for (int number = 0; number < 241; ++number) containers.push_back({fmt::format("c{}", number), "exit 0"});
  const Finished start = run(root, {root.write("pod.yaml", manifest("pod", containers))});
  EXPECT_EQ(start.status, 3);
  EXPECT_EQ(start.err, "podrun: pod default_pod has 241 containers; at most 240 are possible\n");
  EXPECT_EQ(changes(before, snapshot(root)), "");
}

}  // namespace
}  // namespace podrun::test
