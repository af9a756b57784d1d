// The matrix of containers and namespaces.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "supervisor/commands/json.hpp"
#include "supervisor/namespace_matrix.hpp"

namespace podrun::supervisor {
namespace {

using pod::NamespaceKind;

constexpr std::size_t index_of(NamespaceKind kind) {
  return static_cast<std::size_t>(kind);
}

/// A process whose namespaces are the host's, numbered 1 to 8, but for those given.
NamespaceRow process(std::string name, pid_t pid,
                     std::vector<std::pair<NamespaceKind, std::uint64_t>> others = {}) {
  NamespaceRow row{.name = std::move(name), .pid = pid, .ids = {1, 2, 3, 4, 5, 6, 7, 8}};
  for (const auto& [kind, id] : others) row.ids[index_of(kind)] = id;
  return row;
}

/// A pod as podrun makes it: mnt, net, ipc and uts are shared, pid is each container's own.
NamespaceMatrix web() {
  using enum NamespaceKind;
  return {.host = process("host", 1),
          .pause = process("pause", 100, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}}),
          .containers = {process("app", 101, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}, {Pid, 21}}),
                         process("log", 102, {{Mnt, 11}, {Net, 12}, {Ipc, 13}, {Uts, 14}, {Pid, 22}})}};
}

TEST(NamespaceMatrix, TellsTheHostsThePodsAndAContainersOwn) {
  const std::vector<Owners> words = owners(web());
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[0], (Owners{"host", "host", "host", "host", "host", "host", "host", "host"}));
  EXPECT_EQ(words[1], (Owners{"pod", "pod", "pod", "pod", "host", "host", "host", "host"}));
  EXPECT_EQ(words[2], (Owners{"pod", "pod", "pod", "pod", "own", "host", "host", "host"}));
  EXPECT_EQ(words[3], words[2]);
}

TEST(NamespaceMatrix, NamesTheContainerThatANamespaceIsSharedWith) {
  NamespaceMatrix matrix = web();
  matrix.containers[1].ids[index_of(NamespaceKind::Pid)] = 21;
  const std::vector<Owners> words = owners(matrix);
  EXPECT_EQ(words[2][index_of(NamespaceKind::Pid)], "=log");
  EXPECT_EQ(words[3][index_of(NamespaceKind::Pid)], "=app");
  EXPECT_NE(matrix_text(matrix).find("\n=...  shared with that container\n"), std::string::npos);
}

TEST(NamespaceMatrix, WhatThePauseSharesWithTheHostIsTheHosts) {
  NamespaceMatrix matrix = web();
  for (NamespaceRow* row : {&matrix.pause, &matrix.containers[0], &matrix.containers[1]})
    row->ids[index_of(NamespaceKind::Net)] = matrix.host.ids[index_of(NamespaceKind::Net)];
  const std::vector<Owners> words = owners(matrix);
  for (const Owners& row : words) EXPECT_EQ(row[index_of(NamespaceKind::Net)], "host");
}

TEST(NamespaceMatrix, IsATableWithALegend) {
  EXPECT_EQ(matrix_text(web()),
            "NAME    PID   mnt    net    ipc    uts    pid    user   cgroup   time\n"
            "host    1     host   host   host   host   host   host   host     host\n"
            "pause   100   pod    pod    pod    pod    host   host   host     host\n"
            "app     101   pod    pod    pod    pod    own    host   host     host\n"
            "log     102   pod    pod    pod    pod    own    host   host     host\n"
            "\n"
            "host  this host's\n"
            "pod   the pod's, held by its pause: mnt:[11] net:[12] ipc:[13] uts:[14]\n"
            "own   this container's alone\n");
}

TEST(NamespaceMatrix, IsJsonToo) {
  const auto json = nlohmann::json::parse(to_json("default_web", web()));
  EXPECT_EQ(json["pod"], "default_web");
  ASSERT_EQ(json["processes"].size(), 4u);
  EXPECT_EQ(json["processes"][0]["role"], "host");
  EXPECT_EQ(json["processes"][1]["role"], "pause");
  const auto& app = json["processes"][2];
  EXPECT_EQ(app["name"], "app");
  EXPECT_EQ(app["role"], "container");
  EXPECT_EQ(app["pid"], 101);
  EXPECT_EQ(app["namespaces"].size(), pod::namespace_kinds);
  EXPECT_EQ(app["namespaces"]["net"], nlohmann::json::parse(R"({"id":12,"owner":"pod"})"));
  EXPECT_EQ(app["namespaces"]["pid"], nlohmann::json::parse(R"({"id":21,"owner":"own"})"));
}

}  // namespace
}  // namespace podrun::supervisor
