// The manifests that a command line names, and the pods that are chosen from them.
#include "supervisor/cli/manifest_sources.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

std::string pod(const std::string& name) {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec: {containers: [{name: c, image: busybox}]}\n";
}

class Sources : public testing::Test {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  std::vector<std::string> names(const std::vector<std::string>& operands) {
    std::vector<std::string> found;
    const auto sources = read_sources(operands);
    EXPECT_TRUE(sources) << sources.error().text;
    for (const auto& source : sources.value_or(std::vector<pod::ManifestSource>()))
      found.push_back(std::filesystem::path(source.name).filename());
    return found;
  }

  TemporaryDirectory folder_;
};

TEST_F(Sources, AFileIsReadWhole) {
  const auto sources = read_sources({write("web.yaml", pod("web"))});
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->at(0).text, pod("web"));
}

TEST_F(Sources, AFolderGivesItsManifestsSortedByName) {
  for (const char* name : {"b.yml", "a.yaml", "c.json", ".hidden.yaml", "notes.txt"}) write(name, "x");
  EXPECT_EQ(names({folder_ / ""}), (std::vector<std::string>{"a.yaml", "b.yml", "c.json"}));
  EXPECT_EQ(names({folder_ / "c.json", folder_ / "a.yaml"}), (std::vector<std::string>{"c.json", "a.yaml"}));
}

TEST_F(Sources, AnEmptyFolderAndAMissingFileAreReported) {
  std::filesystem::create_directory(folder_ / "empty");
  const std::string empty = folder_ / "empty";
  EXPECT_EQ(read_sources({empty}).error().text,
            "podrun: " + empty + ": a folder without manifests (*.yaml, *.yml, *.json)\n");
  const auto missing = read_sources({empty + "/web.yaml"});
  EXPECT_EQ(missing.error().text, "podrun: " + empty + "/web.yaml: No such file or directory\n");
  EXPECT_EQ(missing.error().status, ExitStatus::Invalid);
}

TEST_F(Sources, AnEndlessFileIsReadOnlyUpToTheSizeLimit) {
  const auto sources = read_sources({"/dev/zero"});
  ASSERT_TRUE(sources);
  EXPECT_EQ(sources->at(0).text.size(), (64U << 20) + 1);
}

TEST_F(Sources, ThePodOptionPicksOneOfSeveralPods) {
  const std::vector<pod::ManifestSource> sources{{"a.yaml", pod("a") + "---\n" + pod("b")}, {"c.yaml", pod("c")}};
  EXPECT_EQ(select_pods(sources, {})->pods.size(), 3U);
  EXPECT_EQ(select_pod(sources, {}).error().text, "podrun: there are 3 pods: a, b, c; --pod NAME picks one\n");
  const auto picked = select_pod(sources, {.pod = "b"});
  ASSERT_TRUE(picked);
  EXPECT_EQ(picked->pods[0].pod.metadata.name, "b");
  EXPECT_EQ(picked->pods[0].source, "a.yaml");
  EXPECT_EQ(select_pods(sources, {.pod = "d"}).error().text,
            "podrun: there is no pod \"d\" in the manifests; they describe a, b, c\n");
}

TEST_F(Sources, SourcesWithoutAPodAreRefused) {
  const auto text_of = [](const std::string& kind) {
    return select_pods({{"a.yaml", "apiVersion: v1\nkind: " + kind + "\nmetadata: {name: x}\n"}}, {}).error().text;
  };
  const std::string with_a_pod =
      "podrun: there is no pod in a.yaml: give it along with the file of a pod that uses it\n";
  EXPECT_EQ(text_of("ConfigMap"), with_a_pod);
  EXPECT_EQ(text_of("Service\nspec: {ports: [{port: 80}]}"), with_a_pod);
  EXPECT_TRUE(text_of("Role").ends_with("podrun: there is no pod in a.yaml\n"));
}

}  // namespace
}  // namespace podrun::supervisor
