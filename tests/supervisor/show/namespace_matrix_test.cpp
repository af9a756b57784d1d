// The matrix of a pod's processes and namespaces as words, as a table, as JSON and as a graph.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "supervisor/commands/json_output.hpp"
#include "supervisor/show/namespace_dot.hpp"
#include "tests/supervisor/show/namespace_matrices.hpp"

namespace podrun::supervisor {
namespace {

using pod::NamespaceKind;

Owners owners(const NamespaceMatrix& matrix, std::size_t member) {
  return owners_of(matrix, matrix.members.at(member));
}

std::uint64_t& id(NamespaceMatrix& matrix, std::size_t member, NamespaceKind kind) {
  return matrix.members.at(member).ids[index_of(kind)];
}

TEST(NamespaceMatrix, EachNamespaceIsTheHostsThePodsOrTheContainersOwn) {
  const NamespaceMatrix matrix = web();
  EXPECT_EQ(owners_of(matrix, matrix.host), (Owners{"host", "host", "host", "host", "host", "host", "host", "host"}));
  EXPECT_EQ(owners(matrix, 0), (Owners{"pod", "pod", "pod", "pod", "host", "host", "host", "host"}));
  EXPECT_EQ(owners(matrix, 1), (Owners{"pod", "pod", "pod", "pod", "own", "host", "host", "host"}));
  EXPECT_EQ(owners(matrix, 2), owners(matrix, 1));
}

TEST(NamespaceMatrix, ASharedNamespaceNamesTheOtherContainer) {
  NamespaceMatrix matrix = web();
  id(matrix, 2, NamespaceKind::Pid) = id(matrix, 1, NamespaceKind::Pid);
  EXPECT_EQ(owners(matrix, 1)[index_of(NamespaceKind::Pid)], "=log");
  EXPECT_EQ(owners(matrix, 2)[index_of(NamespaceKind::Pid)], "=app");
}

TEST(NamespaceMatrix, TheInitsNamespacesAreThePods) {
  const NamespaceMatrix matrix = composed();
  EXPECT_EQ(owners(matrix, 1), (Owners{"pod", "pod", "pod", "pod", "pod", "host", "host", "host"}));
  EXPECT_EQ(owners(matrix, 2)[index_of(NamespaceKind::Pid)], "pod");
}

TEST(NamespaceMatrix, ANamespaceThePauseSharesWithTheHostIsTheHosts) {
  NamespaceMatrix matrix = web();
  for (const std::size_t member : {0, 1, 2}) id(matrix, member, NamespaceKind::Net) = 2;
  for (const std::size_t member : {0, 1, 2}) EXPECT_EQ(owners(matrix, member)[index_of(NamespaceKind::Net)], "host");
}

TEST(NamespaceMatrix, ProcessesThatShareNamespacesAreListedSideBySide) {
  NamespaceMatrix matrix = web();
  matrix.members.push_back(matrix.members[1]);  // shares the pid namespace of app, but is not next to it
  EXPECT_EQ(adjacency_order(sharing_of(matrix)), (std::vector<std::size_t>{0, 2, 1, 3}));
  EXPECT_EQ(adjacency_order(sharing_of(web())), (std::vector<std::size_t>{0, 1, 2}));
}

TEST(NamespaceTable, EachNamespaceOfAColumnHasItsOwnLetter) {
  EXPECT_EQ(matrix_text(composed(), false),
            "NAME                                      PID   mnt   net    ipc    uts    pid    user   cgroup   time\n"
            "pause                                     100   A     A      A      A      host   host   host     host\n"
            "init                                      101   A     A      A      A      B      host   host     host\n"
            "web                                       102   A     A      A      C      B      host   c        host\n"
            "db                                        103   d     D      host   C      B      host   host     d\n"
            "a-name-that-is-as-long-as-a-label-may-be  104   A     D      A      e      e      host   host     host\n"
            "hosts                                     105   A     host   host   host   host   host   host     host\n"
            "\n"
            "A     shared with pause: mnt:[11] net:[12] ipc:[13] uts:[14]\n"
            "B     shared with init: pid:[15]\n"
            "C     shared with web: uts:[44]\n"
            "D     shared with db: net:[42]\n"
            "c-e   not shared with another process of the pod\n"
            "host  the host's\n");
}

TEST(NamespaceTable, SharedNamespacesAreColoured) {
  const std::string text = matrix_text(web(), true);
  EXPECT_NE(text.find("\x1b[30;42m A   \x1b[0m"), std::string::npos);
  EXPECT_NE(text.find("\x1b[2m host \x1b[0m"), std::string::npos);
  std::string plain = text;
  for (auto at = plain.find('\x1b'); at != std::string::npos; at = plain.find('\x1b'))
    plain.erase(at, plain.find('m', at) - at + 1);
  const auto first_line = [](const std::string& lines) { return lines.substr(0, lines.find('\n')); };
  EXPECT_EQ(first_line(plain), first_line(matrix_text(web(), false))) << "the columns are the same";
}

TEST(NamespaceTable, MoreThan26NamespacesGetTwoLetters) {
  NamespaceMatrix matrix = web();
  for (std::uint64_t more = 0; more < 30; ++more) {
    matrix.members.push_back(matrix.members[1]);
    id(matrix, matrix.members.size() - 1, NamespaceKind::Pid) = 100 + more;
  }
  const std::string text = matrix_text(matrix, false);
  EXPECT_NE(text.find(" z "), std::string::npos);
  EXPECT_NE(text.find(" aa "), std::string::npos);
}

TEST(NamespaceJson, EachNamespaceHasANumberAnOwnerAndALetter) {
  const auto json = nlohmann::json::parse(to_json("default_web", web()));
  EXPECT_EQ(json["pod"], "default_web");
  ASSERT_EQ(json["processes"].size(), 4U);
  EXPECT_EQ(json["processes"][0]["role"], "host");
  EXPECT_EQ(json["processes"][1]["role"], "pause");
  const auto& app = json["processes"][2];
  EXPECT_EQ(app["name"], "app");
  EXPECT_EQ(app["role"], "container");
  EXPECT_EQ(app["pid"], 101);
  EXPECT_EQ(app["namespaces"].size(), pod::namespace_kinds);
  EXPECT_EQ(app["namespaces"]["net"], nlohmann::json::parse(R"({"id":12,"owner":"pod","letter":"A"})"));
  EXPECT_EQ(app["namespaces"]["pid"], nlohmann::json::parse(R"({"id":21,"owner":"own","letter":"b"})"));
  EXPECT_EQ(app["namespaces"]["user"], nlohmann::json::parse(R"({"id":6,"owner":"host"})"));
}

TEST(NamespaceDot, ProcessesThatShareNamespacesAreJoinedToOneNode) {
  EXPECT_EQ(to_dot("default_web", web()),
            "graph \"web\" {\n"
            "  rankdir=LR;\n"
            "  node [fontname=\"monospace\", style=rounded];\n"
            "  p0 [shape=box, label=\"pause\\npid 100\\nhost's: pid user cgroup time\"];\n"
            "  p1 [shape=box, label=\"app\\npid 101\\nown: pid\\nhost's: user cgroup time\"];\n"
            "  p2 [shape=box, label=\"log\\npid 102\\nown: pid\\nhost's: user cgroup time\"];\n"
            "  n0 [shape=ellipse, label=\"A\\nmnt net ipc uts\"];\n"
            "  n0 -- p0;\n"
            "  n0 -- p1;\n"
            "  n0 -- p2;\n"
            "}\n");
}

}  // namespace
}  // namespace podrun::supervisor
