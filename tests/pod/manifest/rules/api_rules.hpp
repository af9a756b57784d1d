// Tables of fragments of manifests that Kubernetes' API server accepts or refuses, each with the source of the rule.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/manifest/manifests.hpp"

namespace podrun::pod {

/// A fragment, and what is expected of it.
struct ApiRule {
  std::string_view name;      ///< one word or more, unlike any other in its table
  std::string_view fragment;  ///< YAML that is put into a manifest
  /// Refused: "LINE WORDS", the line of the fragment, from 1, that the only error is on, and a part of its message or
  /// of its hint. Accepted: "", or a part of the warning.
  std::string_view expected;
  std::string_view source;  ///< where the rule is: a function of Kubernetes' validation, or "podrun's own rule: WHY"
};

/// Where a table's fragments are put: text before and after, and the column at which the fragment's lines begin.
struct RulePlace {
  std::string_view before;
  std::string_view after = "";
  std::size_t indent = 0;
};

/// Fragments of a container. Its first line is `name: app`, so that a fragment may replace `name` and `image`.
inline constexpr RulePlace in_whole_container{
    .before = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  volumes:\n"
              "  - {name: data, emptyDir: {}}\n  - {name: host, hostPath: {path: /srv}}\n"
              "  - {name: tools, image: {reference: localhost/tools}}\n  containers:\n  -\n",
    .after = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: map}\ndata: {a: b}\nbinaryData: {bytes: AAE=}\n"
             "---\napiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {a: b}\n",
    .indent = 4};
/// Fragments of a container that has a name and an image.
inline constexpr RulePlace in_container{
    .before = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  volumes:\n"
              "  - {name: data, emptyDir: {}}\n  - {name: host, hostPath: {path: /srv}}\n"
              "  - {name: tools, image: {reference: localhost/tools}}\n  containers:\n"
              "  - name: app\n    image: localhost/app\n",
    .after = in_whole_container.after,
    .indent = 4};
/// Fragments of a spec that has no containers.
inline constexpr RulePlace in_spec{.before = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n", .indent = 2};

/// The manifest with a fragment, and the line before the fragment.
struct RuleManifest {
  std::string text;
  std::size_t lines_before = 0;
};

inline RuleManifest manifest_of(const ApiRule& rule, const RulePlace& place) {
  RuleManifest made{.text = std::string(place.before)};
  for (const char c : place.before) made.lines_before += c == '\n' ? 1U : 0U;
  std::string_view rest = rule.fragment;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    made.text += fmt::format("{}{}\n", std::string(place.indent, ' '), line);
  }
  made.text += place.after;
  return made;
}

/// The diagnostics of a severity: "LINE MESSAGE (HINT)", where line 1 is the first of the fragment.
inline std::vector<std::string> told(const RuleManifest& manifest, Severity severity) {
  std::vector<std::string> found;
  const Manifests manifests = read_manifests({{"rule.yaml", manifest.text}}, {});
  for (const Diagnostic& each : manifests.diagnostics.at(0))
    if (each.severity == severity)
      found.push_back(fmt::format("{} {} ({})", static_cast<std::ptrdiff_t>(each.at.line) -
                                                    static_cast<std::ptrdiff_t>(manifest.lines_before),
                                  each.message, each.hint));
  return found;
}

/// Expects that each fragment has exactly one error, which is on its line and says what is expected.
inline void expect_refused(std::span<const ApiRule> rules, const RulePlace& place) {
  for (const ApiRule& rule : rules) {
    const auto errors = told(manifest_of(rule, place), Severity::Error);
    const std::string_view line = rule.expected.substr(0, rule.expected.find(' ') + 1);
    const std::string_view words = rule.expected.substr(line.size());
    EXPECT_EQ(errors.size(), 1U) << rule.name << " (" << rule.source << "): " << testing::PrintToString(errors);
    if (errors.empty()) continue;
    EXPECT_TRUE(errors[0].starts_with(line)) << rule.name << ": " << errors[0];
    EXPECT_TRUE(errors[0].contains(words)) << rule.name << ": " << errors[0];
  }
}

/// Expects that no fragment has an error, and that one with words to expect has a warning that says them.
inline void expect_accepted(std::span<const ApiRule> rules, const RulePlace& place) {
  for (const ApiRule& rule : rules) {
    const RuleManifest manifest = manifest_of(rule, place);
    const auto errors = told(manifest, Severity::Error);
    EXPECT_TRUE(errors.empty()) << rule.name << " (" << rule.source << "): " << testing::PrintToString(errors);
    if (rule.expected.empty()) continue;
    const auto warnings = told(manifest, Severity::Warning);
    EXPECT_TRUE(std::ranges::any_of(warnings, [&](const auto& each) { return each.contains(rule.expected); }))
        << rule.name << ": " << testing::PrintToString(warnings);
  }
}

}  // namespace podrun::pod
