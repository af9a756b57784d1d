// Checks the schedule of a CronJob.
#include "pod/spec/cron_schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pod/text/duration.hpp"

namespace podrun::pod {
namespace {

using namespace std::string_view_literals;

constexpr std::array months{"jan"sv, "feb"sv, "mar"sv, "apr"sv, "may"sv, "jun"sv,
                            "jul"sv, "aug"sv, "sep"sv, "oct"sv, "nov"sv, "dec"sv};
constexpr std::array days{"sun"sv, "mon"sv, "tue"sv, "wed"sv, "thu"sv, "fri"sv, "sat"sv};
constexpr std::array words{"@yearly"sv, "@annually"sv, "@monthly"sv, "@weekly"sv,
                           "@daily"sv,  "@midnight"sv, "@hourly"sv};

/// The values that one field can have. The names are those of the values from `least` on.
struct Field {
  int least;
  int most;
  std::span<const std::string_view> names{};
};
constexpr std::array fields{Field{0, 59}, Field{0, 23}, Field{1, 31}, Field{1, 12, months}, Field{0, 6, days}};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != text.npos; text.remove_prefix(std::min(text.size(), end + 1))) {
    end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == text.npos) break;
  }
  return parts;
}

std::optional<int> number_of(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<int> value_of(std::string_view text, const Field& field) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  const auto name = std::ranges::find(field.names, lower);
  if (name != field.names.end()) return field.least + static_cast<int>(name - field.names.begin());
  return number_of(text);
}

/// Whether it is "*", "5", "1-5", "mon-fri", or one of these with a step: "*/5".
bool is_range(std::string_view text, const Field& field) {
  const auto step = split(text, '/');
  if (step.size() > 2 || (step.size() == 2 && number_of(step[1]).value_or(0) == 0)) return false;
  if (step[0] == "*" || step[0] == "?") return true;
  const auto ends = split(step[0], '-');
  if (ends.size() > 2) return false;
  const auto first = value_of(ends.front(), field), last = value_of(ends.back(), field);
  return first && last && *first >= field.least && *last <= field.most && *first <= *last;
}

bool is_field(std::string_view text, const Field& field) {
  return std::ranges::all_of(split(text, ','), [&](std::string_view part) { return is_range(part, field); });
}

}  // namespace

ValueError cron_schedule(std::string_view value) {
  constexpr std::string_view every = "@every ";
  if (value.contains("TZ=")) return "must not name a time zone: the field timeZone does";
  if (value.starts_with(every))
    return parse_duration(std::string(value.substr(every.size()))) ? "" : "must have a duration such as 1h30m";
  if (value.starts_with('@'))
    return std::ranges::find(words, value) != words.end()
               ? ""
               : "must be @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly or @every DURATION";
  std::vector<std::string_view> parts = split(value, ' ');
  std::erase(parts, "");
  if (parts.size() != fields.size()) return "must be five fields, as those of crontab(5), or such as @daily";
  constexpr std::array<std::string_view, fields.size()> wrong{
      "has a wrong minute: those go from 0 to 59", "has a wrong hour: those go from 0 to 23",
      "has a wrong day of the month: those go from 1 to 31", "has a wrong month: those go from 1 to 12, or jan to dec",
      "has a wrong day of the week: those go from 0 (Sunday) to 6, or sun to sat"};
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (!is_field(parts[i], fields[i])) return wrong[i];
  return {};
}

}  // namespace podrun::pod
