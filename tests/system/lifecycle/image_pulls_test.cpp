// Containers that wait for images which are to be fetched, while the others run. Nothing listens at the registry.
#include <signal.h>

#include "tests/system/support/stored_image.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

// A connection there is refused at once.
constexpr char missing[] = "127.0.0.1:9/app:1";

std::string with_short_backoff(std::string text) {
  text.insert(text.find("spec:"), "  annotations: {podrun.io/backoff-initial: 50ms, podrun.io/backoff-max: 100ms}\n");
  return text;
}

/// One container whose image is here, and one whose image is not.
std::string one_of_two(const std::string& fields = "") {
  return with_short_backoff(manifest(
      "pod", {{"here", ready_until_stopped}, {"late", until_stopped_after("echo came"), fields, missing}}));
}

TEST(ImagePulls, OtherContainersRunWhileAnImageCannotBeFetched) {
  const TemporaryRoot root;
  PodRun pod(root, {"run", root.write("pod.yaml", one_of_two())});
  ASSERT_TRUE(pod.wait_for_out("ready")) << pod.err();
  ASSERT_TRUE(pod.wait_for_err("failed to pull image 127.0.0.1:9/app:1", 3)) << pod.err();
  wait_for_state(root, "default_pod", [](const supervisor::PodRecord& record) {
    return record.containers.at(1).image_fault == "ImagePullBackOff";
  });
  const std::string status = run(root, {"status", "pod", "-o", "json"}).out;
  EXPECT_TRUE(holds(status, "Back-off pulling image \\\"127.0.0.1:9/app:1\\\": ErrImagePull: ") ||
              holds(status, "\"reason\": \"ErrImagePull\""))
      << status;
  const std::string events = run(root, {"events", "pod"}).out;
  for (const char* words : {"Pulling image \"127.0.0.1:9/app:1\"", "Failed to pull image \"127.0.0.1:9/app:1\": ",
                            "Error: ErrImagePull", "Back-off pulling image \"127.0.0.1:9/app:1\"",
                            "Error: ImagePullBackOff"})
    EXPECT_TRUE(holds(events, words)) << words << "\n" << events;
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST(ImagePulls, AContainerStartsWhenItsImageHasCome) {
  const TemporaryRoot root;
  PodRun pod(root, {"run", root.write("pod.yaml", one_of_two())});
  ASSERT_TRUE(pod.wait_for_err("failed to pull image")) << pod.err();
  std::string digest;
  { digest = store_image(root, missing, {busybox_layer(root)}).record.summary.manifest_digest; }
  ASSERT_TRUE(pod.wait_for_out("came")) << pod.err();
  const ns::ImageStore store(root.layout().image_store());
  const auto removed = store.remove_image(digest);
  ASSERT_FALSE(removed) << "the pause has its lock";
  EXPECT_EQ(removed.error().number, EBUSY);
  EXPECT_TRUE(holds(run(root, {"events", "pod"}).out, "Container image \"127.0.0.1:9/app:1\" already present"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST(ImagePulls, ALaterSupervisorFetchesWhatIsStillMissing) {
  const TemporaryRoot root;
  PodRun pod(root, {"run", root.write("pod.yaml", one_of_two())});
  ASSERT_TRUE(pod.wait_for_err("failed to pull image")) << pod.err();
  SupervisorKiller killer(pod.pid());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(killer.kill_next(std::chrono::milliseconds(20 * i))) << pod.err();
  { store_image(root, missing, {busybox_layer(root)}); }
  ASSERT_TRUE(pod.wait_for_out("came")) << pod.err();
  ASSERT_TRUE(killer.kill_next()) << pod.err();
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers")) << pod.err();
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST(ImagePulls, ADetachedStartFailsWithTheFirstAttemptAndThePodGoesOn) {
  const TemporaryRoot root;
  const Finished started = run(root, {"run", "-d", root.write("pod.yaml", one_of_two())});
  EXPECT_EQ(started.status, 1) << started.err;
  EXPECT_TRUE(holds(started.err, "pod pod: late: ErrImagePull: failed to pull image 127.0.0.1:9/app:1: "))
      << started.err;
  EXPECT_TRUE(holds(run(root, {"ps"}).out, "pod")) << run(root, {"ps"}).out;
  EXPECT_EQ(run(root, {"stop", "pod"}).status, 0);
}

TEST(ImagePulls, AStopEndsAPullAndThePod) {
  const TemporaryRoot root;
  PodRun pod(root, {"run", root.write("pod.yaml", with_short_backoff(manifest(
                                                      "pod", {{"late", until_stopped, "", missing}})))});
  ASSERT_TRUE(pod.wait_for_err("pulling image")) << pod.err();
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST(ImagePulls, AnImageThatIsNeverPulledKeepsAPodFromStarting) {
  const TemporaryRoot root;
  const Finished never = run(root, {"run", root.write("pod.yaml", one_of_two("imagePullPolicy: Never\n"))});
  EXPECT_EQ(never.status, 3) << never.err;
  EXPECT_TRUE(holds(never.err, "image 127.0.0.1:9/app:1: not found on this host, and imagePullPolicy is Never "
                               "(ErrImageNeverPull)"))
      << never.err;
  const Finished option = run(root, {"run", "--pull=never", root.write("pod.yaml", one_of_two())});
  EXPECT_EQ(option.status, 3) << option.err;
}

TEST(ImagePulls, TheDefaultOfANameWithoutATagUsesWhatIsHereIfTheRegistryDoesNotAnswer) {
  const TemporaryRoot root;
  { store_image(root, "127.0.0.1:9/app:latest", {busybox_layer(root)}); }
  const auto of = [&](const std::string& fields) {
    return root.write("pod.yaml",
                      with_short_backoff(manifest("pod", {{"a", "echo ran", fields, "127.0.0.1:9/app"}})));
  };
  const Finished ran = run(root, {"run", of("")});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, "a | ran\n");
  const Finished written = run(root, {"run", "-d", of("imagePullPolicy: Always\n")});
  EXPECT_EQ(written.status, 1) << written.err;
  EXPECT_EQ(run(root, {"stop", "pod"}).status, 0);
  EXPECT_EQ(run(root, {"run", "--pull=missing", of("imagePullPolicy: Always\n")}).out, "a | ran\n");
}

TEST(ImagePulls, CheckAndPlanSayWhatAStartFetches) {
  const TemporaryRoot root;
  const std::string file = root.write("pod.yaml", one_of_two());
  const Finished checked = run(root, {"check", file});
  EXPECT_EQ(checked.status, 0) << checked.err;
  EXPECT_TRUE(holds(checked.err, "image 127.0.0.1:9/app:1: not found on this host: a start fetches it")) << checked.err;
  const Finished planned = run(root, {"plan", file});
  EXPECT_EQ(planned.status, 0) << planned.err;
  EXPECT_TRUE(holds(planned.out, "is fetched first")) << planned.out;
}

}  // namespace
}  // namespace podrun::test
