// What is known of a program that could not be executed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace podrun::pod {

/// The beginning of a program: what it says of how it is to be executed.
struct ProgramHead {
  enum class Format : std::uint8_t {
    Empty,
    Script,  ///< begins with "#!"
    Elf,
    Other,
  };
  Format format = Format::Other;
  std::string interpreter;  ///< of a script, or the dynamic loader of an ELF file; "" if it names none
  std::string machine;      ///< for which an ELF file was built: "x86_64", "aarch64"
};

/// How many bytes of a program read_program_head() needs.
inline constexpr std::size_t program_head_bytes = 4096;

/// Reads the first bytes of a program. They come from an image or a container and may be anything.
ProgramHead read_program_head(std::string_view bytes);

/// What a look into the container's root has shown.
struct ProgramFacts {
  enum class Kind : std::uint8_t {
    Unknown,  ///< nobody could look
    Missing,
    File,
    Directory,
    Other,  ///< a device, a FIFO, a socket
  };
  Kind kind = Kind::Unknown;
  std::string path;  ///< where it is in the root
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  bool no_exec = false;  ///< it is on a mount on which nothing can be executed
  ProgramHead head{};
  bool has_interpreter = true;  ///< the interpreter of the head is in the root, too
};

}  // namespace podrun::pod
