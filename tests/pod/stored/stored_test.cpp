// What is stored of a pod is what was compiled, byte for byte; whatever else the bytes are, reading them is an error.
//
// data/ has what each version wrote. A new version adds its files (PODRUN_UPDATE_GOLDEN=1); those of older ones stay.
#include "pod/stored/stored.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <variant>

#include <fmt/format.h>

#include "pod/manifest/manifests.hpp"
#include "pod/plan/describe.hpp"
#include "pod/plan/verify.hpp"
#include "tests/pod/compile/fixtures.hpp"

namespace podrun::pod {
namespace {

namespace fs = std::filesystem;

const fs::path data = PODRUN_SOURCE_DIR "/tests/pod/stored/data";

std::string read(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Compiled {
  Pod pod;
  Images images;
  PodPlan plan;
};

/// Every pod of a text that compiles.
std::vector<Compiled> compiled_pods(const std::string& text) {
  std::vector<Compiled> all;
  for (ParsedPod& found : read_manifests({{"", text}}, {.leniency = Leniency::Lenient}).pods) {
    Compiled each{.pod = std::move(found.pod)};
    for (const std::string& reference : image_references(each.pod)) {
      Image image = fixtures::image();
      image.reference = reference;
      each.images.emplace(reference, image);
    }
    auto plan = compile(each.pod, each.images, fixtures::facts(), fixtures::run_parameters());
    if (!plan) continue;
    each.plan = std::move(*plan);
    all.push_back(std::move(each));
  }
  return all;
}

/// Manifests in a folder, and in those below it.
std::vector<fs::path> manifests_in(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  return std::ranges::sort(paths), paths;
}

const step::Exec& exec_of(const ContainerPlan& plan) { return std::get<step::Exec>(plan.child.back()); }

/// The rules of all seccomp steps, which descriptions only count.
std::vector<SeccompFilter> filters_of(const ContainerPlan& plan) {
  std::vector<SeccompFilter> filters;
  for (const ChildStep& each : plan.child)
    if (const auto* seccomp = std::get_if<step::Seccomp>(&each)) filters.push_back(*seccomp->rules);
  return filters;
}

/// Stores a pod and reads it back, and checks that nothing has changed.
void expect_to_survive(const Compiled& given) {
  const std::string text = to_stored(given.pod, given.plan, "1.2.3");
  auto pod = parse_stored_pod(text);
  ASSERT_TRUE(pod) << pod.error().message;
  EXPECT_EQ(to_stored(pod->pod, pod->plan, "1.2.3"), text);
  EXPECT_TRUE(pod->pod.objects.secrets.empty() && pod->pod.objects.config_maps.empty());
  EXPECT_TRUE(pod->plan.containers.empty());
  for (const ContainerPlan& container : given.plan.containers) {
    const std::string stored = to_stored(given.plan.id, 3, container, "1.2.3");
    auto revision = parse_stored_revision(stored);
    ASSERT_TRUE(revision) << revision.error().message;
    EXPECT_EQ(revision->pod, given.plan.id);
    EXPECT_EQ(revision->number, 3U);
    EXPECT_EQ(to_stored(revision->pod, revision->number, revision->plan, "1.2.3"), stored);
    EXPECT_EQ(exec_of(revision->plan).argv, exec_of(container).argv);
    EXPECT_EQ(exec_of(revision->plan).env, exec_of(container).env);
    EXPECT_EQ(exec_of(revision->plan).shown, exec_of(container).shown);
    EXPECT_EQ(filters_of(revision->plan), filters_of(container));
    pod->plan.containers.push_back(std::move(revision->plan));
  }
  EXPECT_EQ(to_json(pod->plan), to_json(given.plan));
  EXPECT_EQ(to_text(pod->plan), to_text(given.plan));
  EXPECT_EQ(bool(verify(pod->plan)), bool(verify(given.plan)));
  // With its objects the Pod compiles to the same plan again.
  pod->pod.objects = given.pod.objects;
  const auto again = compile(pod->pod, given.images, fixtures::facts(), fixtures::run_parameters());
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(to_json(*again), to_json(given.plan));
}

/// A pod with Secrets and bytes that are no text.
Compiled rich_pod() {
  std::vector<Compiled> all = compiled_pods(read(data / "rich.yaml"));
  return all.empty() ? throw std::runtime_error("it does not compile") : std::move(all.front());
}

StoredInputs rich_inputs(const Compiled& from) {
  return {.images = from.images,
          .facts = fixtures::facts(),
          .uid = "0c5a",
          .storage = "/var/lib/podrun/pods",
          .claims = "/var/lib/podrun/volumes",
          .config_maps = {{"conf", {.data = {{"colour", "blue"}}}}},
          .secrets = {{"key", {.data = {{"token", std::string("\xff\0\xfe", 3)}}}}}};
}

TEST(Stored, EveryExampleSurvives) {
  int pods = 0;
  for (const fs::path& path : manifests_in(PODRUN_SOURCE_DIR "/examples/pods"))
    for (const Compiled& each : compiled_pods(read(path))) {
      SCOPED_TRACE(path);
      expect_to_survive(each);
      ++pods;
    }
  EXPECT_GE(pods, 9);
}

TEST(Stored, EveryPodOfACorpusSurvives) {
  const char* corpus = std::getenv("PODRUN_CORPUS");
  if (corpus == nullptr || !fs::is_directory(corpus)) GTEST_SKIP() << "PODRUN_CORPUS names no directory";
  int pods = 0;
  for (const fs::path& path : manifests_in(corpus))
    for (const Compiled& each : compiled_pods(read(path))) {
      SCOPED_TRACE(path);
      expect_to_survive(each);
      ++pods;
    }
  EXPECT_GT(pods, 0) << "PODRUN_CORPUS has no pods that compile";
}

TEST(Stored, APodOfManyFieldsSurvives) { expect_to_survive(rich_pod()); }

TEST(Stored, NoSecretIsStoredAsAnObject) {
  const Compiled given = rich_pod();
  const std::string text = to_stored(given.pod, given.plan, "1.2.3");
  EXPECT_EQ(text.find("not to be stored"), text.npos);
  EXPECT_EQ(text.find("not used"), text.npos) << "only the revision that uses the value has it";
  EXPECT_NE(text.find(std::string("\xff\0\xfe", 3)), text.npos) << "the file of the volume";
}

TEST(Stored, BytesThatAreNoTextSurvive) {
  Compiled given = rich_pod();
  const std::string bytes = "X=\xff\x80 \n\"e";
  std::get<step::Exec>(given.plan.containers[0].child.back()).env.push_back(bytes);
  const auto revision = parse_stored_revision(to_stored("p", 1, given.plan.containers[0], ""));
  ASSERT_TRUE(revision) << revision.error().message;
  EXPECT_EQ(exec_of(revision->plan).env.back(), bytes);
}

TEST(Stored, NetworksSurvive) {
  const Compiled given = rich_pod();
  const auto pod = parse_stored_pod(to_stored(given.pod, given.plan, "1.2.3"));
  ASSERT_TRUE(pod) << pod.error().message;
  ASSERT_EQ(pod->plan.networks.size(), 2U) << "the pod's and that of the container app";
  for (std::size_t i = 0; i < 2; ++i) {
    const NetworkPlan& before = given.plan.networks[i];
    const NetworkPlan& after = pod->plan.networks[i];
    EXPECT_EQ(after.addresses, before.addresses);
    EXPECT_EQ(after.ports, before.ports);
    EXPECT_EQ(text_of(std::get<network::Filter>(after.steps.at(3)).table),
              text_of(std::get<network::Filter>(before.steps.at(3)).table));
  }
  EXPECT_EQ(pod->plan.networks[1].ports.at(0).host_ip, parse_ip("192.0.2.1"));
}

TEST(Stored, InputsSurvive) {
  const std::string text = to_stored(rich_inputs(rich_pod()), "1.2.3");
  const auto inputs = parse_stored_inputs(text);
  ASSERT_TRUE(inputs) << inputs.error().message;
  EXPECT_EQ(to_stored(*inputs, "1.2.3"), text);
  EXPECT_EQ(inputs->secrets.at("key").data.at("token"), std::string("\xff\0\xfe", 3));
  EXPECT_EQ(inputs->facts.sensitive_paths, fixtures::facts().sensitive_paths);
  EXPECT_EQ(inputs->facts.network.ipv6, fixtures::facts().network.ipv6);
}

TEST(Stored, APodKeepsTheServicesOfItsNamespace) {
  Compiled given = rich_pod();
  given.pod.objects.services["web"] = {
      .metadata = {.name = "web", .labels = {}, .annotations = {}},
      .spec = {.type = ServiceType::NodePort,
               .selector = {{"app", "rich"}},
               .ports = {{.name = "http", .port = 80, .target_port = {.name = "web"}, .protocol = Protocol::Udp}},
               .cluster_ip = "None",
               .external_name = "a.example",
               .publish_not_ready_addresses = true}};
  const auto read_again = parse_stored_pod(to_stored(given.pod, given.plan, "1.2.3"));
  ASSERT_TRUE(read_again) << read_again.error().message;
  const Service& service = read_again->pod.objects.services.at("web");
  EXPECT_EQ(service.metadata.name, "web");
  EXPECT_EQ(service.spec.type, ServiceType::NodePort);
  EXPECT_EQ(service.spec.selector, (std::map<std::string, std::string>{{"app", "rich"}}));
  ASSERT_EQ(service.spec.ports.size(), 1U);
  EXPECT_EQ(service.spec.ports[0].target_port.name, "web");
  EXPECT_EQ(service.spec.ports[0].protocol, Protocol::Udp);
  EXPECT_EQ(service.spec.ports[0].port, 80);
  EXPECT_EQ(service.spec.cluster_ip, "None");
  EXPECT_EQ(service.spec.external_name, "a.example");
  EXPECT_TRUE(service.spec.publish_not_ready_addresses);
}

TEST(Stored, AnotherKindIsAnError) {
  const Compiled given = rich_pod();
  EXPECT_FALSE(parse_stored_revision(to_stored(given.pod, given.plan, "1.2.3")));
  EXPECT_FALSE(parse_stored_pod(to_stored("p", 1, given.plan.containers[0], "1.2.3")));
}

TEST(Stored, ANewerVersionIsAnErrorThatNamesItsPodrun) {
  const auto pod = parse_stored_pod("d7:versioni99e6:podrun5:9.8.76:futured");
  ASSERT_FALSE(pod);
  EXPECT_EQ(pod.error().message, fmt::format("the pod was started by podrun 9.8.7, which stores a pod in version 99; "
                                             "this podrun knows versions up to {}",
                                             stored_version));
}

TEST(Stored, AnUnknownFieldIsAnErrorThatNamesItsPodrun) {
  const auto revision = parse_stored_revision("d7:versioni1e6:podrun5:9.8.74:kind8:revision7:contentd6:futurei1eee");
  ASSERT_FALSE(revision);
  EXPECT_EQ(revision.error().message,
            "the pod was started by podrun 9.8.7, whose stored revision cannot be read: what is at byte 62 follows a "
            "field that this version does not have: future");
}

// Each is tried, because a version's bytes may be those of a pod that was started years ago.
TEST(Stored, TheBytesOfEachVersionAreRead) {
  const Compiled given = rich_pod();
  const auto path = [](const char* kind, unsigned version) { return data / fmt::format("{}-{}", kind, version); };
  const std::string pod = to_stored(given.pod, given.plan, "1.2.3");
  const std::string revision = to_stored(given.plan.id, 2, given.plan.containers[0], "1.2.3");
  const std::string inputs = to_stored(rich_inputs(given), "1.2.3");
  if (std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path("pod", stored_version)) << pod;
    std::ofstream(path("revision", stored_version)) << revision;
    std::ofstream(path("inputs", stored_version)) << inputs;
  }
  EXPECT_EQ(read(path("pod", stored_version)), pod);
  EXPECT_EQ(read(path("revision", stored_version)), revision);
  EXPECT_EQ(read(path("inputs", stored_version)), inputs);
  for (unsigned version = 1; version <= stored_version; ++version) {
    SCOPED_TRACE(version);
    const auto old_pod = parse_stored_pod(read(path("pod", version)));
    ASSERT_TRUE(old_pod) << old_pod.error().message;
    EXPECT_EQ(old_pod->pod.spec.volumes.size(), 7U);
    EXPECT_EQ(old_pod->plan.id, "default_rich");
    EXPECT_EQ(old_pod->plan.networks.size(), version >= 4 ? 2U : 0U);
    const auto old_revision = parse_stored_revision(read(path("revision", version)));
    ASSERT_TRUE(old_revision) << old_revision.error().message;
    EXPECT_EQ(exec_of(old_revision->plan).argv, exec_of(given.plan.containers[0]).argv);
    EXPECT_EQ(old_revision->plan.probes.liveness.has_value(), version >= 3);
    EXPECT_EQ(old_revision->plan.stop_signal, version >= 3 ? 3 : 15);
    const auto old_inputs = parse_stored_inputs(read(path("inputs", version)));
    ASSERT_TRUE(old_inputs) << old_inputs.error().message;
    EXPECT_EQ(old_inputs->secrets.size(), 1U);
  }
}

TEST(Stored, EveryBeginningOfATextIsAnError) {
  const Compiled given = rich_pod();
  const std::string pod = to_stored(given.pod, given.plan, "1.2.3");
  for (std::size_t length = 0; length < pod.size(); length += 1 + length / 40)
    EXPECT_FALSE(parse_stored_pod(pod.substr(0, length))) << length;
  EXPECT_FALSE(parse_stored_pod(pod + "e"));
}

TEST(Stored, NoChangeOfBytesDoesMoreThanAnError) {
  const Compiled given = rich_pod();
  const std::string text = to_stored(given.plan.id, 1, given.plan.containers[0], "1.2.3");
  std::mt19937 random(5);
  int errors = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string changed = text;
    for (auto count = 1 + random() % 3; count > 0; --count)
      changed[random() % changed.size()] = "dlie0123456789:-\xff"[random() % 17];
    if (const auto revision = parse_stored_revision(changed); !revision) ++errors;
    else (void)to_stored(revision->pod, revision->number, revision->plan, "");
  }
  EXPECT_GT(errors, 1000);
}

}  // namespace
}  // namespace podrun::pod
