// Two containers with each pair of sources, for each of the eight kinds of namespaces. The namespaces are read from
// /proc.
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using pod::NamespaceKind;
using supervisor::PodRecord;

/// The sources of one kind for two containers, and the owners of the namespaces that result: "pod", "host", "own", or
/// the other container's name.
struct Pair {
  std::string a, b;              ///< the sources
  std::string a_is, b_is;        ///< the owners; empty if the pair is refused
};

const std::vector<Pair> pairs{
    {"pod", "pod", "pod", "pod"},
    {"pod", "private", "pod", "own"},
    {"pod", "host", "pod", "host"},
    {"pod", "container:a", "pod", "pod"},
    {"private", "pod", "own", "pod"},
    {"private", "private", "own", "own"},
    {"private", "host", "own", "host"},
    {"private", "container:a", "own", "a"},
    {"host", "pod", "host", "pod"},
    {"host", "private", "host", "own"},
    {"host", "host", "host", "host"},
    {"host", "container:a", "host", "host"},
    {"container:b", "pod", "pod", "pod"},
    {"container:b", "private", "b", "own"},
    {"container:b", "host", "host", "host"},
    {"container:b", "container:a", "", ""},
};

std::string name_of(const testing::TestParamInfo<Pair>& info) {
  const auto word = [](const std::string& source) {
    return source.starts_with("container") ? std::string("Other")
                                           : std::string(1, static_cast<char>(source[0] - 32)) + source.substr(1);
  };
  return word(info.param.a) + "And" + word(info.param.b);
}

/// The names of the two containers of a kind.
std::string first_of(std::string_view kind) { return fmt::format("{}-a", kind); }
std::string second_of(std::string_view kind) { return fmt::format("{}-b", kind); }

bool is_circle(const Pair& pair) {
  return pair.a_is.empty();
}
/// Whether the pair is possible for every kind, also for user namespaces.
bool is_possible_for_all_kinds(const Pair& pair) {
  return pair.a == "host" && pair.b == "host";
}

std::vector<Pair> pairs_except(bool (*is_left_out)(const Pair&)) {
  std::vector<Pair> chosen;
  std::ranges::remove_copy_if(pairs, std::back_inserter(chosen), is_left_out);
  return chosen;
}

class NamespaceComposition : public testing::TestWithParam<Pair> {
 protected:
  static std::string source_for(std::string source, std::string_view kind) {
    if (source.starts_with("container:")) source = fmt::format("container:{}-{}", kind, source.back());
    return source;
  }
  static std::string line(std::string_view kind) {
    return fmt::format("{}: {}={}\n{}: {}={}\n", first_of(kind), kind, source_for(GetParam().a, kind), second_of(kind),
                       kind, source_for(GetParam().b, kind));
  }
  static bool is_host(const std::string& owner) { return owner == "host"; }

  /// The two containers of a kind. A container with the host's mounts has the host's root as its image.
  static std::vector<ContainerText> containers_of(std::string_view kind) {
    const auto text = [&](const std::string& name, const std::string& owner) {
      const bool host_mounts = kind == "mnt" && is_host(owner);
      return ContainerText{.name = name,
                           .script = "",
                           .fields = "command: [sleep, '1000']",
                           .image = host_mounts ? "rootfs:/" : "localhost/busybox"};
    };
    return {text(first_of(kind), GetParam().a_is), text(second_of(kind), GetParam().b_is)};
  }
  static std::string pod_of(const std::string& lines, const std::vector<ContainerText>& containers) {
    std::string annotation = "  annotations:\n    podrun.io/namespaces: |\n";
    for (const std::string& each : lines_of(lines)) annotation += "      " + each + "\n";
    std::string text = manifest("pairs", containers, "restartPolicy: Never\nterminationGracePeriodSeconds: 0");
    return text.insert(text.find("spec:"), annotation);
  }

  /// Whether this pair is refused for a kind.
  static bool is_refused(std::string_view kind) {
    const Pair& pair = GetParam();
    return is_circle(pair) || (kind == "user" && !is_possible_for_all_kinds(pair));
  }

  TemporaryRoot root_;
};
using RefusedComposition = NamespaceComposition;

TEST_P(NamespaceComposition, EachNamespaceIsTheOneTheManifestNames) {
  std::string lines;
  std::vector<ContainerText> containers;
  std::vector<std::size_t> kinds;
  for (std::size_t kind = 0; kind < pod::namespace_kinds; ++kind) {
    const std::string_view name = pod::namespace_names[kind];
    if (is_refused(name)) continue;
    kinds.push_back(kind);
    lines += line(name);
    for (ContainerText& each : containers_of(name)) containers.push_back(std::move(each));
  }
  ASSERT_GE(kinds.size(), pod::namespace_kinds - 1);
  const HostSnapshot before = snapshot(root_);
  const Finished started = run(root_, {"-d", root_.write("pairs.yaml", pod_of(lines, containers))});
  ASSERT_EQ(started.status, 0) << started.err;
  const Processes running = processes_of(root_, "default_pairs");
  const PodRecord record = wait_for_state(root_, "default_pairs", [](const PodRecord&) { return true; });

  for (const std::size_t kind : kinds) {
    const auto name = pod::namespace_names[kind];
    SCOPED_TRACE(name);
    const auto id = [&](pid_t pid) { return namespaces_of(pid)[kind]; };
    const bool of_init = kind >= static_cast<std::size_t>(NamespaceKind::Pid);
    const std::uint64_t host = id(::getpid()), pods = id(of_init ? record.init : record.pause);
    const std::uint64_t a = id(running[first_of(name)]), b = id(running[second_of(name)]);
    const auto check = [&](std::uint64_t own, std::uint64_t other, const std::string& owner) {
      ASSERT_NE(own, 0U);
      EXPECT_EQ(own == host, owner == "host") << owner;
      EXPECT_EQ(own == pods && pods != host, owner == "pod") << owner;
      const bool joined = GetParam().a_is == "b" || GetParam().b_is == "a";
      EXPECT_TRUE(owner == "host" || owner == "pod" || (own == other) == joined) << owner;
    };
    check(a, b, GetParam().a_is);
    check(b, a, GetParam().b_is);
  }
  EXPECT_EQ(run(root_, {"ns", "--verify", "pairs"}).status, 0);
  EXPECT_EQ(run(root_, {"stop", "pairs"}).status, 0);
  std::filesystem::remove_all(root_.layout().logs());
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_P(RefusedComposition, AnImpossibleCompositionIsRefusedWithItsReason) {
  std::size_t refused = 0;
  for (const std::string_view kind : pod::namespace_names) {
    if (!is_refused(kind)) continue;
    ++refused;
    SCOPED_TRACE(kind);
    const Finished checked = run(root_, {"check", root_.write("pairs.yaml", pod_of(line(kind), containers_of(kind)))});
    EXPECT_EQ(checked.status, 2);
    const bool circle = GetParam().a_is.empty() && kind != "user";
    EXPECT_TRUE(holds(checked.err,
                      circle ? fmt::format("{}-a: {} is a circle: {}-a → {}-b → {}-a", kind, kind, kind, kind, kind)
                             : std::string("user namespaces are not supported yet")))
        << checked.err;
  }
  EXPECT_EQ(refused, is_circle(GetParam()) ? pod::namespace_kinds : 1);
}

INSTANTIATE_TEST_SUITE_P(Pair, NamespaceComposition, testing::ValuesIn(pairs_except(is_circle)), name_of);
INSTANTIATE_TEST_SUITE_P(Pair, RefusedComposition, testing::ValuesIn(pairs_except(is_possible_for_all_kinds)), name_of);

}  // namespace
}  // namespace podrun::test
