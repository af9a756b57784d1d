// Points in time as text.
#include "supervisor/core/times.hpp"

#include <algorithm>
#include <array>

namespace podrun::supervisor {
namespace {

// A time stamp of zeros: shows where the digits are.
constexpr std::string_view blank_time = "0000-00-00T00:00:00.000000000Z";
static_assert(blank_time.size() == rfc3339_length);
struct Field {
  std::size_t at;
  std::size_t digits;
};
constexpr std::array<Field, 7> fields = {{{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 9}}};
using FieldValues = std::array<long, fields.size()>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

long read_field(std::string_view text, Field field) {
  long value = 0;
  for (const char digit : text.substr(field.at, field.digits)) value = value * 10 + (digit - '0');
  return value;
}

void write_field(std::string& text, Field field, long value) {
  for (std::size_t i = field.at + field.digits; i > field.at; value /= 10)
    text[--i] = static_cast<char>('0' + value % 10);
}

/// The offset that is written as "+01:30", "Z" or nothing.
std::optional<std::chrono::minutes> parse_offset(std::string_view text) {
  if (text.empty() || text == "Z" || text == "z") return std::chrono::minutes(0);
  constexpr std::string_view form = "+00:00";
  if (text.size() != form.size() || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  for (const std::size_t at : {1U, 2U, 4U, 5U})
    if (!is_digit(text[at])) return std::nullopt;
  const std::chrono::minutes offset(read_field(text, {1, 2}) * 60 + read_field(text, {4, 2}));
  return text[0] == '+' ? offset : -offset;
}

}  // namespace

bool has_form_of_rfc3339(std::string_view text) {
  return std::ranges::equal(text, blank_time,
                            [](char c, char form) { return is_digit(form) ? is_digit(c) : c == form; });
}

std::string rfc3339(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const FieldValues values = {static_cast<int>(date.year()),     static_cast<unsigned>(date.month()),
                              static_cast<unsigned>(date.day()), clock.hours().count(),
                              clock.minutes().count(),           clock.seconds().count(),
                              clock.subseconds().count()};
  std::string text(blank_time);
  for (std::size_t i = 0; i < fields.size(); ++i) write_field(text, fields[i], values[i]);
  return text;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  if (!has_form_of_rfc3339(text)) return std::nullopt;
  FieldValues values{};
  std::ranges::transform(fields, values.begin(), [&](Field field) { return read_field(text, field); });
  const auto [year, month, day, hour, minute, second, nanosecond] = values;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  // Nanoseconds since 1970 in 64 bits reach from 1677 to 2262; the years that are covered completely are accepted.
  if (!date.ok() || year < 1678 || year > 2261 || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::nanoseconds(nanosecond);
}

std::optional<WallTime> parse_time(std::string_view text) {
  constexpr std::size_t date_alone = 10, up_to_seconds = 19, fraction_digits = 9;
  if (text.size() == date_alone) return parse_rfc3339(std::string(text) + "T00:00:00.000000000Z");
  if (text.size() < up_to_seconds) return std::nullopt;
  std::string full(text.substr(0, up_to_seconds));
  if (full[10] == ' ' || full[10] == 't') full[10] = 'T';
  text.remove_prefix(up_to_seconds);
  std::string fraction;
  if (text.starts_with('.')) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", 1), text.size());
    if (end == 1) return std::nullopt;
    fraction = text.substr(1, std::min(end - 1, fraction_digits));
    text.remove_prefix(end);
  }
  fraction.resize(fraction_digits, '0');
  const auto offset = parse_offset(text);
  const auto time = parse_rfc3339(full + "." + fraction + "Z");
  return time && offset ? std::optional(*time - *offset) : std::nullopt;
}

}  // namespace podrun::supervisor
