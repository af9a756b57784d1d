// The signals that may stop a container: names ⇄ numbers.
#include "pod/spec/signals.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace podrun::pod {

std::optional<int> signal_of(std::string_view name) {
  const auto* const found = std::ranges::find(stop_signals, name, &std::pair<std::string_view, int>::first);
  return found == stop_signals.end() ? std::nullopt : std::optional(found->second);
}

std::optional<int> image_signal(std::string_view text) {
  constexpr int last = 64;  // SIGRTMAX
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size())
    return number >= 1 && number <= last ? std::optional(number) : std::nullopt;
  std::string name(text);
  for (char& letter : name)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  return signal_of(name.starts_with("SIG") ? name : "SIG" + name);
}

std::string signal_name(int number) {
  // Of two names for one signal the usual one.
  for (const std::string_view usual : {"SIGCHLD", "SIGABRT", "SIGIO"})
    if (signal_of(usual) == number) return std::string(usual);
  const auto* const found = std::ranges::find(stop_signals, number, &std::pair<std::string_view, int>::second);
  return found == stop_signals.end() ? std::to_string(number) : std::string(found->first);
}

}  // namespace podrun::pod
