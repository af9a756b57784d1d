// podrun image pull, from Debian's docker-registry.
#include <sys/mount.h>

#include <memory>
#include <regex>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "tests/images/registries.hpp"
#include "tests/namespaces/unpacker/oci_layout.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// "sha256:…" of a listed image.
std::string digest_in(const std::string& text) {
  std::smatch found;
  return std::regex_search(text, found, std::regex("sha256:[0-9a-f]{64}")) ? found.str() : "";
}

TEST(ImagePull, AnImageIsPulledByItsTagAndItsIdIsPrinted) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string digest = registry.push(make_image(root, "app", {"one", "two"}), "team/app:1");
  const Finished pulled = pull(root, {"localhost:5000/team/app:1"});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_TRUE(matches(pulled.out, "^[0-9a-f]{64}\n$"));
  EXPECT_TRUE(holds(pulled.err, "localhost:5000/team/app:1 is " + digest));
  EXPECT_EQ(layers_in(root).size(), 2U);
  EXPECT_EQ(contents_of(root.layout().image_store() + "/layers/" + layers_in(root).front() + "/fs/one") +
                contents_of(root.layout().image_store() + "/layers/" + layers_in(root).front() + "/fs/two"),
            contents_of(root.layout().image_store() + "/layers/" + layers_in(root).back() + "/fs/one").empty() ? "one"
                                                                                                               : "two");
  EXPECT_EQ(staging_in(root), std::vector<std::string>{});
  EXPECT_EQ(image(root, {"verify"}).status, 0);
}

TEST(ImagePull, AnImageIsPulledByItsDigest) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string digest = registry.push(make_image(root, "app", {"one"}), "app:1");
  EXPECT_EQ(pull(root, {"-q", "localhost:5000/app@" + digest}).status, 0);
  EXPECT_TRUE(holds(image(root, {"ls", "-o", "json"}).out, digest));
  const std::string other = "sha256:" + std::string(64, 'a');
  const Finished missing = pull(root, {"localhost:5000/app@" + other});
  EXPECT_EQ(missing.status, 1);
  EXPECT_TRUE(holds(missing.err, "the registry has no such image"));
}

TEST(ImagePull, OfAListTheImageForThisHostIsTaken) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string amd64 = registry.push(make_image(root, "app", {"one"}), "app:amd64");
  const std::string list = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[)"
      R"({{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},)"
      R"("platform":{{"os":"linux","architecture":"amd64"}}}}]}})",
      amd64, contents_of(root / ("app/blobs/sha256/" + amd64.substr(7))).size());
  root.write("list.json", list);
  run_tool({"/usr/bin/curl", "-sSf", "-X", "PUT", "-H", "Content-Type: application/vnd.oci.image.index.v1+json",
            "--data-binary", "@" + (root / "list.json"), "http://localhost:5000/v2/app/manifests/all"});
  const Finished pulled = pull(root, {"localhost:5000/app:all"});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_TRUE(holds(pulled.err, "is " + amd64));
  const Finished other = pull(root, {"--platform", "linux/s390x", "localhost:5000/app:all"});
  EXPECT_EQ(other.status, 1);
  EXPECT_TRUE(holds(other.err, "linux/amd64"));
}

TEST(ImagePull, AnImageInDockersFormatIsPulled) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  const std::string digest = registry.push(make_image(root, "app", {"one", "two"}), "app:1", {"--format", "v2s2"});
  const Finished pulled = pull(root, {"localhost:5000/app:1"});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_TRUE(holds(pulled.err, "is " + digest));
  EXPECT_EQ(image(root, {"verify"}).status, 0);
}

TEST(ImagePull, SeveralImagesAreEachPulledOrSaid) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  registry.push(make_image(root, "other", {"two"}), "other:1");
  const Finished pulled = pull(root, {"-q", "localhost:5000/app:1", "localhost:5000/no:1", "localhost:5000/other:1"});
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(matches(pulled.out, "^[0-9a-f]{64}\n[0-9a-f]{64}\n$"));
  EXPECT_TRUE(matches(pulled.err, "^podrun: localhost:5000/no:1: [^\n]*\n$"));
  EXPECT_EQ(pull(root, {"localhost:5000/app:1", "No such/name"}).status, 2);
}

TEST(ImagePull, ATerminalHasALineForEachLayer) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/slow"}, {.terminal = true});
  EXPECT_EQ(pulling.wait_exit(), 0) << pulling.out();
  EXPECT_TRUE(matches(pulling.out(), "[0-9a-f]{12}  [0-9.]+ KiB of 9[0-9.]+ KiB"));
  EXPECT_TRUE(holds(pulling.out(), "\x1b[2A"));
}

TEST(ImagePull, ADiskThatIsFullIsSaid) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "small:1");
  const std::string store = root / "var/lib/podrun";
  (void)ns::make_directories(store, 0755);
  const auto with_space = [&](const char* size) {
    return std::make_unique<MountNamespace>(
        MS_PRIVATE, [&, size] { return ::mount("tmpfs", store.c_str(), "tmpfs", 0, size) == 0; });
  };
  const auto small = with_space("size=1m");
  const Finished before = pull(root, {"localhost:5000/small:1"}, {.mount_namespace = small->fd()});
  EXPECT_EQ(before.status, 3);
  EXPECT_TRUE(holds(before.err, "there is no space for it: its layers need"));
  // A layer of zeros needs its space only when it is unpacked.
  tests::write_oci_layout(root / "zeros", {tests::TarArchive().file("zeros", std::string(32 << 20, '\0')).finish()});
  registry.push("oci:" + (root / "zeros") + ":image", "zeros:1");
  const auto larger = with_space("size=16m");
  const Finished later = pull(root, {"localhost:5000/zeros:1"}, {.mount_namespace = larger->fd()});
  EXPECT_EQ(later.status, 3) << later.err;
  EXPECT_TRUE(holds(later.err, "No space left on device"));
  EXPECT_TRUE(larger->run([&] { return staging_in(root).empty() && layers_in(root).empty(); }));
}

TEST(ImagePull, ALayerThatIsHereIsNotFetchedAgain) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "base", {"one", "two"}), "base:1");
  ASSERT_EQ(pull(root, {"localhost:5000/base:1"}).status, 0);
  registry.push(make_image(root, "app", {"one", "two", "three"}), "app:1");
  const Finished pulled = pull(root, {"localhost:5000/app:1"});
  EXPECT_EQ(pulled.status, 0) << pulled.err;
  EXPECT_EQ(layers_in(root).size(), 3U);
  const std::string shared = digest_in(contents_of(root / "base/index.json"));
  std::smatch layer;
  const std::string manifest = contents_of(root / ("base/blobs/sha256/" + shared.substr(7)));
  const std::string layers = manifest.substr(manifest.find("\"layers\""));
  EXPECT_FALSE(registry.was_asked_for("/v2/app/blobs/" + digest_in(layers)));
  EXPECT_TRUE(registry.was_asked_for("/v2/base/blobs/" + digest_in(layers)));
  EXPECT_TRUE(matches(pulled.err, "already here\n"));
}

TEST(ImagePull, ThePolicySaysWhetherTheRegistryIsAsked) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "old", {"one"}), "app:1");
  EXPECT_TRUE(holds(pull(root, {"--policy=never", "localhost:5000/app:1"}).err, "never"));
  const Finished first = pull(root, {"--policy=missing", "localhost:5000/app:1"});
  ASSERT_EQ(first.status, 0) << first.err;
  registry.push(make_image(root, "new", {"two"}), "app:1");
  EXPECT_EQ(pull(root, {"--policy=missing", "localhost:5000/app:1"}).out, first.out);
  EXPECT_EQ(pull(root, {"--policy=never", "localhost:5000/app:1"}).out, first.out);
  const Finished second = pull(root, {"localhost:5000/app:1"});
  EXPECT_NE(second.out, first.out) << second.err;
  const Finished third = pull(root, {"localhost:5000/app:1"});
  EXPECT_EQ(third.out, second.out);
  EXPECT_TRUE(holds(third.err, "which was here"));
}

TEST(ImagePull, ATagThatIsNotThereIsAnErrorThatSaysSo) {
  const TemporaryRoot root;
  DockerRegistry registry(root);
  registry.push(make_image(root, "app", {"one"}), "app:1");
  for (const std::string name : {"localhost:5000/app:2", "localhost:5000/none:1"}) {
    const Finished pulled = pull(root, {name});
    EXPECT_EQ(pulled.status, 1);
    EXPECT_TRUE(holds(pulled.err, "podrun: " + name + ": the registry has no such image: "));
    EXPECT_EQ(pulled.out, "");
  }
}

TEST(ImagePull, ARegistryThatDoesNotAnswerIsAnErrorThatSaysSo) {
  const TemporaryRoot root;
  for (const std::string name : {"localhost:5009/app", "registry.invalid/app"}) {
    const Finished pulled = pull(root, {name});
    EXPECT_EQ(pulled.status, 1);
    EXPECT_TRUE(holds(pulled.err, "podrun: " + name + ": the registry cannot be reached"));
  }
}

TEST(ImagePull, ImagesOfLocalhostAreNeverPulled) {
  const TemporaryRoot root;
  const Finished pulled = pull(root, {"localhost/app"});
  EXPECT_EQ(pulled.status, 1);
  EXPECT_TRUE(holds(pulled.err, "images of localhost are not pulled"));
}

TEST(ImagePull, ManyWhoPullTheSameImageDoTheWorkOnce) {
  const TemporaryRoot root;
  HostileRegistry registry(root);  // "slow" takes two seconds for a layer
  std::vector<std::unique_ptr<PodRun>> pulls;
  for (int i = 0; i < 4; ++i)
    pulls.push_back(std::make_unique<PodRun>(
        root, std::vector<std::string>{"image", "pull", "--tls-verify=false", "localhost:5002/slow"}));
  std::string id;
  for (const auto& each : pulls) {
    EXPECT_EQ(each->wait_exit(), 0) << each->err();
    if (id.empty()) id = each->out();
    EXPECT_EQ(each->out(), id);
  }
  std::map<std::string, int> blobs;
  for (const std::string& request : registry.requests())
    if (request.find("GET /v2/slow/blobs/") == 0) ++blobs[request];
  int layers = 0;
  for (const auto& [request, times] : blobs) layers += times == 1 ? 1 : 0;
  EXPECT_GE(layers, 2) << "each layer was fetched once";
}

TEST(ImagePull, APullThatIsInterruptedLeavesNothing) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/stall"});
    ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
    pulling.signal(signal);
    EXPECT_EQ(pulling.wait_exit(), 1);
    EXPECT_TRUE(holds(pulling.err(), "it was cancelled"));
    EXPECT_EQ(staging_in(root), std::vector<std::string>{});
    EXPECT_EQ(layers_in(root), std::vector<std::string>{});
    EXPECT_EQ(processes_called("skopeo"), std::vector<pid_t>{});
  }
}

TEST(ImagePull, ASignalThatItsCallerIgnoresChangesNothing) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/slow"},
                 {.before_exec = [] { ::signal(SIGHUP, SIG_IGN); }});
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  pulling.signal(SIGHUP);
  EXPECT_EQ(pulling.wait_exit(), 0) << pulling.err();
}

TEST(ImagePull, APullThatIsKilledEndsSkopeoAndTheNextOneCleansUp) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/stall"});
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  pulling.signal(SIGKILL);
  pulling.wait_exit();
  EXPECT_TRUE(wait_until([] { return processes_called("skopeo").empty(); }));
  EXPECT_EQ(pull(root, {"localhost:5002/good"}).status, 0);
  EXPECT_EQ(staging_in(root), std::vector<std::string>{});
}

}  // namespace
}  // namespace podrun::test
