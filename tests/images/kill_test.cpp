// Pulls that are killed, and pulls in a process beside: the store is whole after each.
#include <poll.h>

#include <chrono>
#include <thread>

#include "namespaces/kernel/process.hpp"
#include "supervisor/images/image_tools.hpp"
#include "supervisor/images/pull_task.hpp"
#include "tests/images/registries.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using namespace supervisor;

TEST(PullUnderKill, TheStoreIsWholeWheneverAPullIsKilled) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  std::vector<std::string> texts;
  for (int i = 0; i < 6; ++i) texts.push_back(std::to_string(i));
  registry.push(make_image(root, "app", texts), "app:1");
  constexpr int kills = 60;
  for (int i = 0; i < kills; ++i) {
    PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5000/app:1"});
    std::this_thread::sleep_for(std::chrono::milliseconds(8 * i));  // each kill hits another step
    pulling.signal(SIGKILL);
    pulling.wait_exit();
    for (const std::string name : {"skopeo", "podrun-puller", "podrun-unpacker"})
      EXPECT_TRUE(wait_until([&] { return processes_called(name).empty(); })) << name;
    const Finished verified = image(root, {"verify"});
    ASSERT_EQ(verified.status, 0) << i << ": " << verified.out << verified.err;
    if (i % 2 == 0) image(root, {"rm", "localhost:5000/app:1"});
  }
  EXPECT_EQ(pull(root, {"localhost:5000/app:1"}).status, 0);
  EXPECT_EQ(layers_in(root).size(), texts.size());
  EXPECT_EQ(staging_in(root), std::vector<std::string>{});
}

/// The result of a pull in a process of its own.
PullResult result_of(const PullTask& task) {
  std::string text;
  for (;;) {
    pollfd reports{.fd = task.reports.get(), .events = POLLIN, .revents = 0};
    ::poll(&reports, 1, milliseconds_left(soon()));
    if (auto result = read_pull_result(task, text)) return *result;
  }
}

/// What is pulled from a registry without TLS.
struct PullWorld {
  explicit PullWorld(const TemporaryRoot& root, const std::string& name)
      : opened(open_image_tools(podrun_program)), store(root.layout().image_store()) {
    EXPECT_TRUE(opened) << opened.error().message;
    opened->tools.fetch.without_tls = true;
    request.reference = pod::parse_image_reference(name).value();
  }
  Result<OpenImageTools> opened;
  ns::ImageStore store;
  PullRequest request;
};

TEST(PullBesideAPod, ItsResultComesThroughItsPipe) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string digest = registry.push(make_image(root, "app", {"one", "two"}), "app:1");
  PullWorld world(root, "localhost:5000/app:1");
  for (const bool was_here : {false, true}) {
    const auto task = start_pull(world.store, world.opened->tools, world.request);
    ASSERT_TRUE(task) << task.error().message;
    const PullResult result = result_of(*task);
    EXPECT_FALSE(result.fault) << result.message;
    EXPECT_EQ(result.name, "localhost:5000/app:1");
    EXPECT_EQ(result.manifest_digest, digest);
    EXPECT_EQ(result.was_here, was_here);
    EXPECT_EQ(ns::wait_for(task->process).value_or(-1), 0);
  }
}

TEST(PullBesideAPod, AFailureHasItsKind) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  PullWorld world(root, "localhost:5000/none:1");
  const auto task = start_pull(world.store, world.opened->tools, world.request);
  ASSERT_TRUE(task);
  const PullResult result = result_of(*task);
  EXPECT_EQ(result.fault, ns::FetchFault::NotFound);
  EXPECT_TRUE(holds(result.message, "the registry has no such image"));
  (void)ns::wait_for(task->process);
}

TEST(PullBesideAPod, AKilledPullIsAFailureAndEndsSkopeo) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PullWorld world(root, "localhost:5002/stall");
  const auto task = start_pull(world.store, world.opened->tools, world.request);
  ASSERT_TRUE(task);
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  ASSERT_TRUE(ns::send_signal(task->process, SIGKILL));
  EXPECT_EQ(result_of(*task).fault, ns::FetchFault::Other);
  (void)ns::wait_for(task->process);
  EXPECT_TRUE(wait_until([] { return processes_called("skopeo").empty(); }));
}

TEST(PullBesideAPod, SecretsOfAPodAreTriedBeforeThoseOfTheHost) {
  const TemporaryRoot root;
  DockerRegistry registry(root, {.password = "right"});
  registry.push(make_image(root, "app", {"one"}), "app:1");
  PullWorld world(root, "localhost:5000/app:1");
  const auto login = [](const std::string& password) {
    return pod::RegistryLogin{
        .key = "localhost:5000", .auth = pod::encode_base64("reader:" + password), .identity_token = ""};
  };
  world.request.logins = {{login("wrong")}, {login("right")}};
  const auto task = start_pull(world.store, world.opened->tools, world.request);
  ASSERT_TRUE(task);
  EXPECT_FALSE(result_of(*task).fault);
  (void)ns::wait_for(task->process);
}

}  // namespace
}  // namespace podrun::test
