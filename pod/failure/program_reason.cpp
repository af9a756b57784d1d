// Reasons why a program cannot be executed.
#include <algorithm>
#include <cerrno>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "pod/failure/reasons.hpp"
#include "pod/text/quote.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using Kind = ProgramFacts::Kind;
using Format = ProgramHead::Format;

constexpr std::uint32_t every_x = 0111;

/// "command "run.sh" (/srv/run.sh)": the word of the manifest, and where it was found if the word does not say it.
std::string subject_of(const step::Exec& exec, const ProgramFacts& program) {
  const std::string word = exec.printable({exec.argv.empty() ? "" : exec.argv.front()}).front();
  const bool tells = program.path.empty() || program.path == word;
  return fmt::format("command {}{}", in_quotes(word), tells ? "" : fmt::format(" ({})", escaped(program.path)));
}

/// Where the program is looked for: the container, or for some commands of exec the host.
std::string_view place_of(const ContainerPlan& plan) {
  const bool leaves_host = std::ranges::any_of(plan.child, [](const ChildStep& step) {
    return std::holds_alternative<step::Chroot>(step) || std::holds_alternative<step::PivotRoot>(step);
  });
  return leaves_host ? "the container" : "the host";
}

std::string search_path_of(const step::Exec& exec) {
  for (const std::string& variable : exec.printable(exec.env))
    if (variable.starts_with("PATH=")) return variable.substr(5);
  return "/bin:/usr/bin";
}

std::uint32_t user_of(const ContainerPlan& plan) {
  for (const ChildStep& step : plan.child)
    if (const auto* ids = std::get_if<step::SetIds>(&step)) return ids->uid;
  return 0;
}

/// The file is there, so its interpreter is not.
std::string interpreter_reason(const ContainerPlan& plan, const ProgramFacts& program) {
  const ProgramHead& head = program.head;
  const std::string name = escaped(head.interpreter);
  if (program.has_interpreter && !name.empty())
    return fmt::format("it asks for {}, which asks for something that {} does not have", name, place_of(plan));
  if (head.format == Format::Script && head.interpreter.ends_with('\r'))
    return fmt::format("its first line asks for \"{}\": the file has the line ends of Windows (CR LF); make them LF",
                       name);
  if (head.format == Format::Script && head.interpreter.empty()) return "its first line, \"#!\", names no interpreter";
  if (head.format == Format::Script)
    return fmt::format("its first line asks for {}, which {} does not have", name, place_of(plan));
  if (head.format == Format::Elf && !head.interpreter.empty())
    return fmt::format("it needs the dynamic loader {}, which {} does not have: it was built for other libraries", name,
                       place_of(plan));
  return "the interpreter or loader that it asks for does not exist";
}

std::string missing_reason(const ContainerPlan& plan, const step::Exec& exec, const ProgramFacts& program) {
  const bool is_searched = !exec.argv.empty() && !exec.argv.front().contains('/');
  if (program.kind == Kind::File) return interpreter_reason(plan, program);
  if (program.kind == Kind::Unknown)
    return fmt::format("{} does not have it{}, or does not have the interpreter that it asks for", place_of(plan),
                       is_searched ? fmt::format(" in PATH ({})", escaped(search_path_of(exec))) : "");
  if (is_searched)
    return fmt::format("{} does not have it in PATH ({})", place_of(plan), escaped(search_path_of(exec)));
  return fmt::format("{} has no such file", place_of(plan));
}

/// " (configMap c; its defaultMode can make it so)" for a file without x in a volume whose manifest sets the mode.
std::string mode_hint(const ContainerPlan& plan, const std::string& path) {
  const auto* const volume = volume_around(plan, plan.child.size(), path + "/.");  // or the file itself, by subPath
  const std::string label = volume == nullptr ? "" : label_of(plan, volume->tree);
  for (const std::string_view kind : {"configMap ", "secret ", "downwardAPI ", "projected "})
    if (label.starts_with(kind))
      return fmt::format("; defaultMode: 0755 of volume {} makes it so", volume_of(plan, volume->tree));
  return "";
}

std::string denied_reason(const ContainerPlan& plan, const ProgramFacts& program) {
  const std::string rights = fmt::format("mode {:04o}, owner {}", program.mode & 07777, program.uid);
  switch (program.kind) {
    case Kind::Directory:
      return "it is a directory";
    case Kind::Other:
      return "it is not a regular file";
    case Kind::File:
      break;
    case Kind::Missing:
    case Kind::Unknown:
      return fmt::format("user {} may not execute it, or may not enter a directory on the way", user_of(plan));
  }
  if ((program.mode & every_x) == 0)
    return fmt::format("it is not executable ({}){}", rights, mode_hint(plan, program.path));
  if (program.no_exec) return "it is on a volume where nothing can be executed";
  if (!program.head.interpreter.empty())
    return fmt::format("user {} may not execute it ({}) or {}, which it asks for", user_of(plan), rights,
                       escaped(program.head.interpreter));
  return fmt::format("user {} may not execute it ({}), or may not enter a directory on the way", user_of(plan), rights);
}

std::string format_reason(const ProgramHead& head) {
  if (head.format == Format::Empty) return "the file is empty";
  if (head.format == Format::Elf) return fmt::format("it is a program for {}, not for this machine", head.machine);
  return "it is neither a program for this machine nor a script whose first line is \"#!\" and an interpreter, such as "
         "#!/bin/sh";
}

std::string reason_without_subject(const ContainerPlan& plan, const step::Exec& exec, int error,
                                   const ProgramFacts& program) {
  switch (error) {
    case ENOENT:
      return missing_reason(plan, exec, program);
    case EACCES:
      return denied_reason(plan, program);
    case EPERM:
      return "the kernel does not let it be executed with these rights";
    case ENOEXEC:
      return format_reason(program.head);
    case EISDIR:
      return "the interpreter that it asks for is a directory";
    case ELIBBAD:
    case EINVAL:
      return "its file, or the loader that it asks for, is damaged";
    case ENOTDIR:
      return "a part of its path is not a directory";
    case ELOOP:
      return "links on its path, or scripts that interpret it, lead in a circle";
    case ENAMETOOLONG:
      return "its path is too long";
    case E2BIG:
      return "its arguments and variables are too long together";
    case ETXTBSY:
      return "somebody has the file open for writing";
    default:
      return "";
  }
}

}  // namespace

std::string program_reason(const ContainerPlan& plan, const step::Exec& exec, int error, const ProgramFacts& program) {
  const std::string reason = reason_without_subject(plan, exec, error, program);
  return reason.empty() ? host_reason(error) : fmt::format("{}: {}", subject_of(exec, program), reason);
}

}  // namespace podrun::pod
