// The containers, hooks and probes of one scenario, as they are connected with the test (tests/probe/actor.cpp).
#pragma once

#include <poll.h>

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::test {

/// A line that somebody has said, or that the test has seen.
struct SaidLine {
  supervisor::WallTime time;
  std::string text;
};

/// Listens at a socket in a folder.
class Actors {
 public:
  explicit Actors(const std::string& folder);

  /// Adds the descriptors to wait for.
  void add_to(std::vector<pollfd>& watched) const;
  /// Takes what has been said: "a runs", "a gets TERM", "preStop of a runs", "liveness of a tries".
  std::vector<SaidLine> hear();
  /// Tells `who`, "a" or "preStop of a", to end so: "CODE WORDS". False if there is none that was told nothing yet.
  bool tell(const std::string& who, const std::string& order);

 private:
  struct Actor {
    Fd connection;
    std::string who;
    bool is_told = false;
  };
  void accept_all();

  Fd listener_;
  std::vector<Actor> actors_;
};

}  // namespace podrun::test
