// What a network adds to a pod's start and stop. Pods with and without one, of podrun and of the floor, take turns, so that
// a slow period of the machine affects all.
#include <net/if.h>
#include <signal.h>

#include <array>

#include "namespaces/network/network_steps.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/bench/network_requests.hpp"

namespace podrun::bench {
namespace {

/// A pod that is measured: of podrun or of the floor, with a network or without.
struct Subject {
  std::vector<std::string> command;
  bool has_network;
  std::vector<double> starts{}, ends{};  // ms
};

/// The name of the one interface that pods have on the host; "" if there is none.
std::string interface_of_pods() {
  std::string found;
  struct if_nameindex* const all = ::if_nameindex();
  for (const struct if_nameindex* each = all; each != nullptr && each->if_index != 0; ++each)
    if (std::string_view(each->if_name).starts_with("podrun")) found = each->if_name;
  ::if_freenameindex(all);
  return found;
}

/// The start, until both containers run, and the end, until the interface is gone.
Result<> run(BenchRoot& place, Subject& subject, bool is_counted) {
  constexpr std::chrono::seconds longest{5};
  auto [running, marks] = TRY(place.start(subject.command, 2));
  const double start = milliseconds(latest(marks) - running.began());
  const std::string interface = interface_of_pods();
  if (interface.empty() == subject.has_network) return fail(subject.command.front() + ": the pod's network is wrong");
  const Nanoseconds asked = monotonic_now();
  running.signal(SIGTERM);
  TRY_VOID(running.wait());
  if (subject.has_network) TRY_VOID(ns::wait_for_link_end(interface, longest));
  const double end = milliseconds(monotonic_now() - asked);
  if (!is_counted) return {};
  subject.starts.push_back(start);
  subject.ends.push_back(end);
  return {};
}

}  // namespace

Result<Figures> measure_networks(BenchRoot& place) {
  const std::string requests = place / "requests";
  TRY_VOID(write_network_requests(requests));
  std::array subjects{
      Subject{place.floor_pod("pod"), false}, Subject{place.floor_pod("network", {requests}), true},
      Subject{TRY(place.pod({.name = "alone"})), false},
      Subject{TRY(place.pod({.name = "connected", .has_network = true})), true}};
  for (int turn = -place.scale().warm_ups; turn < place.scale().runs; ++turn)
    for (Subject& subject : subjects) TRY_VOID(run(place, subject, turn >= 0));
  for (const char* name : {"alone", "connected"}) TRY_VOID(place.check_that_nothing_is_left(name));
  const auto& [floor_alone, floor, alone, connected] = subjects;
  const auto figure = [](std::string name, std::string what, double value, double beside, double times) {
    return Figure{.name = "network." + name,
                  .what = std::move(what),
                  .unit = "ms",
                  .value = value,
                  .beside = Beside{"floor", beside},
                  .target = Target{Target::Kind::AtMostTimes, times}};
  };
  const auto added = [](const std::vector<double>& with, const std::vector<double>& without) {
    return median(with) - median(without);
  };
  Figure end{.name = "network.stop",
             .what = "SIGTERM → everything gone, with a network",
             .unit = "ms",
             .value = median(connected.ends),
             .beside = Beside{"its end alone + the link's", median(alone.ends) + added(floor.ends, floor_alone.ends)},
             .target = Target{Target::Kind::AtMostTimes, 1}};
  return Figures{figure("start", "cold start with a network", median(connected.starts), median(floor.starts), 2),
                 figure("start.none", "  without", median(alone.starts), median(floor_alone.starts), 2),
                 figure("start.added", "  what the network adds", added(connected.starts, alone.starts),
                        added(floor.starts, floor_alone.starts), 1.5),
                 std::move(end)};
}

}  // namespace podrun::bench
