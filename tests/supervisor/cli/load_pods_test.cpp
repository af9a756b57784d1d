// Manifests that are read, selected and compiled, with one report of all mistakes.
#include "supervisor/cli/load_pods.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

/// A pod with lines of a container and of the spec.
std::string pod(const std::string& name, const std::string& container, const std::string& spec = "") {
  return "apiVersion: v1\nkind: Pod\nmetadata: {name: " + name + "}\nspec:\n" + spec +
         "  containers:\n  - name: app\n    image: localhost/app\n    command: [app]\n" + container;
}

class LoadPods : public testing::Test {
 protected:
  LoadPods() { std::filesystem::create_directories(folder_ / "images/localhost/app/latest/rootfs"); }

  CommandResult<LoadedPods> load(const std::vector<pod::ManifestSource>& sources, Selection selection = {}) {
    return load_pods(sources, {.selection = std::move(selection),
                               .common = {.storage = folder_ / "pods",
                                          .image_places = {.roots = {folder_ / "images"}, .store = ""},
                                          .seccomp_profiles = folder_ / "seccomp"},
                               .uid = [](const pod::Pod& pod) { return "uid-of-" + pod.metadata.name; }});
  }

  /// "LINE:COLUMN" of each error of the report, behind the status.
  std::vector<std::string> mistakes(const std::vector<pod::ManifestSource>& sources, Selection selection = {}) {
    const auto loaded = load(sources, std::move(selection));
    if (loaded) return {};
    report_ = loaded.error().text;
    std::vector<std::string> found{std::to_string(static_cast<int>(loaded.error().status))};
    const std::regex place("([^\n]*):([0-9]+:[0-9]+): error: ");
    for (std::sregex_iterator each(report_.begin(), report_.end(), place), end; each != end; ++each)
      found.push_back((*each)[2]);
    return found;
  }

  TemporaryDirectory folder_;
  std::string report_;
};

using Found = std::vector<std::string>;

TEST_F(LoadPods, EachPodIsCompiledWithItsUid) {
  const auto loaded = load({{"a.yaml", pod("a", "")}, {"b.yaml", pod("b", "")}});
  ASSERT_TRUE(loaded) << loaded.error().text;
  ASSERT_EQ(loaded->pods.size(), 2U);
  EXPECT_EQ(loaded->pods[1].plan.uid, "uid-of-b");
}

TEST_F(LoadPods, WhatTheHostShowsIsReportedWithItsPlace) {
  EXPECT_EQ(mistakes({{"a.yaml", pod("a", "    securityContext: {runAsUser: 0, runAsNonRoot: true}\n")}}),
            (Found{"2", "9:51"}))
      << report_;
  EXPECT_TRUE(report_.contains("runAsNonRoot, but its user is root; say runAsUser\n    9 | ")) << report_;
}

TEST_F(LoadPods, AMissingImageHasAPlaceAndHidesNoMistake) {
  std::string text = pod("a", "    securityContext: {runAsUser: 0, runAsNonRoot: true}\n");
  text.replace(text.find("localhost/app"), 13, "localhost/no");
  EXPECT_EQ(mistakes({{"a.yaml", text}}), (Found{"2", "7:12", "9:51"})) << report_;
}

TEST_F(LoadPods, AMissingImageAloneIsNoMistakeOfTheManifest) {
  std::string text = pod("a", "");
  text.replace(text.find("localhost/app"), 13, "localhost/no");
  EXPECT_EQ(mistakes({{"a.yaml", text}}), (Found{"3", "7:12"})) << report_;
}

TEST_F(LoadPods, MistakesOfTheTextAndOfTheHostAreOneReport) {
  const std::string text =
      pod("a", "    securityContext: {seccompProfile: {type: Localhost, localhostProfile: no.json}}\n",
          "  colour: red\n") +
      "  - name: other\n    image: localhost/no\n    ports: [{containerPort: 0}]\n"
      "  - name: third\n    image: localhost/no\n";
  EXPECT_EQ(mistakes({{"a.yaml", text}}), (Found{"2", "5:3", "10:75", "12:12", "13:29", "15:12"}))
      << "a mistake in a container does not hide that its image is missing\n"
      << report_;
}

TEST_F(LoadPods, MistakesOfAllPodsAreOneReport) {
  const std::string wrong = "    securityContext: {runAsUser: 0, runAsNonRoot: true}\n";
  EXPECT_EQ(mistakes({{"a.yaml", pod("a", wrong)}, {"b.yaml", pod("b", wrong)}}), (Found{"2", "9:51", "9:51"}))
      << report_;
  EXPECT_EQ(mistakes({{"a.yaml", pod("a", wrong)}, {"b.yaml", pod("b", wrong)}}, {.pod = "b"}), (Found{"2", "9:51"}))
      << report_;
}

TEST_F(LoadPods, AnUnreadableProfileIsNamedWithItsFault) {
  std::filesystem::create_directories(folder_ / "seccomp");
  std::ofstream(folder_ / "seccomp/a.json") << "{}";
  EXPECT_EQ(mistakes({{"a.yaml", pod("a", "    securityContext: {seccompProfile: {type: Localhost, "
                                          "localhostProfile: a.json}}\n")}}),
            (Found{"2", "9:75"}))
      << report_;
}

}  // namespace
}  // namespace podrun::supervisor
