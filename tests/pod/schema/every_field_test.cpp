// One manifest with every field: its diagnostics, and those of each field when it is misspelt.
#include "tests/pod/schema/every_field.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/manifest/parse.hpp"
#include "pod/schema/schema.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

std::string text_of(const Diagnostic& d) {
  return fmt::format("{}:{} {} ({})", d.at.line, d.at.column, d.message, d.hint);
}

std::set<std::string> errors_of(std::string_view text) {
  std::set<std::string> out;
  for (const Diagnostic& d : parse_with_diagnostics(text, Leniency::Strict).diagnostics)
    if (d.severity == Severity::Error) out.insert(text_of(d));
  return out;
}

TEST(EveryField, AManifestWithEveryFieldIsAcceptedInLenientMode) {
  const auto [pod, diagnostics] = parse_with_diagnostics(EveryField().manifest(), Leniency::Lenient);
  for (const Diagnostic& d : diagnostics) EXPECT_NE(d.severity, Severity::Error) << text_of(d);
  EXPECT_TRUE(pod);
}

TEST(EveryField, EveryMisspeltFieldIsReportedOnceAtItsPlaceWithAHint) {
  const std::string text = EveryField().manifest();
  const std::set<std::string> before = errors_of(text);
  std::set<std::string> tried;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    ++line;
    const std::size_t first = text.find_first_not_of(" -", begin);
    const std::size_t colon = text.find(':', first);
    const std::string name = text.substr(first, colon - first);
    const std::size_t property = text.find("# ", colon) + 2;
    if (!tried.insert(text.substr(property, text.find('\n', property) - property)).second) continue;
    std::string wrong = text;
    wrong.insert(colon, "x");
    const std::set<std::string> after = errors_of(wrong);
    std::vector<std::string> found;
    std::ranges::set_difference(after, before, std::back_inserter(found));
    ASSERT_EQ(found.size(), 1U) << name << " on line " << line << ": " << fmt::format("{}", fmt::join(found, "\n"));
    const std::string place = fmt::format("{}:{} unknown field \"{}x\" in ", line, first - begin + 1, name);
    EXPECT_TRUE(found.front().starts_with(place)) << found.front();
    EXPECT_TRUE(found.front().ends_with(fmt::format("(did you mean \"{}\"?)", name))) << found.front();
  }
  EXPECT_GT(tried.size(), 350U);
}

TEST(EveryField, EveryOptionalFieldMayBeNull) {
  const std::string text = EveryField().manifest();
  const std::set<std::string> before = errors_of(text);
  std::set<std::string> tried;
  for (std::size_t begin = 0; begin < text.size(); begin = text.find('\n', begin) + 1) {
    const std::size_t first = text.find_first_not_of(" -", begin), colon = text.find(':', first);
    const std::size_t property = text.find("# ", colon) + 2;
    const std::string path = text.substr(property, text.find('\n', property) - property);
    const Table* table = find_table(path.substr(0, path.find('.')));
    const Row* row = table == nullptr ? nullptr : table->find(path.substr(path.find('.') + 1));
    // Other fields of the manifest need these, or the API server asks for them.
    const std::set<std::string> needed{"Container.restartPolicy",
                                       "EphemeralVolumeSource.volumeClaimTemplate",
                                       "PersistentVolumeClaimSpec.accessModes",
                                       "PersistentVolumeClaimSpec.resources",
                                       "PodSpec.os",
                                       "PodSpec.volumes",
                                       "SeccompProfile.localhostProfile"};
    if (row == nullptr || row->presence.need != Need::Optional || needed.contains(path) || !tried.insert(path).second)
      continue;
    // What belongs to the field follows with more blanks before it, or as a list with as many.
    std::size_t end = text.find('\n', begin) + 1;
    const auto belongs = [&](std::size_t line) {
      const std::size_t blanks = text.find_first_not_of(' ', line) - line, own = first - begin;
      return blanks > own || (blanks == own && text[line + blanks] == '-');
    };
    while (end < text.size() && belongs(end)) end = text.find('\n', end) + 1;
    const std::string changed = text.substr(0, colon) + ": null\n" + text.substr(end);
    std::vector<std::string> found, messages_before;
    const auto message = [](const std::string& error) { return error.substr(error.find(' ') + 1); };
    for (const std::string& error : before) messages_before.push_back(message(error));
    for (const std::string& error : errors_of(changed))
      if (std::ranges::find(messages_before, message(error)) == messages_before.end()) found.push_back(error);
    EXPECT_EQ(found, std::vector<std::string>{}) << path;
  }
  EXPECT_GT(tried.size(), 250U);
}

TEST(EveryField, AMisplacedFieldIsToldWhereItBelongs) {
  for (const char* name : {"command", "volumeMounts", "livenessProbe", "stdin", "imagePullPolicy"})
    EXPECT_EQ(mistake(manifest({.spec = fmt::format("  {}: a\n", name)})),
              fmt::format("6:3 unknown field \"{0}\" in spec ({0} belongs under spec.containers[])", name));
  for (const char* name : {"hostNetwork", "tolerations", "volumes"})
    EXPECT_EQ(mistake(fmt::format("{}: a\n", name) + manifest()),
              fmt::format("1:1 unknown field \"{0}\" in the manifest ({0} belongs under spec)", name));
}

TEST(Leniency, LenientModeWarnsOfUnknownFields) {
  const std::string text =
      manifest({.spec = "  colour: red\n", .container = "    tty: yes\n    volumeDevices: [{}]\n"});
  const auto [refused_pod, refused_diagnostics] = parse_with_diagnostics(text, Leniency::Lenient);
  EXPECT_FALSE(refused_pod) << "what is refused for good is not forgiven";
  const auto [pod, diagnostics] = parse_with_diagnostics(manifest({.spec = "  colour: red\n"}), Leniency::Lenient);
  ASSERT_TRUE(pod);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(text_of(diagnostics[0]), "6:3 unknown field \"colour\" in spec; it is left out ()");
  EXPECT_EQ(diagnostics[0].severity, Severity::Warning);
}

TEST(Leniency, LenientModeRefusesAMisspeltRequiredField) {
  EXPECT_FALSE(parse_with_diagnostics(manifest({.container = "  - {naem: two, image: b}\n"}), Leniency::Lenient).pod);
  EXPECT_FALSE(
      parse_with_diagnostics(manifest({.spec = "  volumes: [{name: v, emptydir: {}}]\n"}), Leniency::Lenient).pod);
  EXPECT_FALSE(parse_with_diagnostics(manifest({.spec = "  volmes: [{name: v, emptyDir: {}}]\n",
                               .container = "    volumeMounts: [{name: v, mountPath: /v}]\n"}),
                     Leniency::Lenient)
                   .pod);
}

TEST(Remarks, AFieldWithoutEffectIsNotedWithTheReason) {
  const auto [pod, diagnostics] =
      parse_with_diagnostics(manifest({.spec = "  nodeSelector: {disk: ssd}\n"}), Leniency::Strict);
  ASSERT_TRUE(pod);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].severity, Severity::Note);
  EXPECT_EQ(text_of(diagnostics[0]), "6:3 nodeSelector has no effect: there is one node ()");
}

TEST(Remarks, AVolumeThatNobodyMountsIsAWarning) {
  const std::string text = manifest({.spec = "  volumes: [{name: data, emptyDir: {}}]\n"});
  const auto [pod, diagnostics] = parse_with_diagnostics(text, Leniency::Strict);
  ASSERT_TRUE(pod);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(render(diagnostics, "web.yaml", text),
            "web.yaml:6:20: warning: the volume \"data\" is not mounted by any container\n"
            "    6 |   volumes: [{name: data, emptyDir: {}}]\n"
            "      |                    ^\n\n1 warning\n");
}

TEST(Ports, PortsAreCheckedAndHostPortsNeedANetwork) {
  const auto ports = [](std::string_view spec, std::string_view list) {
    return mistake(manifest({.spec = spec, .container = fmt::format("    ports: [{}]\n", list)}));
  };
  EXPECT_EQ(ports("", "{containerPort: 80, name: web}, {containerPort: 81, name: web}"),
            "9:71 the port name \"web\" is taken (first on line 9)");
  EXPECT_EQ(ports("", "{containerPort: 70000}"), "9:29 containerPort must be from 1 to 65535");
  EXPECT_EQ(ports("", "{containerPort: 80, hostPort: 8080}"), "0 mistakes: ");
  EXPECT_EQ(ports("  hostNetwork: true\n", "{containerPort: 80, hostPort: 80}"), "0 mistakes: ");
  EXPECT_EQ(ports("  hostNetwork: true\n", "{containerPort: 80, hostPort: 81}"),
            "10:43 hostPort must equal containerPort with hostNetwork: true");
}

TEST(Ports, APortOfTheHostThatLeadsNowhereIsAnError) {
  const auto with = [](std::string_view annotations, std::string_view spec = "") {
    return mistake(manifest({.metadata = fmt::format("  name: web\n  annotations: {{{}}}\n", annotations),
                             .spec = spec,
                             .container = "    ports: [{containerPort: 80, hostPort: 8080}]\n"}));
  };
  EXPECT_EQ(with("podrun.io/network: default"), "0 mistakes: ");
  EXPECT_EQ(with("podrun.io/network: none"),
            "10:43 hostPort needs a network that is connected (the pod has loopback only, by podrun.io/network: none)");
  EXPECT_EQ(with("podrun.io/namespaces: \"app: net=private\""),
            "10:43 hostPort needs a network that is connected (that of the container app has loopback only; "
            "podrun.io/network.app: default connects it)");
  EXPECT_EQ(with("podrun.io/namespaces: \"app: net=private\", podrun.io/network.app: default"), "0 mistakes: ");
  EXPECT_EQ(with("podrun.io/namespaces: \"app: net=host\""),
            "10:43 hostPort must equal containerPort with the host's network");
  EXPECT_EQ(with("podrun.io/namespaces: \"app: net=pod\"", "  hostNetwork: true\n"),
            "11:43 hostPort needs a network that is connected (with hostNetwork: true the pod has none of its own but "
            "loopback)");
}

TEST(Ports, ThePortOfAnInitContainerIsNotPublishedAndThatIsAWarning) {
  const auto [pod, diagnostics] = parse_with_diagnostics(
      manifest({.spec = "  initContainers:\n  - name: first\n    image: a\n"
                        "    ports: [{containerPort: 80, hostPort: 8080}]\n",
                .container = "    ports: [{containerPort: 80, hostPort: 8080}]\n"}),
      Leniency::Strict);
  ASSERT_TRUE(pod);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(text_of(diagnostics[0]), "9:43 the hostPort of an init container is not published, as on Kubernetes ()");
  EXPECT_EQ(diagnostics[0].severity, Severity::Warning);
}

}  // namespace
}  // namespace podrun::pod
