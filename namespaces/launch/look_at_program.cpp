// Looks at a program that could not be executed.
#include "namespaces/launch/look_at_program.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/exec_strings.hpp"
#include "namespaces/paths/open_inside.hpp"
#include "namespaces/paths/regular_file.hpp"

namespace podrun::ns {
namespace {

template <typename Step>
const Step* find_step(const pod::ContainerPlan& plan) {
  for (const pod::ChildStep& step : plan.child)
    if (const auto* found = std::get_if<Step>(&step)) return found;
  return nullptr;
}

/// The paths at which execve(2) looks for argv[0], absolute in the root.
std::vector<std::string> candidates(const pod::ContainerPlan& plan, const pod::step::Exec& exec) {
  const auto* const working = find_step<pod::step::WorkingDirectory>(plan);
  const std::string directory = working == nullptr ? "/" : working->path;
  const auto absolute = [&](const std::string& path) { return path.starts_with('/') ? path : directory + "/" + path; };
  const std::string& name = exec.argv.front();
  if (name.contains('/')) return {absolute(name)};
  std::vector<std::string> paths;
  std::string_view rest = ExecStrings(exec).search_path();
  for (bool more = true; more;) {
    const std::size_t end = rest.find(':');
    const std::string place(rest.substr(0, end));
    paths.push_back(absolute(place.empty() ? name : place + "/" + name));
    more = end != rest.npos;
    if (more) rest.remove_prefix(end + 1);
  }
  return paths;
}

pod::ProgramFacts::Kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return pod::ProgramFacts::Kind::File;
  return S_ISDIR(mode) ? pod::ProgramFacts::Kind::Directory : pod::ProgramFacts::Kind::Other;
}

pod::ProgramHead head_of(const Fd& place) {
  const auto file = open_regular(place, O_RDONLY);
  if (!file) return {};
  char bytes[pod::program_head_bytes];
  const ssize_t length = ::read(file->get(), bytes, sizeof bytes);
  return length < 0 ? pod::ProgramHead{}
                    : pod::read_program_head(std::string_view(bytes, static_cast<std::size_t>(length)));
}

}  // namespace

pod::ProgramFacts look_at_program(int root, const pod::ContainerPlan& plan) {
  using Kind = pod::ProgramFacts::Kind;
  const auto* const exec = find_step<pod::step::Exec>(plan);
  if (exec == nullptr || exec->argv.empty()) return {};
  for (const std::string& path : candidates(plan, *exec)) {
    const Fd place(open_inside(root, path.c_str(), O_PATH));
    struct stat status {};
    if (!place || ::fstat(place.get(), &status) < 0) continue;
    pod::ProgramFacts facts{
        .kind = kind_of(status.st_mode), .path = path, .mode = status.st_mode, .uid = status.st_uid};
    struct statvfs mount {};
    facts.no_exec = ::fstatvfs(place.get(), &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
    if (facts.kind == Kind::File) facts.head = head_of(place);
    if (!facts.head.interpreter.empty())
      facts.has_interpreter = static_cast<bool>(Fd(open_inside(root, facts.head.interpreter.c_str(), O_PATH)));
    return facts;
  }
  return {.kind = Kind::Missing, .path = {}};
}

pod::ProgramFacts look_at_program_in_cell(int cells, const pod::ContainerPlan& plan) {
  const auto* const attached = find_step<pod::step::AttachRoot>(plan);
  if (attached == nullptr) return {};
  const Fd root(::openat(cells, attached->cell.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return root ? look_at_program(root.get(), plan) : pod::ProgramFacts{};
}

}  // namespace podrun::ns
