// A small pod, an image and a host, for the tests of the compiler.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pod/compile/compile.hpp"
#include "pod/plan/describe.hpp"

namespace podrun::pod::fixtures {

using Words = std::vector<std::string>;

/// A busybox-like image with three users: root, app (1000, also in "wheel" and "logs") and www (33).
inline Image image() {
  return {.reference = "localhost/busybox",
          .rootfs = "/images/localhost/busybox/latest/rootfs",
          .config = {.entrypoint = {}, .cmd = {"/bin/sh"}, .env = {}, .working_dir = "", .user = ""},
          .passwd =
              "root:x:0:0:root:/root:/bin/sh\n"
              "app:x:1000:100:an application:/home/app:/bin/sh\n"
              "www:x:33:33::/srv:/bin/false\n",
          .group = "root:x:0:\nwheel:x:10:root,app\nusers:x:100:\nlogs:x:27:www,app\n"};
}

/// A host that lacks nothing. It has only a few of the sensitive paths, so that plans are short.
inline HostFacts facts() {
  HostFacts facts;
  facts.sensitive_paths = {"/proc/kcore", "/proc/sys", "/sys/firmware"};
  facts.resolv_conf = "nameserver 192.0.2.1\n";
  facts.network.ipv4 = parse_prefix("10.77.0.0/16");
  facts.network.ipv6 = parse_prefix("fd77:1:2:3::/64");
  facts.network.upstreams = {"192.0.2.53"};
  return facts;
}

inline RunParameters run_parameters() {
  return {.uid = "0c5a", .storage = "/var/lib/podrun/pods", .claims = "/var/lib/podrun/volumes"};
}

inline Container container(std::string name = "app") {
  Container container;
  container.name = std::move(name);
  container.image = "localhost/busybox";
  container.command = {"/bin/httpd", "-f"};
  container.termination_message_path.clear();  // so that plans are short
  return container;
}

/// The pod "web" with these containers, an emptyDir "site" and a hostPath "data".
inline Pod pod(std::vector<Container> containers = {container()}) {
  Pod pod;
  pod.metadata.name = "web";
  pod.spec.volumes = {{.name = "site", .source = EmptyDir{}},
                      {.name = "data", .source = HostPath{"/srv/data"}}};
  pod.spec.containers = std::move(containers);
  return pod;
}

/// Compiles with the image, host and run_parameters above.
inline Result<PodPlan> compiled(const Pod& pod, const Image& with = image(), const HostFacts& on = facts()) {
  return compile(pod, {{"localhost/busybox", with}}, on, run_parameters());
}

// ---- looking into a plan ----

inline PodPlan plan_of(const Pod& pod, const HostFacts& on = facts()) {
  const auto plan = compiled(pod, image(), on);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan.value_or(PodPlan{});
}

/// The plan of a pod with just this container.
inline ContainerPlan plan_of(Container it, const HostFacts& on = facts()) {
  auto plan = plan_of(pod({std::move(it)}), on);
  EXPECT_EQ(plan.containers.size(), 1U);
  return std::move(plan.containers.at(0));
}

inline std::string error_of(const Pod& pod) {
  const auto plan = compiled(pod);
  return plan ? "" : plan.error().message;
}

inline Container with_mounts(std::vector<VolumeMount> mounts) {
  auto it = container();
  it.volume_mounts = std::move(mounts);
  return it;
}

template <typename Step, typename Steps>
std::vector<Step> all(const Steps& steps) {
  std::vector<Step> found;
  for (const auto& step : steps)
    if (const auto* it = std::get_if<Step>(&step)) found.push_back(*it);
  return found;
}

template <typename Steps>
Words step_names(const Steps& steps) {
  Words names;
  for (const auto& step : steps) names.emplace_back(step_name(step));
  return names;
}

/// The mount points of the child in the order in which they are mounted.
inline Words mount_points(const ContainerPlan& plan) {
  Words points;
  const auto note = [&](const auto& s) {
    if constexpr (requires { s.root, s.path; }) points.push_back(s.path);
  };
  for (const auto& step : plan.child) std::visit(note, step);
  return points;
}

inline Words attached(const ContainerPlan& plan) {
  Words lines;
  for (const auto& s : all<step::AttachTree>(plan.child))
    lines.push_back(plan.descriptors.at(s.tree) + " " + s.path + (s.read_only ? " ro" : ""));
  return lines;
}

}  // namespace podrun::pod::fixtures
