// The containers, hooks and probes of one scenario.
#include "tests/system/lifecycle/scenarios/actors.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include <gtest/gtest.h>

namespace podrun::test {
namespace {

/// "1700000000123456789 preStop of a runs".
SaidLine parse(std::string_view message) {
  long long time = 0;
  const auto [end, error] = std::from_chars(message.data(), message.data() + message.size(), time);
  const std::string_view text = message.substr(static_cast<std::size_t>(end - message.data()));
  return {supervisor::WallTime(std::chrono::nanoseconds(time)),
          std::string(text.substr(std::min<std::size_t>(1, text.size())))};
}

/// "preStop of a" of "preStop of a runs", "a" of "a gets TERM".
std::string speaker_of(const std::string& text) {
  const std::size_t of = text.find(" of ");
  return text.substr(0, text.find(' ', of == std::string::npos ? 0 : of + 4));
}

}  // namespace

Actors::Actors(const std::string& folder)
    : listener_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = folder + "/socket";
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size() + 1, sizeof address.sun_path - 1));
  if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0 ||
      ::listen(listener_.get(), 64) < 0)
    ADD_FAILURE() << "cannot listen at " << path << ": " << std::strerror(errno);
}

void Actors::add_to(std::vector<pollfd>& watched) const {
  watched.push_back({listener_.get(), POLLIN, 0});
  for (const Actor& actor : actors_) watched.push_back({actor.connection.get(), POLLIN, 0});
}

void Actors::accept_all() {
  for (;;) {
    Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!connection) return;
    actors_.push_back({.connection = std::move(connection), .who = ""});
  }
}

std::vector<SaidLine> Actors::hear() {
  accept_all();
  std::vector<SaidLine> lines;
  for (Actor& actor : actors_) {
    char message[256];
    ssize_t length = 0;
    while ((length = ::recv(actor.connection.get(), message, sizeof message, 0)) > 0) {
      lines.push_back(parse({message, static_cast<std::size_t>(length)}));
      if (actor.who.empty()) actor.who = speaker_of(lines.back().text);
    }
    if (length == 0 || errno != EAGAIN) actor.connection.reset();
  }
  std::erase_if(actors_, [](const Actor& actor) { return !actor.connection; });
  return lines;
}

bool Actors::tell(const std::string& who, const std::string& order) {
  for (Actor& actor : actors_) {
    if (actor.who != who || actor.is_told) continue;
    actor.is_told = true;
    return ::send(actor.connection.get(), order.data(), order.size(), MSG_NOSIGNAL) > 0;
  }
  return false;
}

}  // namespace podrun::test
