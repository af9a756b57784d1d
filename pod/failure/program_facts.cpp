// Reads the first line of a script, and the header of an ELF file.
#include "pod/failure/program_facts.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

/// A little-endian number; empty where the bytes end before it.
std::optional<std::uint64_t> number_at(std::string_view bytes, std::uint64_t at, std::size_t size) {
  if (at > bytes.size() || bytes.size() - at < size) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// The offsets in the two classes of ELF files, elf(5).
struct ElfLayout {
  std::size_t word;  ///< size of an address or offset
  std::uint64_t headers, header_size, header_count;
  std::uint64_t offset, length;  ///< in a program header
};
constexpr ElfLayout elf32{4, 28, 42, 44, 4, 16}, elf64{8, 32, 54, 56, 8, 32};
constexpr std::uint64_t interpreter_header = 3;  // PT_INTERP

std::string machine_name(std::uint64_t number) {
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 8> names{{{3, "i386"},
                                                                             {21, "ppc64"},
                                                                             {22, "s390x"},
                                                                             {40, "arm"},
                                                                             {62, "x86_64"},
                                                                             {183, "aarch64"},
                                                                             {243, "riscv"},
                                                                             {258, "loongarch"}}};
  const auto* const found = std::ranges::find(names, number, &std::pair<std::uint64_t, std::string_view>::first);
  return found == names.end() ? fmt::format("machine {}", number) : std::string(found->second);
}

std::string elf_interpreter(std::string_view bytes, const ElfLayout& layout) {
  const auto headers = number_at(bytes, layout.headers, layout.word);
  const auto size = number_at(bytes, layout.header_size, 2), count = number_at(bytes, layout.header_count, 2);
  if (!headers || !size || !count || *headers > bytes.size()) return "";
  for (std::uint64_t index = 0; index < *count; ++index) {
    const std::uint64_t header = *headers + index * *size;
    const auto type = number_at(bytes, header, 4);
    if (!type) return "";
    if (*type != interpreter_header) continue;
    const auto offset = number_at(bytes, header + layout.offset, layout.word);
    const auto length = number_at(bytes, header + layout.length, layout.word);
    if (!offset || !length || *offset > bytes.size() || bytes.size() - *offset < *length) return "";
    const std::string_view path = bytes.substr(*offset, *length);
    return std::string(path.substr(0, path.find('\0')));
  }
  return "";
}

/// "#! /bin/sh -e" → "/bin/sh". A carriage return belongs to the name, as for the kernel.
std::string script_interpreter(std::string_view line) {
  line = line.substr(0, line.find('\n')).substr(2);
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  return std::string(line.substr(0, std::min(line.find_first_of(" \t"), line.size())));
}

}  // namespace

ProgramHead read_program_head(std::string_view bytes) {
  using enum ProgramHead::Format;
  if (bytes.empty()) return {.format = Empty, .interpreter = {}, .machine = {}};
  if (bytes.starts_with("#!")) return {.format = Script, .interpreter = script_interpreter(bytes), .machine = {}};
  if (!bytes.starts_with("\x7f"
                         "ELF") ||
      bytes.size() < 20)
    return {};
  const bool is_64_bit = bytes[4] == 2, is_little_endian = bytes[5] == 1;
  if (!is_little_endian) return {.format = Elf, .interpreter = {}, .machine = "a big-endian machine"};
  return {.format = Elf,
          .interpreter = elf_interpreter(bytes, is_64_bit ? elf64 : elf32),
          .machine = machine_name(number_at(bytes, 18, 2).value_or(0))};
}

}  // namespace podrun::pod
