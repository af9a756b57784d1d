// What the first bytes of a program say of how it is executed.
#include "pod/failure/program_facts.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace podrun::pod {
namespace {

using Format = ProgramHead::Format;

void put(std::string& bytes, std::size_t at, std::uint64_t value, std::size_t size) {
  if (bytes.size() < at + size) bytes.resize(at + size);
  for (std::size_t i = 0; i < size; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

/// An ELF file of 64 bits with two program headers, the second of which names the loader.
std::string elf(std::uint64_t machine, const std::string& loader) {
  std::string bytes(
      "\x7f"
      "ELF\x02\x01");
  put(bytes, 18, machine, 2);
  put(bytes, 32, 64, 8);  // where the headers are
  put(bytes, 54, 56, 2);  // their size
  put(bytes, 56, 2, 2);   // their number
  put(bytes, 64, 1, 4);   // PT_LOAD
  put(bytes, 120, 3, 4);  // PT_INTERP
  put(bytes, 128, 176, 8);
  put(bytes, 152, loader.size() + 1, 8);
  bytes.resize(176);
  return bytes + loader + '\0';
}

TEST(ProgramHead, AScriptNamesItsInterpreter) {
  EXPECT_EQ(read_program_head("#!/bin/bash\necho").interpreter, "/bin/bash");
  EXPECT_EQ(read_program_head("#! \t/usr/bin/env bash\n").interpreter, "/usr/bin/env");
  EXPECT_EQ(read_program_head("#!/bin/sh\r\necho\r\n").interpreter, "/bin/sh\r");
  EXPECT_EQ(read_program_head("#!").interpreter, "");
  EXPECT_EQ(read_program_head("#!/bin/sh").format, Format::Script);
}

TEST(ProgramHead, AnElfFileNamesItsLoaderAndItsMachine) {
  const ProgramHead head = read_program_head(elf(62, "/lib64/ld-linux-x86-64.so.2"));
  EXPECT_EQ(head.format, Format::Elf);
  EXPECT_EQ(head.interpreter, "/lib64/ld-linux-x86-64.so.2");
  EXPECT_EQ(head.machine, "x86_64");
  EXPECT_EQ(read_program_head(elf(183, "/lib/ld-linux-aarch64.so.1")).machine, "aarch64");
  EXPECT_EQ(read_program_head(elf(9999, "")).machine, "machine 9999");
}

TEST(ProgramHead, EveryTruncatedOrBentElfFileIsRead) {
  const std::string whole = elf(62, "/lib/ld.so");
  for (std::size_t size = 0; size <= whole.size(); ++size) (void)read_program_head(whole.substr(0, size));
  for (std::size_t at = 6; at < whole.size(); ++at)
    for (const char value : {'\x00', '\x7f', '\xff'}) {
      std::string bent = whole;
      bent[at] = value;
      EXPECT_LE(read_program_head(bent).interpreter.size(), whole.size());
    }
}

TEST(ProgramHead, OtherFilesNameNothing) {
  EXPECT_EQ(read_program_head("").format, Format::Empty);
  EXPECT_EQ(read_program_head("echo hi\n").format, Format::Other);
}

}  // namespace
}  // namespace podrun::pod
