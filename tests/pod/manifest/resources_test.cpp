// The sum of a pod's resources, and resources that contradict each other.
#include "pod/manifest/resources.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

constexpr std::int64_t mebi = 1 << 20;

PodSpec spec_of(std::string_view spec, std::string_view container = "") {
  const auto pod = parse(manifest({.spec = spec, .container = container}));
  EXPECT_TRUE(pod) << pod.error().front().message;
  return pod ? pod->spec : PodSpec{};
}

constexpr std::string_view two =
    "    resources: {requests: {cpu: 250m}, limits: {memory: 64Mi}}\n"
    "  - {name: two, image: b, resources: {limits: {cpu: 1, memory: 32Mi}}}\n";

TEST(Resources, ThePodsResourcesAreTheSumsOfItsContainers) {
  const Resources whole = effective_resources(spec_of("", two));
  EXPECT_EQ(whole.requests,
            (Quantities{{"cpu", {.units = 1, .nanos = 250'000'000}}, {"memory", {96 * mebi}}}));
  EXPECT_EQ(whole.limits, (Quantities{{"memory", {96 * mebi}}}))
      << "the first container's cpu is not limited";
}

TEST(Resources, PodLevelResourcesReplaceTheSums) {
  const Resources whole = effective_resources(
      spec_of("  resources: {requests: {cpu: 2}, limits: {cpu: 3, hugepages-2Mi: 4Mi}}\n", two));
  EXPECT_EQ(whole.requests,
            (Quantities{{"cpu", {2}}, {"hugepages-2Mi", {4 * mebi}}, {"memory", {96 * mebi}}}));
  EXPECT_EQ(whole.limits, (Quantities{{"cpu", {3}}, {"hugepages-2Mi", {4 * mebi}}, {"memory", {96 * mebi}}}));
}

TEST(Resources, OverheadIsAdded) {
  const Resources whole = effective_resources(spec_of("  overhead: {cpu: 100m, memory: 4Mi}\n", two));
  EXPECT_EQ(whole.requests,
            (Quantities{{"cpu", {.units = 1, .nanos = 350'000'000}}, {"memory", {100 * mebi}}}));
  EXPECT_EQ(whole.limits, (Quantities{{"memory", {100 * mebi}}})) << "what has no limit gets none";
}

TEST(Resources, ALimitOfZeroCountsAsNoLimit) {
  EXPECT_EQ(effective_resources(spec_of("", "    resources: {limits: {memory: 0}}\n")).limits, Quantities{});
}

TEST(Resources, LimitsAreReportedAsNotEnforced) {
  EXPECT_EQ(unenforced_resources(spec_of(
                "", "    resources: {requests: {cpu: 500m, memory: 64Mi}, limits: {memory: 128Mi}}\n")),
            "resources (requests cpu 500m memory 64Mi, limits memory 128Mi) are checked, not enforced yet");
  EXPECT_EQ(unenforced_resources(
                spec_of("", "    resources: {limits: {memory: 1000001}}\n  - {name: two, image: b}\n")),
            "resources (requests memory 1000001) are checked, not enforced yet");
  EXPECT_EQ(unenforced_resources(spec_of("", "    resources: {requests: {cpu: 500m}}\n")), "");
  EXPECT_EQ(unenforced_resources(spec_of("")), "");
}

TEST(Resources, RequestsDoNotExceedLimits) {
  EXPECT_EQ(mistake(manifest(
                {.container = "    resources: {requests: {cpu: 2}, limits: {cpu: 1500m, memory: 1}}\n"})),
            "9:33 the request of cpu must not exceed its limit, 1500m");
  EXPECT_EQ(mistake(manifest({.spec = "  resources: {requests: {memory: 2Gi}, limits: {memory: 1Gi}}\n"})),
            "6:34 the request of memory must not exceed its limit, 1Gi");
  EXPECT_EQ(mistakes(manifest({.container = "    resources: {requests: {cpu: 1}, limits: {cpu: 1000m}}\n"})),
            std::vector<std::string>{});
}

TEST(Resources, ContainersResourcesAboveThePodsAreAMistake) {
  EXPECT_EQ(mistake(manifest({.spec = "  resources: {limits: {memory: 1Mi}}\n",
                              .container = "    resources: {limits: {memory: 2Mi}}\n"})),
            "10:34 the limit of memory must not exceed the pod's, 1Mi");
  EXPECT_EQ(
      mistake(manifest({.spec = "  resources: {requests: {cpu: 1}}\n",
                        .container = "    resources: {requests: {cpu: 600m}}\n"
                                     "  - {name: two, image: b, resources: {requests: {cpu: 600m}}}\n"})),
      "6:31 the containers request cpu 1200m together, more than the pod");
}

}  // namespace
}  // namespace podrun::pod
