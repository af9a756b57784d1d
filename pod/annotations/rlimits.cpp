// Resource limits of containers.
#include "pod/annotations/rlimits.hpp"

#include <algorithm>
#include <expected>
#include <optional>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "pod/annotations/composition_text.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/quantity.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint64_t mebi = 1 << 20;
/// The upper bound of fs.nr_open in the kernel (sysctl_nr_open_max).
constexpr std::uint64_t most_files_ever = 0x7fffffc0;
/// execve(2) reserves at least this much for a program's arguments.
constexpr std::uint64_t smallest_stack = 128 << 10;

/// A value of an annotation: the soft and the hard limit.
struct Range {
  std::uint64_t soft = 0, hard = 0;
};

std::optional<std::uint64_t> number_in(std::string_view text) {
  if (text == "unlimited") return unlimited;
  const auto quantity = parse_quantity(text);
  if (!quantity || quantity->units < 0 || quantity->nanos != 0) return std::nullopt;
  return static_cast<std::uint64_t>(quantity->units);
}

std::optional<Range> range_in(std::string_view text) {
  const auto colon = text.find(':');
  const auto soft = number_in(text.substr(0, colon));
  const auto hard = colon == text.npos ? soft : number_in(text.substr(colon + 1));
  if (!soft || !hard) return std::nullopt;
  return Range{*soft, *hard};
}

/// A line: a range and, optionally, a container's name before it.
struct LimitLine {
  std::string_view name;
  Range range;
};

std::optional<LimitLine> line_in(std::string_view text) {
  if (const auto range = range_in(text)) return LimitLine{"", *range};
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const auto range = range_in(trimmed(text.substr(colon + 1)));
  const std::string_view name = trimmed(text.substr(0, colon));
  if (!range || name.empty()) return std::nullopt;
  return LimitLine{name, *range};
}

/// The lines of an annotation without those that limit_lines() refuses. An annotation that is missing has none.
std::vector<LimitLine> lines_in(std::string_view value) {
  std::vector<LimitLine> lines;
  for (const auto part : std::views::split(value, '\n'))
    if (const auto line = line_in(trimmed(std::string_view(part.begin(), part.end())))) lines.push_back(*line);
  return lines;
}

std::string_view annotation_of(const Pod& pod, Resource resource) {
  const auto& annotations = pod.metadata.annotations;
  const auto found = annotations.find(std::string(limit_annotations[static_cast<std::size_t>(resource)]));
  return found == annotations.end() ? std::string_view{} : found->second;
}

/// The reason why the kernel, or every program, would fail with such a limit; "" if there is none.
std::string_view impossible(Resource resource, const Range& range) {
  if (range.soft > range.hard) return "the soft limit is above the hard one";
  if (resource == Resource::Nofile && range.hard > most_files_ever)
    return "no kernel allows more than 2147483584 open files";
  if (resource == Resource::Nice && range.hard > 40) return "it goes from 0 to 40";
  if (resource == Resource::Rtprio && range.hard > 99) return "it goes from 0 to 99";
  if (resource == Resource::Stack && range.soft < smallest_stack) return "no program starts with a stack below 128Ki";
  return "";
}

std::optional<Range> requested_limit(const Pod& pod, std::size_t container, Resource resource) {
  std::optional<Range> wish;
  for (const LimitLine& line : lines_in(annotation_of(pod, resource))) {
    if (line.name == pod.spec.containers[container].name) return line.range;
    if (line.name.empty()) wish = line.range;
  }
  return wish;
}

bool counts_bytes(Resource resource) {
  using enum Resource;
  constexpr std::array bytes{Fsize, Data, Stack, Core, Rss, Memlock, As, Msgqueue};
  return std::ranges::find(bytes, resource) != bytes.end();
}

std::string value_words(Resource resource, std::uint64_t value) {
  if (value == unlimited) return "unlimited";
  if (value == 0 || !counts_bytes(resource)) return fmt::format("{}", value);
  if (value % mebi == 0) return fmt::format("{}Mi", value / mebi);
  return value % 1024 == 0 ? fmt::format("{}Ki", value / 1024) : fmt::format("{}", value);
}

/// The reason for the host's bounds, as a part of a sentence.
std::string_view why_not_more(const HostFacts& facts) {
  return facts.capabilities & capability_bit("SYS_RESOURCE") ? "fs.nr_open allows no more"
                                                             : "without CAP_SYS_RESOURCE podrun cannot raise its own";
}

}  // namespace

ValueError limit_lines(std::string_view value) {
  std::size_t lines = 0;
  for (const auto part : std::views::split(value, '\n')) {
    const std::string_view line = trimmed(std::string_view(part.begin(), part.end()));
    if (line.empty()) continue;
    ++lines;
    if (!line_in(line)) lines = 0;
    if (lines == 0) break;
  }
  return lines > 0 ? ValueError{} : "a number, SOFT:HARD or unlimited, or lines of NAME: and one of these";
}

std::vector<LimitError> check_limits(const Pod& pod) {
  std::vector<std::string> names;
  for (const Container& container : pod.spec.containers) names.push_back(container.name);
  std::vector<LimitError> errors;
  for (std::size_t i = 0; i < resource_kinds; ++i) {
    const auto resource = static_cast<Resource>(i);
    const auto add_error = [&](std::string message) { errors.push_back({limit_annotations[i], std::move(message)}); };
    std::vector<std::string_view> seen;
    for (const LimitLine& line : lines_in(annotation_of(pod, resource))) {
      const std::string whose = line.name.empty() ? "" : fmt::format("{}: ", line.name);
      if (const auto known = container_called(line.name, names); !line.name.empty() && !known) add_error(known.error());
      else if (std::ranges::find(seen, line.name) != seen.end())
        add_error(line.name.empty() ? "two lines are without a name: only one can be for all other containers"
                                    : fmt::format("{} is there twice", in_quotes(line.name)));
      else if (const std::string_view why = impossible(resource, line.range); !why.empty())
        add_error(fmt::format("{}{}: {}", whose, limit_words({resource, line.range.soft, line.range.hard}), why));
      seen.push_back(line.name);
    }
  }
  return errors;
}

std::vector<ResourceLimit> default_limits(const HostFacts& facts) {
  using enum Resource;
  constexpr std::uint64_t most_pending = 4096;
  const std::uint64_t pending = std::min(most_pending, facts.most_threads / 8);
  std::vector<ResourceLimit> limits(resource_kinds);
  for (std::size_t i = 0; i < resource_kinds; ++i) limits[i].resource = static_cast<Resource>(i);
  const auto set = [&](Resource resource, std::uint64_t soft, std::uint64_t hard) {
    limits[static_cast<std::size_t>(resource)] = {resource, soft, hard};
  };
  set(Stack, 8 * mebi, unlimited);
  set(Core, 0, unlimited);
  set(Nofile, 1024, 1048576);
  set(Memlock, 8 * mebi, 8 * mebi);
  set(Sigpending, pending, pending);
  set(Msgqueue, 819200, 819200);
  set(Nice, 0, 0);
  set(Rtprio, 0, 0);
  return limits;
}

std::uint64_t highest_limit(Resource resource, const HostFacts& facts) {
  const std::uint64_t of_kernel = resource == Resource::Nofile ? facts.most_open_files : unlimited;
  if (facts.capabilities & capability_bit("SYS_RESOURCE")) return of_kernel;
  return std::min(of_kernel, facts.hard_limits[static_cast<std::size_t>(resource)]);
}

Limits limits_of(const Pod& pod, std::size_t container, const HostFacts& facts) {
  Limits limits{.set = default_limits(facts)};
  std::vector<std::string> reduced;
  for (ResourceLimit& limit : limits.set) {
    const auto wish = requested_limit(pod, container, limit.resource);
    if (wish) limit = {limit.resource, wish->soft, wish->hard};
    const ResourceLimit wanted = limit;
    const std::uint64_t most = highest_limit(limit.resource, facts);
    limit.hard = std::min(limit.hard, most);
    limit.soft = std::min(limit.soft, most);
    if (limit == wanted) continue;
    const std::string words =
        fmt::format("{} {}, not {}", name_of(limit.resource), limit_words(limit), limit_words(wanted));
    reduced.push_back(words);
    if (wish) limits.reduced_requests.push_back(words);
  }
  if (!reduced.empty()) limits.bounded = fmt::format("limits: {}: {}", joined(reduced, "; "), why_not_more(facts));
  return limits;
}

std::vector<std::string> reduced_limits(const Pod& pod, const HostFacts& facts) {
  std::vector<std::string> sentences;
  for (std::size_t i = 0; i < pod.spec.containers.size(); ++i)
    for (const std::string& words : limits_of(pod, i, facts).reduced_requests)
      sentences.push_back(
          fmt::format("container {}: limit {}: {}", pod.spec.containers[i].name, words, why_not_more(facts)));
  return sentences;
}

std::string limit_words(const ResourceLimit& limit) {
  const std::string soft = value_words(limit.resource, limit.soft);
  return limit.soft == limit.hard ? soft : soft + ":" + value_words(limit.resource, limit.hard);
}

}  // namespace podrun::pod
