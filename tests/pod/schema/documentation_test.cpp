// The parts of the documents that are generated from the tables. After an intended change, look at the difference and
// then run
//
//   PODRUN_UPDATE_GOLDEN=1 build/dev/podrun-test-pod --gtest_filter='Documentation.*'
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/schema/schema.hpp"

namespace podrun::pod {
namespace {

const std::filesystem::path source = PODRUN_SOURCE_DIR;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Expects TEXT between two lines of a file. With PODRUN_UPDATE_GOLDEN, writes it there.
void expect_between(const std::filesystem::path& path, std::string_view first, std::string_view last,
                    const std::string& text) {
  const std::string whole = read_file(path);
  const std::size_t before = whole.find(first);
  ASSERT_NE(before, whole.npos) << path << " has no line " << first;
  const std::size_t begin = before + first.size() + 1;
  const std::size_t end = whole.find(last, begin);
  ASSERT_NE(end, whole.npos) << path << " has no line " << last;
  if (std::getenv("PODRUN_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path) << whole.substr(0, begin) << text << whole.substr(end);
    return;
  }
  EXPECT_EQ(whole.substr(begin, end - begin), text) << path;
}

/// What the manual says about a field's support; nothing if it is used.
std::string class_of(const FieldSupport& support) {
  switch (support.level) {
    case SupportLevel::Used:
      return "";
    case SupportLevel::NoEffect:
      return fmt::format("no effect: {}", support.text);
    case SupportLevel::Refused:
      return fmt::format("refused: {}", support.text);
    case SupportLevel::Checked:
      return "";
  }
  return "";
}

/// The number of fields of a type for each level of support.
struct Support {
  std::size_t used = 0, no_effect = 0, refused = 0;

  std::size_t all() const { return used + no_effect + refused; }
};

Support support(std::string_view type) {
  Support count;
  for (const Row& row : find_table(type)->rows) {
    switch (row.support.level) {
      case SupportLevel::Used:
        ++count.used;
        break;
      case SupportLevel::NoEffect:
        ++count.no_effect;
        break;
      case SupportLevel::Refused:
        ++count.refused;
        break;
      case SupportLevel::Checked:
        break;
    }
  }
  return count;
}

constexpr std::string_view types[] = {"Pod",    "PodSpec",    "PodSecurityContext", "Container", "SecurityContext",
                                      "Volume", "VolumeMount"};

/// The fields of one type, at one place of a Pod.
struct FieldGroup {
  std::string place;  ///< "spec.volumes[]"; empty: the Pod itself
  std::string_view type;
  std::vector<SchemaRow> rows;
};

/// Types that several fields of a container have. The first place that has one stands for all.
constexpr std::string_view listed_once[] = {"Probe",      "LifecycleHandler", "ExecAction", "HTTPGetAction",
                                            "HTTPHeader", "TCPSocketAction",  "GRPCAction", "SleepAction"};

/// All fields by their places, in the order of the tables.
std::vector<FieldGroup> field_groups() {
  std::vector<FieldGroup> groups;
  for (const SchemaRow& row : schema_rows()) {
    if (row.row->support.level == SupportLevel::Checked) continue;
    if (row.path.starts_with("spec.initContainers[].")) continue;  // they have the fields of containers
    const std::size_t dot = row.path.rfind('.');
    const std::string place = dot == row.path.npos ? "" : row.path.substr(0, dot);
    auto group = std::ranges::find(groups, place, &FieldGroup::place);
    const bool has_many_places = std::ranges::find(listed_once, row.owner) != std::end(listed_once);
    if (group == groups.end() && has_many_places &&
        std::ranges::find(groups, row.owner, &FieldGroup::type) != groups.end())
      continue;
    if (group == groups.end()) group = groups.insert(groups.end(), {place, row.owner, {}});
    group->rows.push_back(row);
  }
  return groups;
}

/// A path for troff, which may break the line behind each dot.
std::string breakable(std::string_view path) {
  std::string text;
  for (const char letter : path) text += letter == '.' ? ".\\:" : std::string(1, letter);
  return text;
}

TEST(Documentation, TheManualListsEveryFieldWithItsClass) {
  std::string text;
  for (const FieldGroup& group : field_groups()) {
    text += group.place.empty() ? fmt::format(".Pp\n{}:\n", group.type)
                                : fmt::format(".Pp\n.Cm {}\n.Pq {} :\n", breakable(group.place), group.type);
    text += ".Bl -tag -width 18n -offset 2n -compact\n";
    for (const SchemaRow& row : group.rows) {
      const std::string support = class_of(row.row->support);
      text += fmt::format(".It Li {}\n{}{}{}\n", row.row->name, row.row->type, support.empty() ? "" : ", ", support);
    }
    text += ".El\n";
  }
  expect_between(source / "man/podrun-pod.5", ".\\\" fields: from the tables, by documentation_test.cpp",
                 ".\\\" end of the fields", text);
}

TEST(Documentation, TheManualCountsWhatIsSupported) {
  std::string text = ".Bl -column \"PodSecurityContext\" \"all\" \"used\" \"no effect\" \"refused\"\n"
                     ".It Sy Type Ta Sy all Ta Sy used Ta Sy no effect Ta Sy refused\n";
  for (const std::string_view type : types) {
    const Support s = support(type);
    text +=
        fmt::format(".It {} Ta {} Ta {} Ta {} Ta {}\n", type, s.all(), s.used, s.no_effect, s.refused);
  }
  expect_between(source / "man/podrun-pod.5", ".\\\" support: from the tables, by documentation_test.cpp",
                 ".\\\" end of the support", text + ".El\n");
}

TEST(Documentation, TheReadmeCountsWhatIsSupported) {
  std::string text = "| type | fields | used | without effect on one node | refused, with the reason |\n"
                     "|---|--:|--:|--:|--:|\n";
  for (const std::string_view type : types) {
    const Support s = support(type);
    text += fmt::format("| {} | {} | {} | {} | {} |\n", type, s.all(), s.used, s.no_effect, s.refused);
  }
  expect_between(source / "README.md", "<!-- support: from the tables, by documentation_test.cpp -->", "<!-- end -->",
                 text);
}

}  // namespace
}  // namespace podrun::pod
