// parse() with thousands of malformed manifests. They are random, but the same at each run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/manifest/parse.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

std::vector<std::string> seeds() {
  return {
      manifest(
          {.metadata =
               "  name: web\n  uid: a-b\n  labels: {app: web}\n  annotations: {podrun.io/network: none}\n",
           .spec =
               "  restartPolicy: Never\n  terminationGracePeriodSeconds: 3\n  hostname: www\n"
               "  volumes:\n  - name: site\n    emptyDir: {}\n  - name: etc\n    hostPath: {path: /etc}\n",
           .container =
               "    command: [sh, -c, \"echo 'é'\"]\n    args:\n    - |\n      a: b\n        c\n    "
               "workingDir: /srv\n"
               "    env: &env\n    - {name: A, value: \"1\"}\n    volumeMounts:\n    - name: site\n"
               "      mountPath: /www\n      readOnly: true\n    securityContext:\n      runAsUser: 1000\n"
               "  - {name: two, image: \"rootfs:/srv\", env: *env}\n"}),
      R"({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "annotations": {"a": "\ud83d\ude00\n"}},
 "spec": {"containers": [{"name": "app", "image": "busybox:1", "command": ["sh", "-c", "exit 0"]}]}})",
      "a: &a [x, x]\nb: &b [*a, *a]\n? [c]\n: !!str d\n<<: *b\n...\n---\ne: >-\n  f\n",
  };
}

/// Makes random changes of the kinds that people and editors make by mistake.
class Mutator {
 public:
  explicit Mutator(std::vector<std::string> seeds) : seeds_(std::move(seeds)) {}

  std::string next() {
    std::string text = seeds_[below(seeds_.size())];
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_() % bound; }

  void change(std::string& text) {
    static constexpr std::string_view pieces[] = {
        ":",    ": ",       "-",      "- ", "\n",  "\r\n", "\t", " ",       "  ",     "{",     "}",
        "[",    "]",        ",",      "&a", "*a",  "*env", "?",  "!",       "!!str ", "|",     ">",
        "\"",   "'",        "#",      "%",  "@",   "\\",   "<<", "null",    "~",      "---\n", "...\n",
        "\xff", "\x00\x01", "\uFEFF", "世", "yes", "0644", "-1", "\\ud83d", "../"};
    const std::size_t at = below(text.size() + 1);
    switch (below(6)) {
      case 0:
        text.insert(at, pieces[below(std::size(pieces))]);
        break;
      case 1:
        text.erase(at, 1 + below(12));
        break;
      case 2:
        text.resize(at);
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(random_());
        break;
      case 4: {
        const std::string& other = seeds_[below(seeds_.size())];
        text.insert(at, other.substr(below(other.size()), below(60)));
        break;
      }
      case 5: {
        // Duplicates a line somewhere else.
        const std::size_t begin = text.rfind('\n', at) + 1;
        const std::string line = text.substr(begin, text.find('\n', begin) - begin);
        text.insert(below(text.size() + 1), "\n" + line + "\n");
        break;
      }
    }
  }

  std::vector<std::string> seeds_;
  std::mt19937 random_{1};
};

/// Expects of any text that it gives a Pod that is safe to run, or errors with a place and a message.
void expect_verdict(const std::string& text) {
  const auto pod = parse(text);
  if (pod) {
    const std::string id = pod_id(pod->metadata);
    EXPECT_TRUE(!id.starts_with('.') && !id.contains('/') && id.size() <= 255) << text;
    EXPECT_FALSE(pod->spec.containers.empty()) << text;
    std::set<std::string> names;
    for (const Container& container : pod->spec.containers) {
      EXPECT_TRUE(names.insert(container.name).second) << text;
      EXPECT_TRUE(!container.name.empty() && !container.name.starts_with('.') &&
                  !container.name.contains('/'))
          << text;
      EXPECT_FALSE(container.image.empty()) << text;
    }
    return;
  }
  EXPECT_FALSE(pod.error().empty()) << text;
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  Location last{.line = 1, .column = 1};
  for (const Diagnostic& d : pod.error()) {
    EXPECT_FALSE(d.message.empty()) << text;
    if (d.at.line == 0) continue;
    EXPECT_TRUE(d.at.line <= lines && d.at.column >= 1) << text;
    EXPECT_TRUE(d.at.line > last.line || (d.at.line == last.line && d.at.column >= last.column)) << text;
    last = d.at;
  }
  const std::string shown = render(pod.error(), "f", text);
  const auto drives_terminal = [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == 0x7F; };
  EXPECT_TRUE(std::ranges::none_of(shown, drives_terminal)) << text;
}

TEST(ParseRobustness, EveryMutationOfAManifestGetsAVerdict) {
  Mutator mutator(seeds());
  for (int i = 0; i < 3000 && !::testing::Test::HasFailure(); ++i) expect_verdict(mutator.next());
}

TEST(ParseRobustness, EveryPrefixOfAManifestGetsAVerdict) {
  for (const std::string& seed : seeds())
    for (std::size_t length = 0; length <= seed.size(); ++length) expect_verdict(seed.substr(0, length));
}

TEST(ParseRobustness, EveryManifestOfACorpusGetsAVerdict) {
  const char* corpus = std::getenv("PODRUN_CORPUS");
  if (corpus == nullptr || !std::filesystem::is_directory(corpus))
    GTEST_SKIP() << "PODRUN_CORPUS names no directory";
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus)) {
    if (entry.path().extension() != ".yaml") continue;
    SCOPED_TRACE(entry.path());
    std::ifstream file(entry.path());
    expect_verdict({std::istreambuf_iterator<char>(file), {}});
    ++files;
  }
  EXPECT_GT(files, 0) << "PODRUN_CORPUS has no .yaml files";
}

}  // namespace
}  // namespace podrun::pod
