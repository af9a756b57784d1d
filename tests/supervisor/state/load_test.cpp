// Loading a manifest up to its plan, and each error on the way.
#include "supervisor/state/load.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "supervisor/cli/manifest_sources.hpp"

namespace podrun::supervisor {
namespace {

constexpr const char* manifest = R"(apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
  - name: app
    image: localhost/app
    command: [/bin/app]
)";

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), instead);
}

class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    folder = testing::TempDir() + "podrun-load-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    std::filesystem::create_directories(folder + "/images/localhost/app/latest/rootfs");
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  CommandResult<LoadedPod> loaded(std::string text, std::string namespace_name = "") {
    auto chosen =
        select_pod({{"web.yaml", std::move(text)}}, {.read_options = {.namespace_name = std::move(namespace_name)}});
    if (!chosen) return std::unexpected(std::move(chosen.error()));
    return load({.pod = std::move(chosen->pods.front().pod),
                 .source = chosen->pods.front().source,
                 .uid = "drawn",
                 .storage = folder + "/pods",
                 .image_places = {.roots = {folder + "/empty", folder + "/images"}, .store = ""},
                 .seccomp_profiles = folder + "/seccomp"});
  }

  CommandError refusal(std::string text, std::string namespace_name = "") {
    auto result = loaded(std::move(text), std::move(namespace_name));
    EXPECT_FALSE(result);
    return result ? CommandError{ExitStatus::Succeeded, ""} : result.error();
  }

  std::string folder;
};

TEST_F(LoadTest, AManifestBecomesAPlan) {
  const auto result = loaded(manifest);
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->plan.id, "default_web");
  EXPECT_EQ(result->plan.uid, "drawn");
  EXPECT_EQ(result->plan.storage, folder + "/pods/drawn");
  EXPECT_TRUE(result->images.contains("localhost/app"));
}

TEST_F(LoadTest, TheManifestsUidReplacesTheGeneratedOne) {
  const auto result = loaded(with(manifest, "name: web", "name: web\n  uid: given"));
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->plan.uid, "given");
}

TEST_F(LoadTest, TheNamespaceOptionSetsTheNamespace) {
  const auto result = loaded(manifest, "shop");
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_EQ(result->plan.id, "shop_web");
  EXPECT_EQ(result->pod.metadata.namespace_name, "shop");
}

TEST_F(LoadTest, AManifestOfAnotherNamespaceIsRefused) {
  const std::string shop = with(manifest, "name: web", "name: web\n  namespace: shop");
  EXPECT_TRUE(loaded(shop, "shop"));
  const CommandError refused = refusal(shop, "other");
  EXPECT_EQ(refused.status, ExitStatus::Invalid);
  EXPECT_EQ(
      refused.text.find("web.yaml:5:14: error: the manifest's namespace is \"shop\", but --namespace says \"other\"\n"),
      0U)
      << refused.text;
}

TEST_F(LoadTest, AMistakeIsReportedWithItsLineAndColumn) {
  const CommandError refused = refusal(with(manifest, "command:", "comand:"));
  EXPECT_EQ(refused.status, ExitStatus::Invalid);
  EXPECT_EQ(refused.text.find("web.yaml:9:5: error: "), 0u) << refused.text;
}

TEST_F(LoadTest, AMissingImageIsAStartErrorNotAManifestError) {
  const CommandError refused = refusal(with(manifest, "localhost/app", "localhost/other"));
  EXPECT_EQ(refused.status, ExitStatus::CannotStart);
  EXPECT_NE(refused.text.find(folder + "/images/localhost/other/latest/rootfs"), std::string::npos)
      << refused.text;
}

TEST_F(LoadTest, AContainerWithoutACommandIsAMistake) {
  const CommandError refused = refusal(with(manifest, "    command: [/bin/app]\n", ""));
  EXPECT_EQ(refused.status, ExitStatus::Invalid);
  EXPECT_EQ(refused.text.find("podrun: web.yaml: "), 0u) << refused.text;
}

TEST_F(LoadTest, ASeccompProfileIsReadFromItsFolder) {
  const std::string confined =
      with(manifest, "  containers:",
           "  securityContext: {seccompProfile: {type: Localhost, localhostProfile: a.json}}\n  containers:");
  EXPECT_NE(refusal(confined).text.find("there is no seccomp profile \"a.json\""), std::string::npos);
  std::filesystem::create_directories(folder + "/seccomp");
  std::ofstream(folder + "/seccomp/a.json") << R"({"defaultAction": "SCMP_ACT_ALLOW"})";
  const auto result = loaded(confined);
  EXPECT_TRUE(result) << result.error().text;
}

/// A pod that mounts the directory `shared` and, inside of it, `shared/sub`.
std::string nested(const std::string& folder, const std::string& how = "") {
  return with(manifest, "    command: [/bin/app]\n",
              "    command: [/bin/app]\n    volumeMounts: [{name: up, mountPath: /up" + how +
                  "}, {name: sub, mountPath: /sub}]\n" + "  volumes: [{name: up, hostPath: {path: " + folder +
                  "/shared}}, {name: sub, hostPath: {path: " + folder + "/shared/sub}}]\n");
}

TEST_F(LoadTest, AHostPathThroughALinkThatContainersCanWriteIsRefused) {
  std::filesystem::create_directories(folder + "/shared/sub");
  std::filesystem::create_directories(folder + "/secret");
  EXPECT_TRUE(loaded(nested(folder)));
  std::filesystem::remove(folder + "/shared/sub");
  std::filesystem::create_symlink("../secret", folder + "/shared/sub");
  const CommandError refused = refusal(nested(folder));
  EXPECT_EQ(refused.status, ExitStatus::CannotStart);
  EXPECT_EQ(refused.text, "podrun: web.yaml: volume sub: hostPath " + folder + "/shared/sub: " + folder +
                              "/shared/sub is a symbolic link in hostPath " + folder +
                              "/shared (volume up), which containers can write: it is not followed\n");
  const auto result = loaded(nested(folder, ", readOnly: true"));
  ASSERT_TRUE(result) << "nobody could have made it: " << result.error().text;
  EXPECT_EQ(std::get<pod::HostPath>(result->pod.spec.volumes[1].source).path, folder + "/secret");
}

TEST_F(LoadTest, AHostPathThroughALinkInAnotherPodsVolumeIsRefused) {
  std::filesystem::create_directories(folder + "/pods/other/volumes/data");
  std::filesystem::create_symlink("/etc", folder + "/pods/other/volumes/data/sub");
  const std::string text = with(
      manifest, "    command: [/bin/app]\n",
      "    command: [/bin/app]\n    volumeMounts: [{name: v, mountPath: /v}]\n  volumes: [{name: v, hostPath: {path: " +
          folder + "/pods/other/volumes/data/sub}}]\n");
  EXPECT_NE(refusal(text).text.find("is a symbolic link in " + folder + "/pods, where the volumes of pods lie"),
            std::string::npos)
      << refusal(text).text;
}

TEST_F(LoadTest, AnImageThroughALinkThatContainersCanWriteIsRefused) {
  std::filesystem::create_directories(folder + "/shared/sub");
  std::filesystem::create_symlink("../images/localhost/app/latest/rootfs", folder + "/shared/image");
  const std::string text = with(nested(folder), "localhost/app", "rootfs:" + folder + "/shared/image");
  EXPECT_NE(refusal(text).text.find(folder + "/shared/image is a symbolic link in hostPath"), std::string::npos)
      << refusal(text).text;
  EXPECT_TRUE(loaded(with(nested(folder, ", readOnly: true"), "localhost/app", "rootfs:" + folder + "/shared/image")));
}

}  // namespace
}  // namespace podrun::supervisor
